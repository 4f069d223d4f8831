//! What other rules would change.

use domain::ids::{AgentId, StatusId};
use domain::target::SystemPresence;
use mapping::{Known, Move, Rules, default_catalogue, preview, preview_agents};

use crate::scene::{MESSAGE_FIRST, PRINTED, compile, definition, organisation, rules, status, system};

fn told(moves: &[Move]) -> Vec<String> {
    let line = |found: &Move| {
        format!(
            "{}: {} by {} -> {} by {}",
            found.from.status.id, found.from.presence, found.from.mapped.rule, found.to.presence, found.to.mapped.rule
        )
    };
    moves.iter().map(line).collect()
}

#[test]
fn the_same_rules_move_nobody_and_neither_does_another_rule_that_says_the_same() {
    let old = Rules::built_in(PRINTED);
    assert_eq!(preview(&old, &old, &default_catalogue()), []);
    let new = rules("[[rule]]\nname = 'desk'\nwhen = { message = 'Away from desk' }\npresence = 'Break'");
    assert_eq!(preview(&old, &new, &default_catalogue()), []);
}

#[test]
fn each_status_that_moves_is_told_with_both_rules() {
    let new = rules(
        r#"
        [[rule]]
        name = "play"
        when = { message = "At Play" }
        presence = "Break"

        [[rule]]
        name = "home"
        when = { message = "Gone Home" }
        presence = "Out of Office"
        "#,
    );
    let moves = preview(&Rules::built_in(PRINTED), &new, &default_catalogue());
    assert_eq!(
        told(&moves),
        [
            "At Play: Away by vendor row 8: Away -> Break by play",
            "Gone Home: Away by vendor row 8: Away -> Out of Office by home",
        ]
    );
    assert!(moves[1].to.mapped.out_of_office && !moves[1].from.mapped.out_of_office);
    assert_eq!(moves[1].from.mapped.presence, moves[1].to.mapped.presence, "out of office is shown over Away");
}

#[test]
fn another_precedence_is_another_mapping() {
    let moves = preview(&Rules::built_in(PRINTED), &Rules::built_in(MESSAGE_FIRST), &default_catalogue());
    assert_eq!(told(&moves), ["At Lunch: Break by vendor row 3: Break -> Meal by vendor row 6: Meal"]);
}

#[test]
fn a_routing_status_that_is_prescribed_moves_too() {
    let text = |routing: &str| {
        format!("[[rule]]\nname = 'chat'\nwhen = {{ message = 'Chat' }}\npresence = 'On Queue'\n{routing}")
    };
    let (old, new) = (rules(&text("")), rules(&text("routing = 'OFF_QUEUE'")));
    let moves = preview(&old, &new, &system([status("Chat", "Available")]));
    assert_eq!(moves.len(), 1);
    assert!(moves[0].from.has_presence_of(&moves[0].to) && !moves[0].from.shows_the_same(&moves[0].to));
}

#[test]
fn presences_of_the_organisation_are_compared_by_name_where_they_are_not_at_hand() {
    let text = |label: &str| format!("[[rule]]\nname = 'l'\nwhen = {{ message = 'At Lunch' }}\npresence = '{label}'");
    let catalogue = default_catalogue();
    let late = rules(&text("Late Lunch"));
    assert_eq!(preview(&late, &rules(&text("late lunch.")), &catalogue), []);
    assert_eq!(preview(&late, &rules(&text("Early Lunch")), &catalogue).len(), 1);
    // Available stands in for what could not be looked up; that is no likeness.
    assert_eq!(preview(&late, &rules(&text("Available")), &catalogue).len(), 1);
    // At hand, the label and the id are one presence.
    let definitions = organisation(vec![definition(7, "Late Lunch", SystemPresence::Meal)]);
    let known = Known { catalogue: None, definitions: Some(&definitions) };
    let by_label = compile(&text("Late Lunch"), known).unwrap();
    let by_id = compile(&text("00000000-0000-0000-0000-000000000007"), known).unwrap();
    assert_eq!(preview(&by_label, &by_id, &catalogue), []);
}

#[test]
fn agents_move_with_their_status() {
    let new = rules("[[rule]]\nname = 'play'\nwhen = { message = 'At Play' }\npresence = 'Break'");
    let agents = [("jane", "at play"), ("joe", "At Lunch"), ("ann", "Deleted"), ("sue", "At Play")];
    let agents = agents.map(|(agent, status)| (AgentId::new(agent), StatusId::new(status)));
    let told = preview_agents(&Rules::built_in(PRINTED), &new, &default_catalogue(), agents);
    let who: Vec<(&str, &str)> =
        told.moves.iter().map(|found| (found.agent.as_str(), found.status.to.presence.as_str())).collect();
    assert_eq!(who, [("jane", "Break"), ("sue", "Break")]);
    assert_eq!(told.unmoved, 1);
    assert_eq!(told.unknown, [(AgentId::new("ann"), StatusId::new("Deleted"))]);
}
