//! What stands in a URL, and what does not.

use axum::extract::Query;

use crate::model::{AgentQuery, UserQuery, UserSet};

fn read(query: &str) -> Result<AgentQuery, String> {
    let uri = format!("/agents?{query}").parse().unwrap();
    Query::try_from_uri(&uri).map(|Query(query)| query).map_err(|error| error.body_text())
}

#[test]
fn a_query_is_what_its_url_says() {
    for query in [
        "",
        "search=ada%20%26%20ben",
        "presence=On%20Queue&routing=NOT%5FRESPONDING&state=not%2Dsynced&reason=several%2Dusers",
        "workgroup=Caf%C3%A9%20Nord&sort=%2Dsince&page=3&limit=100",
    ] {
        assert_eq!(read(query).unwrap().to_url(), query);
    }
    let users = UserQuery { set: Some(UserSet::NotMatched), page: Some(2), ..UserQuery::default() };
    assert_eq!(users.to_url(), "set=not%2Dmatched&page=2");
}

#[test]
fn what_nothing_is_called_is_refused_with_what_there_is() {
    for (query, told) in [
        ("presence=Lurking", "\"Lurking\" is not a presence"),
        ("routing=ACW", "\"ACW\" is not a routing status"),
        ("state=fine", "\"fine\" is not a synchronisation state"),
        ("reason=fate", "\"fate\" is not a reason"),
        ("sort=height", "`since`"),
        ("page=two", "invalid digit"),
    ] {
        let refusal = read(query).unwrap_err();
        assert!(refusal.contains(told), "{query}: {refusal}");
    }
}

#[test]
fn blanks_around_a_text_are_nothing() {
    assert_eq!(
        read("search=++ada++&workgroup=+").unwrap(),
        AgentQuery { search: Some("ada".to_owned()), ..AgentQuery::default() }
    );
}
