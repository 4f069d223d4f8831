//! Every mistake that a file of rules can hold, with its place.

use domain::source::Catalogue;
use domain::target::{Definitions, SystemPresence};
use mapping::{Known, RuleError, Rules, Source, codes, default_catalogue};

use crate::scene::{OFFLINE, PRINTED, compile, definition, organisation};

fn errors(text: &str, known: Known<'_>) -> Vec<RuleError> {
    compile(text, known).err().unwrap_or_default()
}

/// The codes and lines of all mistakes in a file, offline.
fn found(text: &str) -> Vec<(&'static str, usize)> {
    places(&errors(text, OFFLINE))
}

fn places(errors: &[RuleError]) -> Vec<(&'static str, usize)> {
    errors.iter().map(|error| (error.code, error.line)).collect()
}

/// A good rule, or a bad one with this in place of its conditions.
fn rule(name: &str, when: &str) -> String {
    format!("[[rule]]\nname = \"{name}\"\nwhen = {when}\npresence = \"Busy\"\n")
}

fn giving(presence: &str) -> String {
    format!("[[rule]]\nname = \"r\"\nwhen = {{ dnd = true }}\npresence = \"{presence}\"\n")
}

fn with(definitions: &Definitions) -> Known<'_> {
    Known { catalogue: None, definitions: Some(definitions) }
}

#[test]
fn a_mistake_is_told_with_file_line_column_and_help() {
    let text = "# mine\n[[rule]]\nname = \"ä\"\nwhen = { dnd = true, grup = \"Break\" }\npresence = \"Busy\"\n";
    let errors = errors(text, OFFLINE);
    let [error] = errors.as_slice() else { panic!("{errors:?}") };
    assert_eq!(error.to_string(), "rules.toml:4:22: unknown key \"grup\"");
    assert_eq!(error.code, codes::UNKNOWN_KEY);
    assert_eq!(error.help, "did you mean \"group\"?");
    assert_eq!(&text[error.span.clone()], "grup");
}

#[test]
fn columns_count_characters() {
    let text = "rule = [{ name = \"äöü\", typo = 1, when = \"always\", presence = \"Busy\" }]";
    let errors = errors(text, OFFLINE);
    assert_eq!((errors[0].line, errors[0].column), (1, 25), "{errors:?}");
}

#[test]
fn unknown_keys_wrong_types_and_missing_keys_are_all_told_at_once() {
    let text = "colour = 1\n[[rule]]\nname = 7\nwhen = { acd = \"yes\" }\nruoting = \"IDLE\"\n[[rule]]\n";
    assert_eq!(
        found(text),
        [
            (codes::UNKNOWN_KEY, 1),
            (codes::MISSING_KEY, 2),
            (codes::WRONG_TYPE, 3),
            (codes::WRONG_TYPE, 4),
            (codes::UNKNOWN_KEY, 5),
            (codes::MISSING_KEY, 6),
            (codes::MISSING_KEY, 6),
            (codes::MISSING_KEY, 6),
        ]
    );
    assert_eq!(found("rule = 1"), [(codes::WRONG_TYPE, 1)]);
    assert_eq!(found("rule = [1]"), [(codes::WRONG_TYPE, 1)]);
    assert_eq!(found("[rule]\nname = \"r\""), [(codes::WRONG_TYPE, 1)]);
    assert_eq!(found(&rule("r", "1")), [(codes::WRONG_TYPE, 3)]);
    assert_eq!(found(&rule("r", "\"sometimes\"")), [(codes::WRONG_TYPE, 3)]);
    assert_eq!(found(&rule("r", "[1, { dnd = true }]")), [(codes::WRONG_TYPE, 3)]);
    assert_eq!(found(&rule("r", "{ message = [1], group = 2 }")), [(codes::WRONG_TYPE, 3); 2]);
}

#[test]
fn every_line_that_is_not_toml_is_told_and_the_rest_of_the_file_is_read_all_the_same() {
    let text = "[[rule]]\nname = \nwhen = { dnd = true }\npresence = \"Busy\"\n\n[[rule]]\nname = 'x\nwhen = { dnd = \
                true, oops = 1 }\npresence = \"Busy\"\n";
    let found = found(text);
    assert!(found.contains(&(codes::SYNTAX, 2)), "{found:?}");
    assert!(found.contains(&(codes::SYNTAX, 7)), "{found:?}");
    assert!(found.contains(&(codes::UNKNOWN_KEY, 8)), "{found:?}");
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn what_a_broken_line_was_to_say_is_not_called_missing() {
    let text = "[[rule]]\nname = 'r'\nwhen = { dnd = true }\npresence \"Busy\"\n";
    let found = found(text);
    assert!(!found.is_empty());
    assert!(found.iter().all(|mistake| *mistake == (codes::SYNTAX, 4)), "{found:?}");
}

#[test]
fn the_mistakes_of_all_files_come_together_in_the_order_of_the_files() {
    let (first, second) = (rule("r", "[]"), rule("R.", "{}"));
    let sources = [Source { name: "b.toml", text: &first }, Source { name: "a.toml", text: &second }];
    let errors = Rules::compile(PRINTED, &sources, OFFLINE).unwrap_err();
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "b.toml:3:8: this can never match: the list of alternatives is empty",
            "a.toml:2:8: the rule at b.toml:1 is called \"R.\" too",
            "a.toml:3:8: this says nothing about the status",
        ]
    );
}

