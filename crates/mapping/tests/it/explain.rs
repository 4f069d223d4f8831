//! Why a status means what it means, told as an operator asks it.

use domain::source::StatusMessage;
use mapping::{Rules, default_catalogue};

use crate::scene::{MESSAGE_FIRST, PRINTED, rules, status};

fn near(rules: &Rules, status: &StatusMessage) -> Vec<String> {
    let explanation = rules.explain(status);
    explanation.near_misses.iter().map(ToString::to_string).collect()
}

#[test]
fn lunch_filed_under_break_is_a_break_and_the_meal_is_overruled() {
    let rules = Rules::built_in(PRINTED);
    let lunch = status("At Lunch", "Break");
    let explanation = rules.explain(&lunch);
    assert_eq!(explanation.presence, "Break");
    assert_eq!(explanation.because, "group is \"BREAK\"");
    assert_eq!(explanation.from, "built-in");
    assert_eq!(near(&rules, &lunch), ["vendor row 6: Meal (Meal): matches too, but counts less"]);
    let other = explanation.other_precedence.unwrap();
    assert_eq!(&*other.rule, "vendor row 6: Meal");
}

#[test]
fn where_messages_count_first_it_is_a_meal_and_the_break_is_overruled() {
    let rules = Rules::built_in(MESSAGE_FIRST);
    let lunch = status("At Lunch", "Break");
    let explanation = rules.explain(&lunch);
    assert_eq!(explanation.presence, "Meal");
    assert_eq!(explanation.because, "message is \"At Lunch\", \"Meal\" or \"Lunch\"");
    assert_eq!(near(&rules, &lunch), ["vendor row 3: Break (Break): matches too, but counts less"]);
    assert_eq!(&*explanation.other_precedence.unwrap().rule, "vendor row 3: Break");
}

#[test]
fn do_not_disturb_in_another_group_is_told_which_group_it_lacks() {
    let rules = Rules::built_in(PRINTED);
    let disturbed = StatusMessage { do_not_disturb: true, ..status("Do Not Disturb", "Back Office") };
    let explanation = rules.explain(&disturbed);
    assert_eq!(explanation.presence, "Away");
    assert_eq!(
        explanation.because,
        "group is not \"TRAINING\" or \"BREAK\" and \"allows ACD calls\" is not ticked and \"do not disturb\" is ticked"
    );
    assert_eq!(
        near(&rules, &disturbed),
        ["vendor row 4: Busy (Busy): wants that group is \"UNAVAILABLE\", but group is \"Back Office\""]
    );
    assert_eq!(explanation.other_precedence, None);
}

#[test]
fn a_status_for_anything_else_is_told_of_the_tick_box_that_would_make_it_away() {
    let rules = Rules::built_in(PRINTED);
    let no_acd = default_catalogue().iter().find(|status| status.text == "Available, No ACD").cloned().unwrap();
    assert_eq!(rules.explain(&no_acd).because, "anything");
    assert_eq!(
        near(&rules, &no_acd),
        ["vendor row 8: Away (Away): wants that \"do not disturb\" is ticked, but \"do not disturb\" is not ticked"]
    );
}

#[test]
fn an_own_rule_is_told_with_its_line_and_the_vendors_row_that_it_overrules() {
    let rules = rules("\n[[rule]]\nname = \"lunch\"\nwhen = { message = \"At Lunch\" }\npresence = \"Busy\"\n");
    let lunch = status("At Lunch", "");
    let explanation = rules.explain(&lunch);
    assert_eq!(explanation.from, "rules.toml:2");
    assert_eq!(&*explanation.mapped.rule, "lunch");
    assert_eq!(explanation.mapped, rules.map(&lunch));
    assert_eq!(near(&rules, &lunch)[0], "vendor row 6: Meal (Meal): matches too, but counts less");
}
