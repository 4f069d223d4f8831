//! What people read.

use std::path::PathBuf;

use clap::Parser;
use domain::target::RoutingStatus;

use super::{explain, show_mapping};
use crate::arguments::{Arguments, Command, Mapping};
use crate::exit::{Exit, Failed};

const RULES: &str = r#"
[[rule]]
name = "coaching"
when = { message = "Coaching", group = "Training" }
presence = "Meeting"

[[rule]]
name = "late shift"
when = { group = "Late Shift" }
presence = "Late Shift"
routing = "IDLE"
"#;

fn answer(words: &[&str]) -> Result<String, Failed> {
    let words = std::iter::once("presence-bridge").chain(words.iter().copied());
    match Arguments::try_parse_from(words).unwrap().command {
        Command::Explain(arguments) => crate::complete(explain(&arguments)),
        Command::Mapping(Mapping::Show(arguments)) => show_mapping(&arguments),
        other => panic!("{other:?}"),
    }
}

/// With the rules in a file, whose folder does not show in the answer.
fn with_rules(words: &[&str], rules: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("rules.toml");
    std::fs::write(&path, rules).unwrap();
    let file = path.display().to_string();
    let words: Vec<&str> = words.iter().copied().chain(["-m", &file]).collect();
    let hidden = format!("{}/", folder.path().display());
    match answer(&words) {
        Ok(text) => Ok(text.replace(&hidden, "")),
        Err(failed) => {
            assert_eq!(failed.exit, Exit::Configuration);
            Err(failed.story(false).replace(&hidden, ""))
        }
    }
}

#[test]
fn at_lunch_is_a_break_as_printed_and_nearly_a_meal() {
    insta::assert_snapshot!(answer(&["explain", "at lunch"]).unwrap());
}

#[test]
fn out_of_office_is_told_with_the_presence_below_it() {
    insta::assert_snapshot!(answer(&["explain", "On Vacation."]).unwrap());
}

#[test]
fn on_queue_has_a_routing_status_for_each_situation() {
    insta::assert_snapshot!(answer(&["explain", "Available"]).unwrap());
}

#[test]
fn an_agent_who_did_not_answer_is_not_responding() {
    insta::assert_snapshot!(answer(&["explain", "AcdAgentNotAnswering"]).unwrap());
}

#[test]
fn after_call_work_is_interacting() {
    let text = answer(&["explain", "--message", "Wrap-up", "--acw"]).unwrap();
    assert!(text.contains(RoutingStatus::Interacting.name()), "{text}");
}

#[test]
fn an_own_rule_is_named_with_its_line() {
    let flags = ["explain", "--message", "Coaching", "--group", "training", "--dnd"];
    insta::assert_snapshot!(with_rules(&flags, RULES).unwrap());
}

#[test]
fn a_presence_of_the_organisation_is_said_to_be_looked_up_later() {
    let text = with_rules(&["explain", "--group", "Late Shift"], RULES).unwrap();
    assert!(text.contains("looked up when the service starts"), "{text}");
    assert!(text.contains("Late Shift"), "{text}");
}

#[test]
fn programs_get_json() {
    insta::assert_snapshot!(answer(&["explain", "At Lunch", "--precedence", "message-first", "--json"]).unwrap());
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest_ones() {
    let failed = answer(&["explain", "At Luncg"]).unwrap_err();
    assert_eq!(failed.exit, Exit::Usage);
    assert!(failed.story(false).contains("did you mean \"At Lunch\""), "{failed:?}");
    let failed = answer(&["explain", "xyz"]).unwrap_err();
    assert!(failed.story(false).contains("\"Gone Home\""), "{failed:?}");
}

#[test]
fn the_rules_are_shown_in_their_order() {
    insta::assert_snapshot!(with_rules(&["mapping", "show"], RULES).unwrap());
}

#[test]
fn the_rules_are_shown_to_programs() {
    let text = answer(&["mapping", "show", "--json"]).unwrap();
    let rows: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 9);
    assert_eq!(rows[8]["presence"], "Available");
}

#[test]
fn mistakes_in_rules_are_told_with_their_places() {
    let wrong = "[[rule]]\nname = \"a\"\nwhen = \"always\"\npresense = \"Meal\"\n";
    let story = with_rules(&["mapping", "show"], wrong).unwrap_err();
    assert!(story.contains("rules.toml:4:1"), "{story}");
    let missing = answer(&["mapping", "show", "-m", "/nowhere/rules.toml"]).unwrap_err();
    assert_eq!(missing.exit, Exit::Configuration);
}