#[test]
fn names_that_the_system_does_not_have_are_told_with_what_was_probably_meant() {
    let catalogue = default_catalogue();
    let known = Known { catalogue: Some(&catalogue), definitions: None };
    let text = rule(
        "r",
        "[\n{ message = [\"At Lumch\", \"acdagentnotanswering\", \"ACD - Agent Not Answering\"] },\n{ group = \
         \"Brake\", not_group = [\"Training\", \"Night Shift\"] }]",
    );
    let errors = errors(&text, known);
    let told: Vec<_> = errors.iter().map(|error| (error.code, error.line, error.help.as_str())).collect();
    assert_eq!(
        told,
        [
            (codes::UNKNOWN_MESSAGE, 4, "did you mean \"At Lunch\"?"),
            (codes::UNKNOWN_GROUP, 5, "did you mean \"Break\"?"),
            (codes::UNKNOWN_GROUP, 5, "write a status group as Interaction Administrator shows it"),
        ]
    );
    assert_eq!(found(&text), [], "nothing can be checked offline");
}

#[test]
fn a_system_need_not_have_the_statuses_of_the_vendors_rows() {
    let catalogue = Catalogue::default();
    let known = Known { catalogue: Some(&catalogue), definitions: None };
    assert_eq!(errors("", known), []);
    let groups = "{ group = [\"break\", \"FOLLOWUP\"], not_group = \"Unavailable\" }";
    assert_eq!(errors(&rule("every system has these groups", groups), known), []);
}

#[test]
fn a_presence_that_the_organisation_does_not_have_is_told() {
    let definitions = organisation(vec![definition(7, "Late Lunch", SystemPresence::Meal)]);
    let errors_of = |presence: &str| errors(&giving(presence), with(&definitions));
    let misspelt = errors_of("Late Lumch");
    assert_eq!(places(&misspelt), [(codes::UNKNOWN_PRESENCE, 4)]);
    assert_eq!(misspelt[0].help, "did you mean \"Late Lunch\"?");
    assert_eq!(errors_of("Metting")[0].help, "did you mean \"Meeting\"?");
    let id = errors_of("00000000-0000-0000-0000-000000000009");
    assert_eq!(places(&id), [(codes::UNKNOWN_PRESENCE, 4)]);
    assert_eq!(errors_of("LATE LUNCH"), []);
}

#[test]
fn a_label_of_several_definitions_is_told_with_all_of_them() {
    let definitions =
        organisation(vec![definition(7, "Lunch", SystemPresence::Meal), definition(8, "lunch", SystemPresence::Break)]);
    let errors = errors(&giving("Lunch"), with(&definitions));
    assert_eq!(places(&errors), [(codes::AMBIGUOUS_PRESENCE, 4)]);
    assert_eq!(
        errors[0].message,
        "\"Lunch\" may be any of 00000000-0000-0000-0000-000000000007 under Meal, \
         00000000-0000-0000-0000-000000000008 under Break"
    );
}

#[test]
fn a_deactivated_definition_is_told_by_label_and_by_id() {
    let mut old = definition(7, "Lunch", SystemPresence::Meal);
    old.deactivated = true;
    let definitions = organisation(vec![old]);
    for presence in ["Lunch", "00000000-0000-0000-0000-000000000007"] {
        let errors = errors(&giving(presence), with(&definitions));
        assert_eq!(places(&errors), [(codes::DEACTIVATED_PRESENCE, 4)], "{presence}");
    }
}

#[test]
fn an_organisation_that_lacks_a_system_presence_is_told_for_own_rules_and_vendor_rows() {
    let mut definitions = organisation(Vec::new());
    definitions.0.retain(|definition| definition.system != SystemPresence::Meal);
    let errors = errors(&giving("Meal"), with(&definitions));
    let told: Vec<_> = errors.iter().map(|error| (error.code, error.file.as_str())).collect();
    assert_eq!(told, [(codes::MISSING_DEFINITION, "rules.toml"), (codes::MISSING_DEFINITION, "built-in rules")]);
}

