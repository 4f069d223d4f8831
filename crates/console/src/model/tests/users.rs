//! An administrator looks who in PureConnect is nobody in Genesys Cloud, and why.

use replicator::engine::{AgentReport, SyncState, Unmatched};

use crate::board::LinkBoard;
use crate::model::{self, UserQuery};
use crate::samples::{agent, nobody, picture};
use crate::shown::{Count, Reason, State, UserPage, spreadsheet};

fn crew() -> LinkBoard {
    picture(vec![
        agent("ada"),
        AgentReport { state: SyncState::Pending, ..agent("ben") },
        nobody("cleo", Unmatched::NotFound),
        AgentReport { email: None, ..nobody("dora", Unmatched::NoEmail) },
        AgentReport { state: SyncState::Error, error: Some("409 conflict".to_owned()), ..agent("eve") },
        AgentReport { display_name: "=cmd()".to_owned(), ..nobody("finn", Unmatched::Inactive) },
    ])
}

fn asked(query: &str) -> UserPage {
    let uri = format!("/users?{query}").parse().unwrap();
    let axum::extract::Query(query) = axum::extract::Query::<UserQuery>::try_from_uri(&uri).unwrap();
    model::users(&crew(), &query)
}

fn ids(page: &UserPage) -> Vec<&str> {
    page.users.iter().map(|user| user.agent.as_str()).collect()
}

#[test]
fn problems_come_first_each_with_what_it_is_and_what_to_do() {
    let page = asked("");
    assert_eq!(ids(&page), ["eve", "dora", "cleo", "finn", "ben", "ada"]);
    let [eve, dora, _, _, ben, ada] = &page.users[..] else { panic!("there are six") };
    assert_eq!(
        (eve.state, eve.reason, eve.why.as_deref()),
        (State::Error, Some(Reason::Refused), Some("409 conflict"))
    );
    assert!(eve.advice.as_deref().unwrap().contains("permission"));
    assert_eq!(dora.why.as_deref(), Some("no e-mail in PureConnect"));
    assert!(dora.advice.as_deref().unwrap().contains("Interaction Administrator"));
    assert_eq!(ben.why.as_deref(), Some("being compared with Genesys Cloud"));
    assert_eq!((&ada.why, &ada.advice), (&None, &None));
}

#[test]
fn the_list_can_be_narrowed_and_what_all_amount_to_stays() {
    assert_eq!(ids(&asked("set=not-matched")), ["dora", "cleo", "finn"]);
    assert_eq!(ids(&asked("set=matched")), ["eve", "ben", "ada"]);
    assert_eq!(ids(&asked("reason=no-email")), ["dora"]);
    assert_eq!(ids(&asked("state=not-synced&search=cleo")), ["cleo"]);
    assert_eq!(ids(&asked("workgroup=Nowhere")), [""; 0]);
    let page = asked("set=not-matched&limit=2&page=2");
    assert_eq!((ids(&page), page.page.pages, page.page.found, page.page.total), (vec!["finn"], 2, 3, 6));
    assert_eq!((page.counts.matched, page.counts.not_matched), (3, 3));
    let count = |value: &str, agents| Count { value: value.to_owned(), agents };
    assert_eq!(page.counts.state, [count("error", 1), count("not-synced", 3), count("pending", 1), count("synced", 1)]);
    let reasons = [("refused", 1), ("no-email", 1), ("no-such-user", 1), ("inactive", 1)];
    assert_eq!(page.counts.reason, reasons.map(|(value, agents)| count(value, agents)));
}

#[test]
fn every_reason_has_words_and_advice_of_its_own() {
    for of in [|reason: Reason| reason.words(), |reason: Reason| reason.advice(), |reason: Reason| reason.name()] {
        let mut said = Reason::ALL.map(of).to_vec();
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), Reason::ALL.len());
    }
    for reason in Reason::ALL {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
    }
    for state in State::ALL {
        assert_eq!(serde_json::to_value(state).unwrap(), state.name());
    }
}

#[test]
fn a_file_for_spreadsheets_has_all_that_is_found_whatever_the_page() {
    let query = UserQuery { set: Some(model::UserSet::NotMatched), limit: Some(1), ..UserQuery::default() };
    let link = crew();
    let file = spreadsheet::csv(model::USER_COLUMNS, model::user_rows(&link, &query));
    let lines: Vec<&str> = file.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("user_id,name,email,workgroups,genesys_cloud_user_id,state,reason,why,"), "{file}");
    assert!(lines[1].starts_with("dora,Dora Example,,Sales,,Not synced,no-email,no e-mail in PureConnect,"), "{file}");
    assert!(lines[3].starts_with("finn,'=cmd(),"), "a name is no formula: {file}");
}
