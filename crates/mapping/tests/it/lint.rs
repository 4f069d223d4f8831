//! What is worth a second look, told as an administrator meets it.

use std::collections::BTreeSet;

use domain::ids::StatusId;
use domain::source::{Catalogue, StatusMessage};
use mapping::{By, Finding, Kind, Property, Rules, Silence, default_catalogue, default_no_answer, lint};

use crate::scene::{MESSAGE_FIRST, PRINTED, dnd, rules, shipped, status, system};

fn found(rules: &Rules, catalogue: &Catalogue) -> Vec<Finding> {
    lint(rules, catalogue, &default_no_answer())
}

/// Kind and statuses of everything that is found in a system with these beside or in place of what is shipped; that
/// `At Lunch` depends on the precedence is known and left out.
fn found_with(more: impl IntoIterator<Item = StatusMessage>) -> Vec<String> {
    told(&found(&Rules::built_in(PRINTED), &system(more)))
}

fn told(findings: &[Finding]) -> Vec<String> {
    let line = |finding: &Finding| {
        let ids: Vec<&str> = finding.statuses().into_iter().map(StatusId::as_str).collect();
        format!("{}: {}", finding.kind().code(), ids.join(", "))
    };
    findings.iter().map(line).filter(|line| line != "precedence-matters: At Lunch").collect()
}

#[test]
fn as_it_is_shipped_only_lunch_depends_on_the_precedence() {
    let catalogue = default_catalogue();
    for options in [PRINTED, MESSAGE_FIRST] {
        let findings = found(&Rules::built_in(options), &catalogue);
        let [Finding::PrecedenceMatters { printed, message_first }] = findings.as_slice() else {
            panic!("{findings:#?}");
        };
        assert_eq!(printed.status.text, "At Lunch");
        assert_eq!((printed.presence.as_str(), message_first.presence.as_str()), ("Break", "Meal"));
        assert_eq!(&*message_first.mapped.rule, "vendor row 6: Meal");
    }
}

#[test]
fn an_own_rule_settles_what_the_precedence_left_open() {
    let rules = rules("[[rule]]\nname = 'lunch'\nwhen = { message = 'At Lunch' }\npresence = 'Meal'");
    assert_eq!(found(&rules, &default_catalogue()), []);
}

#[test]
fn do_not_disturb_outside_unavailable_is_told_whatever_its_spelling() {
    for name in ["Do Not Disturb", "do not disturb.", " DO  NOT disturb "] {
        let custom = StatusMessage { text: name.to_owned(), ..dnd("Custom7", "Back Office") };
        let by_text: Vec<Finding> = found(&Rules::built_in(PRINTED), &[custom].into_iter().collect());
        let [Finding::DoNotDisturbElsewhere { landing }] = by_text.as_slice() else { panic!("{name}: {by_text:#?}") };
        assert_eq!((landing.presence.as_str(), landing.by), ("Away", By::VendorRow), "{name}");
    }
    let by_id = StatusMessage { text: "Bitte nicht stören".to_owned(), ..dnd("Do Not disturb", "Break") };
    let lines = found_with([by_id]);
    assert!(lines.contains(&"dnd-outside-unavailable: Do Not disturb".to_owned()), "{lines:?}");
    let unavailable = dnd("Do Not Disturb.", "UNAVAILABLE");
    assert_eq!(told(&found(&Rules::built_in(PRINTED), &[unavailable].into_iter().collect())), [""; 0]);
}

#[test]
fn an_own_rule_for_do_not_disturb_ends_the_finding() {
    let rules = rules("[[rule]]\nname = 'dnd'\nwhen = { message = 'Do Not Disturb' }\npresence = 'Busy'");
    let catalogue = [dnd("Do Not Disturb", "Back Office")].into_iter().collect();
    assert_eq!(told(&found(&rules, &catalogue)), ["edited-standard-status: Do Not Disturb"]);
}

#[test]
fn acd_and_do_not_disturb_contradict_each_other() {
    let both = StatusMessage { allows_acd: true, ..dnd("Callbacks", "Available") };
    let findings = found(&Rules::built_in(PRINTED), &[both].into_iter().collect());
    let [Finding::AcdAndDoNotDisturb { landing }] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!(landing.presence, "On Queue");
}