#[test]
fn a_routing_status_that_there_is_none_of_is_told() {
    let text = format!("{}routing = \"ACW\"\n", rule("r", "{ acw = true }"));
    let errors = errors(&text, OFFLINE);
    assert_eq!(places(&errors), [(codes::UNKNOWN_ROUTING, 5)]);
    assert_eq!(errors[0].help, "write OFF_QUEUE, IDLE, INTERACTING, COMMUNICATING, NOT_RESPONDING");
}

#[test]
fn conditions_that_no_status_can_meet_are_told() {
    for when in [
        "[]",
        "{ message = [] }",
        "{ group = [] }",
        "{ group = \"BREAK\", not_group = \"Break.\" }",
        "[{ dnd = true }, { group = [\"a\", \"b\"], not_group = [\"b\", \"a\", \"c\"] }]",
    ] {
        let text = rule("first", "{ group = \"c\" }") + &rule("r", when);
        assert_eq!(found(&text), [(codes::NEVER_MATCHES, 7)], "{when}");
    }
    assert_eq!(found(&rule("r", "{ group = [\"a\", \"b\"], not_group = \"b\" }")), []);
}

#[test]
fn conditions_that_say_nothing_are_told() {
    for when in ["{}", "[{ dnd = true }, {}]", "{ not_group = [] }"] {
        assert_eq!(found(&rule("r", when)), [(codes::NO_CONDITION, 3)], "{when}");
    }
    assert_eq!(found(&rule("r", "\"always\"")), []);
}

#[test]
fn a_text_that_the_rules_know_by_its_id_elsewhere_is_told() {
    let catalogue = default_catalogue();
    let known = Known { catalogue: Some(&catalogue), definitions: None };
    let by_text = "{ message = \"ACD - Agent Not Answering\" }";
    let by_id = "{ message = \"AcdAgentNotAnswering\" }";
    let both = "{ message = [\"AcdAgentNotAnswering\", \"ACD - Agent Not Answering\"] }";
    let text = rule("text", by_text) + &rule("id", by_id);
    let errors_of = |text: &str| errors(text, known);
    assert_eq!(places(&errors_of(&text)), [(codes::NEVER_MATCHES, 3)]);
    assert_eq!(errors_of(&text)[0].help, "write \"AcdAgentNotAnswering\" here as well");
    assert_eq!(errors_of(&rule("text", by_text)), []);
    assert_eq!(errors_of(&rule("both", both)), []);
}

#[test]
fn a_rule_behind_one_that_matches_as_much_is_told() {
    for (wider, narrower) in [
        ("{ dnd = true }", "{ dnd = true }"),
        ("\"always\"", "{ message = \"Lunch\" }"),
        ("{ message = [\"Lunch\", \"Meal\"] }", "{ message = \"meal\", acd = false }"),
        ("{ group = [\"a\", \"b\"] }", "{ group = [\"b\", \"c\"], not_group = \"c\" }"),
        ("{ not_group = \"a\" }", "{ not_group = [\"b\", \"a\"] }"),
        ("{ not_group = \"a\" }", "{ group = \"b\" }"),
        ("[{ acd = true }, { acw = true }]", "[{ acw = true, dnd = true }, { acd = true }]"),
    ] {
        let text = rule("first", wider) + &rule("second", narrower);
        assert_eq!(found(&text), [(codes::SHADOWED, 5)], "{narrower} behind {wider}");
        let turned = rule("first", narrower) + &rule("second", wider);
        if wider != narrower {
            assert_eq!(found(&turned), [], "{wider} behind {narrower}");
        }
    }
}

#[test]
fn a_rule_that_matches_something_of_its_own_is_not_behind_another() {
    for (first, second) in [
        ("{ dnd = true }", "{ dnd = false }"),
        ("{ message = \"Lunch\", dnd = true }", "{ message = \"Lunch\" }"),
        ("{ acd = true }", "[{ acd = true, dnd = true }, { acw = true }]"),
        ("{ group = \"a\" }", "{ not_group = \"b\" }"),
        ("{ not_group = [\"a\", \"b\"] }", "{ not_group = \"a\" }"),
        ("{ grup = \"a\", dnd = true }", "{ dnd = true }"),
        ("{ dnd = true }", "{ dnd = true, grup = \"a\" }"),
    ] {
        let text = rule("first", first) + &rule("second", second);
        let shadowed = found(&text).into_iter().any(|(code, _)| code == codes::SHADOWED);
        assert!(!shadowed, "{second} behind {first}");
    }
}

#[test]
fn two_rules_of_one_name_are_told_also_where_the_other_is_built_in() {
    let text = rule("same", "{ dnd = true }") + &rule(" SAME ", "{ acd = true }");
    assert_eq!(found(&text), [(codes::DUPLICATE_NAME, 6)]);
    let errors = errors(&rule("Vendor row 6: Meal", "{ acd = true }"), OFFLINE);
    assert_eq!(errors[0].to_string(), "rules.toml:2:8: a built-in rule is called \"Vendor row 6: Meal\" too");
}
