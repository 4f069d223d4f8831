//! The three forms of the list, as pages to read.

use jiff::tz::{TimeZone, offset};
use serde_json::Value;

use super::super::list::tests::{agent, lost, part};
use super::super::list::{List, Part, Wanted};
use super::{csv, json, table};
use crate::control::told::{Agent, OutOfOffice, Reason, State, Status, Values};

fn crew() -> Vec<Agent> {
    let values = |presence: &str, routing: Option<&str>| Values {
        presence: Some(presence.to_owned()),
        routing: routing.map(str::to_owned),
        ..Values::default()
    };
    let status = |id: &str| Some(Status { id: id.to_owned(), since: None, until: None, logged_in: true });
    vec![
        agent("ada"),
        Agent { wanted: values("Break", None), state: State::Pending, pending: 2, ..agent("ben") },
        lost("cleo", Reason::NoSuchUser),
        Agent { email: None, ..lost("dora", Reason::NoEmail) },
        Agent {
            name: "渡辺 \u{1b}[31m翔".to_owned(),
            state: State::Error,
            reason: Some(Reason::Refused),
            error: Some("bad.request: no such presence".to_owned()),
            not_shown: Some("INTERACTING".to_owned()),
            ..agent("eve")
        },
        Agent {
            name: "=1+1".to_owned(),
            state: State::Error,
            reason: Some(Reason::UnknownStatus),
            status: status("Coaching"),
            message: None,
            told: Values {
                out_of_office: Some(OutOfOffice { active: true, until: None }),
                ..values("Away", Some("OFF_QUEUE"))
            },
            ..agent("finn")
        },
    ]
}

fn list() -> List {
    List::new(vec![part(crew())], &Wanted::default())
}

fn east() -> TimeZone {
    TimeZone::fixed(offset(1))
}

#[test]
fn the_table_is_readable_as_a_page() {
    insta::assert_snapshot!(table(&list(), &east()));
}

#[test]
fn a_part_of_it_says_so_and_totals_are_of_all() {
    let wanted = Wanted { state: Some(State::NotSynced), ..Wanted::default() };
    let notes = vec!["Delivery is frozen: 3 agents where there were 40.".to_owned()];
    let list = List::new(vec![Part { notes, ..part(crew()) }], &wanted);
    insta::assert_snapshot!(table(&list, &TimeZone::UTC));
}

#[test]
fn several_links_have_a_column_and_an_empty_list_none() {
    let north = Part { link: "north".to_owned(), ..part(vec![agent("ada")]) };
    let both = List::new(vec![north, part(vec![agent("ada")])], &Wanted::default());
    let told = table(&both, &TimeZone::UTC);
    assert!(told.lines().nth(1).unwrap().starts_with("Synced  north    ada"), "{told}");
    assert!(told.lines().nth(2).unwrap().starts_with("Synced  default  ada"), "{told}");
    assert_eq!(table(&List::new(vec![part(Vec::new())], &Wanted::default()), &TimeZone::UTC), "No users.\n");
}

#[test]
fn columns_are_as_wide_as_the_terminal_shows_them_and_nothing_moves_the_cursor() {
    let told = table(&list(), &east());
    assert!(!told.contains('\u{1b}'), "{told:?}");
    let at = |line: &str, words: &str| unicode_width::UnicodeWidthStr::width(&line[..line.find(words).unwrap()]);
    let lines: Vec<&str> = told.lines().collect();
    let (wide, narrow) =
        (lines.iter().find(|line| line.contains("渡辺")), lines.iter().find(|line| line.contains("ada")));
    assert_eq!(at(wide.unwrap(), "eve@"), at(narrow.unwrap(), "ada@"));
}

#[test]
fn the_csv_is_what_a_spreadsheet_reads_and_no_formula_is_in_it() {
    let told = csv(&list()).unwrap();
    assert!(told.lines().count() == 7 && told.matches("\r\n").count() == 7, "{told}");
    let mut reader = csv::Reader::from_reader(told.as_bytes());
    let heading = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let cell =
        |row: &csv::StringRecord, name: &str| row[heading.iter().position(|column| column == name).unwrap()].to_owned();
    let finn = rows.iter().find(|row| cell(row, "user_id") == "finn").unwrap();
    assert_eq!(cell(finn, "name"), "'=1+1");
    assert_eq!((cell(finn, "reason"), cell(finn, "out_of_office")), ("unknown-status".to_owned(), "yes".to_owned()));
    assert_eq!(cell(finn, "last_success"), "2026-03-02T08:00:10Z");
    for row in &rows {
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])), "{row:?}");
    }
    for formula in ["=A1", "+1", "-1", "@SUM(A1)", "\t=A1", "\r=A1", "\n=A1", "＝A1"] {
        assert_eq!(super::harmless(formula), format!("'{formula}"));
    }
    assert_eq!(super::harmless("o'hara-smith"), "o'hara-smith");
}

#[test]
fn the_json_is_one_object_with_totals_and_users() {
    let at = "2026-03-02T09:00:00Z".parse().unwrap();
    let told: Value = serde_json::from_str(&json(&list(), at).unwrap()).unwrap();
    assert_eq!(told["totals"]["users"], 6);
    assert_eq!(told["totals"]["states"]["not-synced"], 2);
    assert_eq!(told["links"][0]["totals"]["reasons"]["no-email"], 1);
    let users = told["users"].as_array().unwrap();
    assert_eq!(users.len(), 6);
    assert_eq!(
        (&users[0]["agent"], &users[0]["state"], &users[0]["reason"]),
        (&"eve".into(), &"error".into(), &"refused".into())
    );
    assert_eq!((&users[0]["link"], &users[0]["why"]), (&"default".into(), &"bad.request: no such presence".into()));
    let empty: Value =
        serde_json::from_str(&json(&List::new(vec![part(Vec::new())], &Wanted::default()), at).unwrap()).unwrap();
    assert_eq!(empty["users"], serde_json::json!([]));
}

#[test]
fn a_hundred_thousand_users_are_listed_in_every_form() {
    let agents = (0..100_000).map(|number| agent(&format!("agent.{number}"))).collect();
    let list = List::new(vec![part(agents)], &Wanted { text: Some("agent.9".to_owned()), ..Wanted::default() });
    assert_eq!((list.totals.users, list.rows.len()), (100_000, 11_111));
    assert_eq!(table(&list, &TimeZone::UTC).lines().filter(|line| line.starts_with("Synced")).count(), 11_111);
    assert_eq!(csv(&list).unwrap().lines().count(), 11_112);
    let told: Value = serde_json::from_str(&json(&list, jiff::Timestamp::UNIX_EPOCH).unwrap()).unwrap();
    assert_eq!(told["users"].as_array().unwrap().len(), 11_111);
}
