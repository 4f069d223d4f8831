//! The operator's own rules.

use domain::source::StatusMessage;
use domain::target::{Presence, RoutingStatus, SystemPresence};
use mapping::{Known, Mapped, Rules, Source};

use crate::scene::{MESSAGE_FIRST, OFFLINE, PRINTED, compile, definition, organisation, rules, status};

fn mapped(presence: Presence, rule: &str) -> Mapped {
    Mapped { presence, out_of_office: false, routing: None, rule: rule.into() }
}

#[test]
fn an_own_rule_comes_before_the_vendors_and_names_itself() {
    let rules = rules(
        r#"
        [[rule]]
        name = "coaching"
        when = { message = "Coaching" }
        presence = "Training"
        "#,
    );
    let training = Presence::of(SystemPresence::Training);
    let coaching = StatusMessage { allows_acd: true, ..status("coaching.", "Available") };
    assert_eq!(rules.map(&coaching), mapped(training, "coaching"));
    let other = rules.map(&status("Available, No ACD", "Available"));
    assert_eq!(&*other.rule, "vendor row 9: Available");
}

#[test]
fn within_an_alternative_all_conditions_hold_and_one_alternative_is_enough() {
    let rules = rules(
        r#"
        [[rule]]
        name = "either"
        when = [
            { message = ["One", "Two"], dnd = true },
            { group = "Back Office", not_group = "Break", acd = false, acw = false },
        ]
        presence = "Busy"
        "#,
    );
    let fires = |status: &StatusMessage| &*rules.map(status).rule == "either";
    let dnd = |name: &str| StatusMessage { do_not_disturb: true, ..status(name, "Available") };
    assert!(fires(&dnd("One")) && fires(&dnd("two")));
    assert!(!fires(&dnd("Three")) && !fires(&status("One", "Available")));
    assert!(fires(&status("Three", "back office")));
    let acw = StatusMessage { after_call_work: true, ..status("Three", "Back Office") };
    assert!(!fires(&acw));
}

#[test]
fn a_rule_may_prescribe_a_routing_status_and_out_of_office() {
    let rules = rules(
        r#"
        [[rule]]
        name = "sick"
        when = { message = "Sick" }
        presence = "out of office"

        [[rule]]
        name = "chat only"
        when = { message = "Chat Only" }
        presence = "ON_QUEUE"
        routing = "OffQueue"
        "#,
    );
    let sick = rules.map(&status("Sick", ""));
    assert_eq!(sick.presence, Presence::of(SystemPresence::Away));
    assert!(sick.out_of_office);
    let chat = rules.map(&status("Chat Only", ""));
    assert_eq!(chat.presence, Presence::of(SystemPresence::OnQueue));
    assert_eq!(chat.routing, Some(RoutingStatus::OffQueue));
}

#[test]
fn a_rule_may_give_one_of_the_organisations_own_presences_by_label_or_id() {
    let definitions = organisation(vec![
        definition(7, "Late Lunch", SystemPresence::Meal),
        definition(8, "Back Office Queue", SystemPresence::OnQueue),
    ]);
    let known = Known { catalogue: None, definitions: Some(&definitions) };
    let text = r#"
        [[rule]]
        name = "lunch"
        when = { message = "Lunch" }
        presence = "late lunch"

        [[rule]]
        name = "queue"
        when = { group = "Back Office" }
        presence = "00000000-0000-0000-0000-000000000008"

        [[rule]]
        name = "system by id"
        when = { message = "Desk" }
        presence = "00000000-0000-0000-0000-0000000003eb"
        "#;
    let rules = compile(text, known).unwrap();
    let own = |n: usize, system| Presence { system, secondary: Some(definitions.0[n].id) };
    assert_eq!(rules.map(&status("Lunch", "Break")), mapped(own(10, SystemPresence::Meal), "lunch"));
    let queue = rules.map(&status("Scanning", "Back Office"));
    assert_eq!(queue, mapped(own(11, SystemPresence::OnQueue), "queue"));
    assert!(queue.presence.is_on_queue());
    assert_eq!(rules.map(&status("Desk", "")).presence, Presence::of(SystemPresence::Busy));
}

