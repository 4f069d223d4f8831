//! What people and programs read of the lint.

use std::path::Path;

use clap::Parser;
use domain::ids::StatusId;
use domain::source::StatusMessage;
use mapping::{Kind, SavedCatalogue, default_catalogue};

use super::lint;
use crate::arguments::{Arguments, Command, Mapping};
use crate::exit::{Exit, Failed};

const RULES: &str = r#"
[[rule]]
name = "breaks"
when = { group = "Break" }
presence = "Break"

[[rule]]
name = "long breaks"
when = { message = "At Lunch", dnd = true }
presence = "Meal"

[[rule]]
name = "night shift"
when = { group = "Unavailable", acd = true }
presence = "Busy"
"#;

/// A system in which everything is odd that can be.
fn odd() -> SavedCatalogue {
    let status = |id: &str, text: &str, group: &str, boxes: [bool; 3]| StatusMessage {
        id: StatusId::new(id),
        text: text.to_owned(),
        group: group.to_owned(),
        allows_acd: boxes[0],
        after_call_work: boxes[1],
        do_not_disturb: boxes[2],
    };
    let odd = [
        status("Do Not disturb", "Do Not Disturb", "Back Office", [false, false, true]),
        status("Gone Home", "Gone Home", "Training", [false, false, true]),
        status("Callbacks", "Callbacks", "Available", [true, false, true]),
        status("Coaching", "Coaching", "Available", [false, false, false]),
        status("Custom1", "coaching.", "Available", [false, false, true]),
        status("AcdAgentNotAnswering", "ACD - Agent Not Answering", "Unavailable", [false, false, false]),
    ];
    SavedCatalogue {
        host: Some("cic1".to_owned()),
        release: None,
        saved: "2026-03-02T08:00:00Z".parse().unwrap(),
        catalogue: default_catalogue().iter().cloned().chain(odd).collect(),
    }
}

/// The answer on that system with these rules, in a folder that does not show.
fn answer(words: &[&str], rules: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (saved, rules) = (file("saved.json", &odd().write()), file("rules.toml", rules));
    let all = ["mapping", "lint", "--catalogue", &saved, "-m", &rules].into_iter().chain(words.iter().copied());
    let hidden = |text: String, folder: &Path| text.replace(&format!("{}/", folder.display()), "");
    match lints(all) {
        Ok(text) => Ok(hidden(text, folder.path())),
        Err(failed) => {
            assert_eq!(failed.exit, Exit::Configuration);
            Err(hidden(failed.story(false), folder.path()))
        }
    }
}

fn lints<'w>(words: impl Iterator<Item = &'w str>) -> Result<String, Failed> {
    let words = std::iter::once("presence-bridge").chain(words);
    match Arguments::try_parse_from(words).unwrap().command {
        Command::Mapping(Mapping::Lint(arguments)) => crate::complete(lint(&arguments)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn people_read_each_kind_with_what_it_is_about_and_what_to_do() {
    insta::assert_snapshot!(answer(&[], RULES).unwrap());
}

#[test]
fn programs_get_every_finding_with_its_data() {
    let told: serde_json::Value = serde_json::from_str(&answer(&["--json"], RULES).unwrap()).unwrap();
    let findings = told["findings"].as_array().unwrap();
    let of = |code: &str| findings.iter().filter(|finding| finding["code"] == code).collect::<Vec<_>>();
    // No workgroup is known that names a missing status.
    let never = [Kind::NoAnswerMissing];
    for kind in Kind::ALL.into_iter().filter(|kind| !never.contains(kind)) {
        assert!(!of(kind.code()).is_empty(), "{} is missing in {told:#}", kind.code());
    }
    let [elsewhere] = of("dnd-outside-unavailable")[..] else { panic!("{told:#}") };
    assert_eq!(elsewhere["statuses"][0], "Do Not disturb");
    assert_eq!(elsewhere["becomes"]["presence"], "Away");
    let shadowed = of("rule-never-fires")[0];
    assert_eq!((&shadowed["rule"], &shadowed["shadowed_by"][0]), (&"long breaks".into(), &"breaks".into()));
    let home = of("edited-standard-status").into_iter().find(|found| found["statuses"][0] == "Gone Home").unwrap();
    assert_eq!(home["differences"][0]["property"], "group");
    assert_eq!((&home["becomes"]["presence"], &home["shipped"]["presence"]), (&"Training".into(), &"Away".into()));
    assert_eq!(told["catalogue"]["host"], "cic1");
}

#[test]
fn where_nothing_is_odd_that_is_said() {
    let text = lints("mapping lint --precedence message-first".split(' ')).unwrap();
    assert!(text.contains("18 status messages that PureConnect comes with") && text.contains("At Lunch"), "{text}");
    let own = "[[rule]]\nname = 'lunch'\nwhen = { message = 'At Lunch' }\npresence = 'Meal'\n";
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.toml");
    std::fs::write(&rules, own).unwrap();
    let text = lints(["mapping", "lint", "-m", rules.to_str().unwrap()].into_iter()).unwrap();
    assert!(text.ends_with("Nothing about them looks unintended.\n"), "{text}");
}

#[test]
fn a_name_that_the_system_does_not_have_is_a_mistake_with_its_place() {
    let wrong = "[[rule]]\nname = 'lunch'\nwhen = { message = 'At Lumch' }\npresence = 'Meal'\n";
    let story = answer(&[], wrong).unwrap_err();
    assert!(story.contains("rules.toml:3:") && story.contains("did you mean \"At Lunch\"?"), "{story}");
}