#[test]
fn a_shipped_status_that_somebody_edited_is_told_with_what_and_what_came_of_it() {
    let edited = StatusMessage { group: "Break".to_owned(), do_not_disturb: false, ..shipped("Gone Home") };
    let findings = found(&Rules::built_in(PRINTED), &system([edited]));
    let edited = findings.iter().find_map(|finding| match finding {
        Finding::EditedStandard { landing, shipped, differences } => Some((landing, shipped, differences)),
        _ => None,
    });
    let (landing, shipped, differences) = edited.unwrap();
    assert_eq!((landing.presence.as_str(), shipped.presence.as_str()), ("Break", "Away"));
    let told: Vec<_> = differences.iter().map(|one| (one.property, one.shipped.as_str(), one.found.as_str())).collect();
    assert_eq!(
        told,
        [(Property::Group, "Unavailable", "Break"), (Property::DoNotDisturb, "ticked", "not ticked")],
        "the group is documented, the tick box presumed"
    );
    assert_eq!(differences.iter().map(|one| one.documented).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn spellings_and_what_sources_leave_open_are_no_edits() {
    let spelled = |id: &str, group: &str| StatusMessage { group: group.to_owned(), ..shipped(id) };
    let open = [
        spelled("At Play", "BREAK"),
        spelled("Away from desk", "Break."),
        StatusMessage { allows_acd: true, ..shipped("Available, Remote") },
        StatusMessage { text: "do not DISTURB.".to_owned(), ..shipped("Do Not disturb") },
    ];
    assert_eq!(found_with(open), [""; 0]);
    let acd = StatusMessage { allows_acd: true, ..shipped("Available, No ACD") };
    assert_eq!(found_with([acd]), ["edited-standard-status: Available, No ACD"]);
    let renamed = StatusMessage { text: "Siesta".to_owned(), ..shipped("At Lunch") };
    assert_eq!(found_with([renamed]), ["edited-standard-status: At Lunch"]);
}

#[test]
fn a_system_in_another_language_is_not_an_edited_one() {
    let english = default_catalogue();
    let translated =
        english.iter().map(|status| StatusMessage { text: format!("«{}»", status.text), ..status.clone() });
    assert_eq!(found_with(translated), [""; 0]);
}

#[test]
fn a_status_of_the_systems_own_that_no_row_knows_is_available_and_told() {
    let lines = found_with([status("Training Prep", "Back Office"), dnd("Quiet Work", "Back Office")]);
    assert_eq!(lines, ["falls-to-last-row: Training Prep"], "the other one is Away by its tick box");
}

#[test]
fn own_rules_that_decide_about_nothing_are_told_with_why() {
    let rules = rules(
        r#"
        [[rule]]
        name = "breaks"
        when = { group = "Break" }
        presence = "Break"

        [[rule]]
        name = "quiet breaks"
        when = { message = ["At Lunch", "Siesta"], dnd = true }
        presence = "Meal"

        [[rule]]
        name = "night shift"
        when = { group = "Unavailable", acd = true }
        presence = "Busy"
        "#,
    );
    let findings = found(&rules, &default_catalogue());
    let silent: Vec<_> = findings
        .iter()
        .filter_map(|finding| match finding {
            Finding::NeverFires { rule, silence } => Some((&*rule.name, rule.number, silence.clone())),
            _ => None,
        })
        .collect();
    let shadowed = Silence::Shadowed { by: vec!["breaks".into()], statuses: vec![StatusId::new("At Lunch")] };
    assert_eq!(silent, [("quiet breaks", 2, shadowed), ("night shift", 3, Silence::NothingMatches)]);
    // A siesta elsewhere wakes the second rule up.
    let with_siesta = system([dnd("Siesta", "Unavailable")]);
    assert_eq!(told(&found(&rules, &with_siesta)), ["rule-never-fires: "]);
}

#[test]
fn statuses_whose_names_count_as_one_are_told_together() {
    let catalogue = system([
        status("Coaching", "Available"),
        StatusMessage { text: "coaching.".to_owned(), ..dnd("Custom1", "Available") },
        StatusMessage { text: "Back  Office".to_owned(), ..dnd("Custom2", "Available") },
        StatusMessage { text: "Back Office".to_owned(), ..dnd("Custom3", "Available") },
        StatusMessage { text: "Front-Office".to_owned(), ..dnd("Custom4", "Available") },
    ]);
    let findings = found(&Rules::built_in(PRINTED), &catalogue);
    let alike = findings.iter().filter(|finding| finding.kind() == Kind::LookAlike);
    let presences: Vec<Vec<String>> = alike
        .map(|finding| match finding {
            Finding::LookAlike { landings } => {
                landings.iter().map(|landing| format!("{} {}", landing.status.id, landing.presence)).collect()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(presences, [["Coaching Available", "Custom1 Away"], ["Custom2 Away", "Custom3 Away"]]);
}

#[test]
fn statuses_of_agents_who_did_not_answer_keep_the_next_call_away() {
    let named = BTreeSet::from([StatusId::new("Missed"), StatusId::new("Nowhere"), StatusId::new("At Lunch")]);
    let missed = StatusMessage { allows_acd: true, ..status("Missed", "Available") };
    let findings = lint(&Rules::built_in(PRINTED), &system([missed.clone()]), &named);
    assert_eq!(told(&findings), ["no-answer-without-dnd: Missed", "no-answer-status-missing: Nowhere"]);
    let contradictory = StatusMessage { do_not_disturb: true, ..missed };
    let findings = lint(&Rules::built_in(PRINTED), &[contradictory].into_iter().collect(), &named);
    assert!(
        told(&findings).contains(&"no-answer-without-dnd: Missed".to_owned()),
        "ACD calls reach them: {findings:?}"
    );
    // The status that PureConnect comes with need not be there.
    assert_eq!(told(&found(&Rules::built_in(PRINTED), &Catalogue::default())), [""; 0]);
}

#[test]
fn every_kind_has_a_code_of_its_own_that_stays() {
    let codes: Vec<&str> = Kind::ALL.into_iter().map(Kind::code).collect();
    assert_eq!(
        codes,
        [
            "precedence-matters",
            "dnd-outside-unavailable",
            "acd-and-dnd",
            "edited-standard-status",
            "falls-to-last-row",
            "rule-never-fires",
            "look-alike-statuses",
            "no-answer-without-dnd",
            "no-answer-status-missing",
        ]
    );
}