#[test]
fn a_label_that_only_one_usable_definition_has_is_that_one() {
    let mut old = definition(7, "Late Lunch", SystemPresence::Break);
    old.deactivated = true;
    let definitions = organisation(vec![old, definition(8, "Late Lunch", SystemPresence::Meal)]);
    let known = Known { catalogue: None, definitions: Some(&definitions) };
    let text = "[[rule]]\nname = 'l'\nwhen = { message = 'Lunch' }\npresence = 'Late Lunch'";
    let lunch = compile(text, known).unwrap().map(&status("Lunch", ""));
    assert_eq!(lunch.presence.system, SystemPresence::Meal);
}

#[test]
fn offline_an_own_presence_cannot_be_resolved_and_the_explanation_says_so() {
    let rules = rules("[[rule]]\nname = 'l'\nwhen = { message = 'Lunch' }\npresence = 'Late Lunch'");
    let lunch = rules.explain(&status("Lunch", ""));
    assert!(lunch.unresolved);
    assert_eq!(lunch.presence, "Late Lunch");
    assert!(!rules.explain(&status("Meal", "")).unresolved);
}

#[test]
fn the_own_rules_know_a_message_by_id_or_text_whatever_the_vendors_rows_do() {
    let rules = rules(
        r#"
        [[rule]]
        name = "by text"
        when = { message = "Zu Tisch" }
        presence = "Break"

        [[rule]]
        name = "by id"
        when = { message = "CustomStatus7" }
        presence = "Busy"
        "#,
    );
    let named = |id: &str, text: &str| StatusMessage { text: text.to_owned(), ..status(id, "Unavailable") };
    assert_eq!(&*rules.map(&named("At Lunch", "Zu Tisch")).rule, "by text");
    assert_eq!(&*rules.map(&named("CustomStatus7", "Zu Tisch")).rule, "by id");
    assert_eq!(&*rules.map(&named("At Lunch", "À table")).rule, "vendor row 6: Meal");
}

#[test]
fn an_own_rule_counts_as_it_stands_also_where_messages_count_first() {
    let text = r#"
        [[rule]]
        name = "breaks"
        when = { group = "Break" }
        presence = "Break"

        [[rule]]
        name = "lunch"
        when = { message = "At Lunch", dnd = true }
        presence = "Meal"
        "#;
    let source = Source { name: "rules.toml", text };
    let rules = Rules::compile(MESSAGE_FIRST, &[source], OFFLINE).unwrap();
    let lunch = StatusMessage { do_not_disturb: true, ..status("At Lunch", "Break") };
    assert_eq!(&*rules.map(&lunch).rule, "breaks");
}

#[test]
fn the_rules_of_several_files_stand_in_the_order_of_the_files() {
    let text = |name: &str| {
        format!("[[rule]]\nname = '{name}'\nwhen = {{ dnd = true, message = '{name}' }}\npresence = 'Busy'")
    };
    let (first, second) = (text("first"), text("second"));
    let sources = [
        Source { name: "a.toml", text: &first },
        Source { name: "b.toml", text: &second },
        Source { name: "empty.toml", text: "# nothing\n" },
    ];
    let rules = Rules::compile(PRINTED, &sources, OFFLINE).unwrap();
    let from: Vec<String> = rules.rows().take(3).map(|row| row.from).collect();
    assert_eq!(from, ["a.toml:1", "b.toml:1", "built-in"]);
}

#[test]
fn tables_in_long_form_and_always_are_the_same_language() {
    let rules = rules(
        r#"
        [[rule]]
        name = "long"
        presence = "Busy"
        [rule.when]
        message = "One"

        [[rule]]
        name = "longer"
        presence = "Meeting"
        [[rule.when]]
        message = "Two"
        [[rule.when]]
        message = "Three"

        [[rule]]
        name = "rest"
        when = "always"
        presence = "Away"
        "#,
    );
    let fired = |name: &str| rules.map(&status(name, "")).rule.to_string();
    assert_eq!(["One", "Two", "Three", "Four"].map(fired), ["long", "longer", "longer", "rest"]);
}
