//! The vendor's rows against a second table, written as a function from the page, over every combination of message,
//! group and tick boxes.

use domain::source::StatusMessage;
use domain::target::{Presence, SystemPresence};
use mapping::Rules;

use crate::scene::{MESSAGE_FIRST, PRINTED, status};

/// The twelve messages that the page names, and ten others that PureConnect or its users have.
const MESSAGES: [&str; 22] = [
    "At a Training Session",
    "Away from Desk",
    "Do Not Disturb",
    "In a Meeting",
    "Meeting",
    "At Lunch",
    "Meal",
    "Lunch",
    "On Vacation",
    "Out of the Office",
    "Out of Town",
    "Gone Home",
    "Available",
    "Available, No ACD",
    "Available, Follow-Me",
    "Available, Forward",
    "Available, Remote",
    "Follow Up",
    "At Play",
    "Working at Home",
    "ACD - Agent Not Answering",
    "Coaching",
];

/// The five groups that every system has, and one that an administrator typed.
const GROUPS: [&str; 6] = ["Available", "Break", "FollowUp", "Training", "Unavailable", "Back Office"];

fn every_status() -> Vec<StatusMessage> {
    let mut statuses = Vec::new();
    for name in MESSAGES {
        for group in GROUPS {
            for ticked in 0..8_u8 {
                statuses.push(StatusMessage {
                    allows_acd: ticked & 1 != 0,
                    after_call_work: ticked & 2 != 0,
                    do_not_disturb: ticked & 4 != 0,
                    ..status(name, group)
                });
            }
        }
    }
    statuses
}

/// What the page says, row by row: whether it matches, and the name that the page gives to the result.
fn page(status: &StatusMessage) -> [(bool, &'static str); 9] {
    let message = status.text.to_uppercase();
    let is = |names: &[&str]| names.contains(&message.as_str());
    let group = status.group.to_uppercase();
    let (training, at_break) = (group == "TRAINING", group == "BREAK");
    let dnd_only = status.do_not_disturb && !status.allows_acd;
    [
        (status.allows_acd || status.after_call_work, "On Queue"),
        (is(&["AT A TRAINING SESSION"]) || training, "Training"),
        (is(&["AWAY FROM DESK"]) || at_break, "Break"),
        (is(&["DO NOT DISTURB"]) && group == "UNAVAILABLE", "Busy"),
        (is(&["IN A MEETING", "MEETING"]), "Meeting"),
        (is(&["AT LUNCH", "MEAL", "LUNCH"]), "Meal"),
        (is(&["ON VACATION", "OUT OF THE OFFICE", "OUT OF TOWN"]), "Out of Office"),
        (is(&["GONE HOME"]) || (!training && !at_break && dnd_only), "Away"),
        (true, "Available"),
    ]
}

fn printed(status: &StatusMessage) -> &'static str {
    page(status).into_iter().find(|(matches, _)| *matches).expect("row 9 is for anything").1
}

/// What an administrator expects of "the message counts more than the group".
fn message_first(status: &StatusMessage) -> &'static str {
    if status.allows_acd || status.after_call_work {
        return "On Queue";
    }
    let group = status.group.as_str();
    match status.text.as_str() {
        "At a Training Session" => "Training",
        "Away from Desk" => "Break",
        "Do Not Disturb" if group == "Unavailable" => "Busy",
        "In a Meeting" | "Meeting" => "Meeting",
        "At Lunch" | "Meal" | "Lunch" => "Meal",
        "On Vacation" | "Out of the Office" | "Out of Town" => "Out of Office",
        "Gone Home" => "Away",
        _ if group == "Training" => "Training",
        _ if group == "Break" => "Break",
        _ if status.do_not_disturb => "Away",
        _ => "Available",
    }
}

/// The name that the page gives to what the rules say.
fn mapped(rules: &Rules, status: &StatusMessage) -> &'static str {
    let mapped = rules.map(status);
    assert_eq!(mapped.routing, None, "no vendor row prescribes a routing status");
    assert_eq!(mapped.presence.secondary, None);
    if mapped.out_of_office {
        assert_eq!(mapped.presence, Presence::of(SystemPresence::Away), "{status:?}");
        return "Out of Office";
    }
    mapped.presence.system.name()
}

#[test]
fn the_enumeration_is_the_one_that_the_table_was_studied_with() {
    let statuses = every_status();
    assert_eq!(statuses.len(), 1056);
    let overlapping = |status: &&StatusMessage| page(status)[..8].iter().filter(|(matches, _)| *matches).count() > 1;
    assert_eq!(statuses.iter().filter(overlapping).count(), 658);
}

#[test]
fn every_status_means_what_the_page_says() {
    let rules = Rules::built_in(PRINTED);
    for status in every_status() {
        assert_eq!(mapped(&rules, &status), printed(&status), "{status:?}");
    }
}

#[test]
fn every_status_means_what_its_message_says_where_that_counts_first() {
    let rules = Rules::built_in(MESSAGE_FIRST);
    for status in every_status() {
        assert_eq!(mapped(&rules, &status), message_first(&status), "{status:?}");
    }
}

#[test]
fn the_two_precedences_differ_for_thirty_eight_statuses_and_explain_says_so_for_these() {
    let (first, second) = (Rules::built_in(PRINTED), Rules::built_in(MESSAGE_FIRST));
    let mut differing = 0;
    for status in every_status() {
        let (by_row, by_message) = (first.map(&status), second.map(&status));
        let differs = (by_row.presence, by_row.out_of_office) != (by_message.presence, by_message.out_of_office);
        differing += usize::from(differs);
        assert_eq!(first.explain(&status).other_precedence.is_some(), differs, "{status:?}");
        assert_eq!(second.explain(&status).other_precedence.is_some(), differs, "{status:?}");
        if differs {
            assert_eq!(first.explain(&status).other_precedence, Some(by_message));
            assert_eq!(second.explain(&status).other_precedence, Some(by_row));
        }
    }
    assert_eq!(differing, 38);
}

#[test]
fn the_rule_that_fired_is_the_row_that_matched() {
    let rules = Rules::built_in(PRINTED);
    for status in every_status() {
        let row = page(&status).iter().position(|(matches, _)| *matches).unwrap() + 1;
        let rule = rules.map(&status).rule;
        assert!(rule.starts_with(&format!("vendor row {row}:")), "{rule} for {status:?}");
    }
}

#[test]
fn spellings_do_not_matter() {
    let rules = Rules::built_in(PRINTED);
    for (name, group, presence) in [
        (" at a TRAINING session. ", "", "Training"),
        ("Away  From Desk", "", "Break"),
        ("Do Not disturb", " unavailable ", "Busy"),
        ("Coaching", "TRAINING.", "Training"),
        ("IN A MEETING", "", "Meeting"),
        ("Out of the office", "", "Out of Office"),
    ] {
        assert_eq!(mapped(&rules, &status(name, group)), presence, "{name}");
    }
}

#[test]
fn a_message_is_known_by_its_id_and_by_its_text_only_where_no_row_names_the_id() {
    let rules = Rules::built_in(PRINTED);
    let named = |id: &str, text: &str| StatusMessage { text: text.to_owned(), ..status(id, "Unavailable") };
    assert_eq!(mapped(&rules, &named("At Lunch", "Zu Tisch")), "Meal");
    assert_eq!(mapped(&rules, &named("At Lunch", "Gone Home")), "Meal");
    assert_eq!(mapped(&rules, &named("CustomStatus7", "Lunch")), "Meal");
    assert_eq!(mapped(&rules, &named("CustomStatus8", "Zu Tisch")), "Available");
}
