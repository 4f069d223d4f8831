//! Agents whose cloud users are named by hand.

use std::fs;

use domain::ids::AgentId;
use replicator::options::CloudKey;

use super::{bad, folder, read, with};

const CSV: &str = "match_csv = \"users.csv\"";

#[test]
fn the_table_counts_more_than_the_csv_file() {
    let folder = folder();
    let csv = "\u{feff}User,Agent\r\n\"one@example.com\",jane\r\n5b4f8a3e-5f7e-4a55-9a57-1d4c4f3a3b2c,john\r\n";
    fs::write(folder.path().join("users.csv"), csv).unwrap();
    let text = with("users", &format!("{CSV}\nmatch = {{ \"JANE\" = \"two@example.com\" }}"));
    let (config, _) = read(&folder, &text).unwrap();
    let table = &config.options.matching.table;
    assert_eq!(table[&AgentId::new("jane")], CloudKey::Email("two@example.com".to_owned()));
    assert!(matches!(table[&AgentId::new("john")], CloudKey::Id(_)));
}

#[test]
fn every_wrong_line_of_the_csv_file_is_told() {
    let folder = folder();
    let csv = "agent,user\njane,jane@example.com\njohn,nobody\n,jane@example.com\na,b,c\nJane,x@example.com\n";
    fs::write(folder.path().join("users.csv"), csv).unwrap();
    let story = read(&folder, &with("users", CSV)).map(|_| ()).unwrap_err();
    for place in ["users.csv:3:1", "users.csv:4:1", "users.csv:5:1", "users.csv:6:1"] {
        assert!(story.contains(place), "{place} in {story}");
    }
}

#[test]
fn a_csv_file_without_the_two_columns_is_told() {
    let folder = folder();
    fs::write(folder.path().join("users.csv"), "name,mail\n").unwrap();
    let story = read(&folder, &with("users", CSV)).map(|_| ()).unwrap_err();
    assert!(story.contains("columns agent and user"), "{story}");
}

#[test]
fn what_names_no_user_or_an_agent_twice_is_refused() {
    let nobody = bad(&with("users", "match = { \"jane\" = \"nobody\" }"));
    assert!(nobody.contains("neither an e-mail address nor a user id"), "{nobody}");
    let twice = bad(&with("users", "match = { \"jane\" = \"a@b.c\", \"Jane\" = \"a@b.c\" }"));
    assert!(twice.contains("is there twice"), "{twice}");
}
