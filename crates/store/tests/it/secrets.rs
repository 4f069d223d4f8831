//! The password in the URL of a PostgreSQL server is in no message, however the server is out of reach.

use std::error::Error;

use store::{Location, Options, Reader, Store};

use crate::place::{FOR_EVER, Place, chain, now, server};

const PLANTED: &str = "canary-7f3a";

/// Everything that can be printed of a failure.
fn all_of(failure: &(dyn Error + 'static)) -> String {
    let mut text = format!("{} {failure:?}", chain(failure));
    let mut cause = failure.source();
    while let Some(error) = cause {
        text = format!("{text} {error:?}");
        cause = error.source();
    }
    text
}

#[tokio::test]
async fn no_failure_shows_the_password() {
    let server = server();
    let (_, host) = server.split_once('@').unwrap();
    let host = host.split('/').next().unwrap();
    let urls = [
        format!("postgres://presence:{PLANTED}@{host}/postgres"),
        format!("postgres://presence:{PLANTED}@127.0.0.1:1/postgres"),
        format!("postgres://presence:{PLANTED}@no-such-host.invalid/postgres"),
        format!("postgres://presence:{PLANTED}@{host}/postgres?sslmode={PLANTED}"),
        format!("postgres://presence:{PLANTED}@{host}/postgres?sslrootcert=%FF{PLANTED}"),
        format!("postgres://presence:{PLANTED}@[{host}/postgres"),
        format!("mysql://presence:{PLANTED}@{host}/postgres"),
        format!("presence:{PLANTED}"),
    ];
    for url in urls {
        let location = Location::Postgres(url.clone().into());
        let options = Options { location: location.clone(), link: "main".to_owned(), retention: FOR_EVER };
        let shown = format!("{location} {location:?} {options:?}");
        assert!(!shown.contains(PLANTED), "{shown}");
        let opened = Store::open(options, now()).await.unwrap_err();
        let read = Reader::open(&location, "main").await.unwrap_err();
        for failure in [opened, read] {
            let said = all_of(&failure);
            assert!(!said.contains(PLANTED), "{url}: {said}");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_server_is_said() {
    let server = server();
    let (_, host) = server.split_once('@').unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    let host = host.split('/').next().unwrap();
    let cases = [
        (format!("postgres://presence:wrong@{host}/postgres"), "the server refuses the user name or the password"),
        (format!("{base}/no_such_database"), "the server has no such database; create it"),
        ("postgres://presence:x@127.0.0.1:1/postgres".to_owned(), "the server does not answer"),
        (format!("{base}/postgres?sslmode=perhaps"), "its URL cannot be understood"),
    ];
    for (url, expected) in cases {
        let location = Location::Postgres(url.into());
        let failure = Reader::links(&location).await.unwrap_err();
        assert!(failure.to_string().ends_with(expected), "{failure}");
    }
}

#[tokio::test]
async fn a_journal_that_was_lost_does_not_show_it_either() {
    let place = Place::postgres().await;
    let store = place.open().await;
    place.end_sessions().await;
    let failure = store.journal().record(vec![crate::entries::alive(1)]).await.unwrap_err();
    let said = all_of(&failure);
    let password = server().split(['/', ':', '@']).nth(4).unwrap().to_owned();
    assert!(password.len() > 5 && !said.contains(&password), "{said}");
    drop(store);
}
