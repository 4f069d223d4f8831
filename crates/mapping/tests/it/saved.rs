//! Catalogues in files: read back as they were written, and every mistake told with its place.

use domain::source::{Catalogue, StatusMessage};
use mapping::{SavedCatalogue, Source, codes, default_catalogue};

use crate::scene::{dnd, system};

fn saved(catalogue: Catalogue) -> SavedCatalogue {
    SavedCatalogue {
        host: Some("cic1.example.com".to_owned()),
        release: Some("2020 R3".to_owned()),
        saved: "2026-03-02T08:00:00Z".parse().expect("a time"),
        catalogue,
    }
}

/// Place, code and message of everything that is wrong.
fn wrong(text: &str) -> Vec<String> {
    let errors = SavedCatalogue::parse(Source { name: "saved.json", text }).expect_err("it has mistakes");
    for error in &errors {
        assert!(text.get(error.span.clone()).is_some() && !error.help.is_empty(), "{error:?}");
    }
    errors
        .into_iter()
        .map(|error| format!("{}:{} {} {}", error.line, error.column, error.code, error.message))
        .collect()
}

#[test]
fn a_catalogue_is_read_as_it_was_written() {
    let strange = StatusMessage { text: "Déjeuner \"\\\n\u{1F374}".to_owned(), ..dnd("Custom, 7", "") };
    for catalogue in [Catalogue::default(), default_catalogue(), system([strange])] {
        let written = saved(catalogue);
        let text = written.write();
        assert_eq!(SavedCatalogue::parse(Source { name: "saved.json", text: &text }), Ok(written), "{text}");
    }
    let unknown = SavedCatalogue { host: None, release: None, ..saved(default_catalogue()) };
    let text = unknown.write();
    assert_eq!(SavedCatalogue::parse(Source { name: "saved.json", text: &text }), Ok(unknown));
}

#[test]
fn the_file_has_a_status_in_each_line() {
    insta::assert_snapshot!(saved(default_catalogue().iter().take(2).cloned().collect()).write());
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_its_place() {
    let text = r#"{
  "format": "presence-bridge-catalogue",
  "version": 1,
  "host": 7,
  "release": false,
  "saved": "yesterday",
  "remark": "ours",
  "statuses": [
    {"id": "At Lunch", "text": "At Lunch", "group": "Break", "acd": false, "acw": false, "dnd": "yes"},
    {"id": " ", "text": "Nothing", "group": "Break", "acd": false, "acw": false, "dnd": false},
    {"id": "Play", "text": "Play", "grup": "Break", "acd": false, "acw": false, "dnd": false},
    {"id": "Desk", "text": "Desk", "text": "Desk", "group": "Break", "acd": false, "acw": false, "dnd": false},
    {"id": "DESK", "text": "Desk", "group": "Break", "acd": false, "acw": false, "dnd": false},
    "Gone Home"
  ]
}
"#;
    insta::assert_snapshot!(wrong(text).join("\n"));
}

#[test]
fn what_is_no_saved_catalogue_is_told_in_one_sentence() {
    let one = |text: &str| {
        let mut told = wrong(text);
        assert_eq!(told.len(), 1, "{told:?}");
        told.remove(0)
    };
    assert!(one("").starts_with("1:1 mapping::syntax not JSON: EOF"));
    assert!(one("{\n  \"format\": é\n}").starts_with("2:13 mapping::syntax not JSON: expected value"));
    assert!(one("[[rule]]").contains(codes::SYNTAX));
    for other in ["[]", "7", "{}"] {
        assert!(one(other).starts_with("1:1 mapping::not-a-catalogue"), "{other}");
    }
    assert!(one("{\"format\": \"something else\", \"more\": 1}").contains(codes::NOT_A_CATALOGUE));
    let newer = saved(default_catalogue()).write().replace("\"version\": 1", "\"version\": 2");
    assert!(one(&newer).starts_with("3:14 mapping::unknown-version"));
    let half = saved(default_catalogue()).write();
    assert!(one(&half[..half.len() / 2]).contains(codes::SYNTAX));
}

#[test]
fn a_text_that_is_no_unicode_is_not_taken_for_one() {
    let broken = saved(default_catalogue()).write().replace("\"Gone Home\",\"text\"", "\"\\ud800\",\"text\"");
    let told = wrong(&broken);
    assert!(told[0].contains("expected a text, found one that is not Unicode"), "{told:?}");
}
