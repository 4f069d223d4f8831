//! Shapes of the answer to a bulk write: what may come, and who was not applied by it.

use serde_json::{Value, json};

use super::*;

const MEAL: u128 = 0xa1;
const BUSY: u128 = 0xb1;

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// Users 1, 2 and so on, all sent to a meal.
fn sent(users: u128) -> Vec<Sent> {
    let sent = |user| Sent {
        user: CloudUserId(uuid(user)),
        definition: DefinitionId(uuid(MEAL)),
        system: SystemPresence::Meal,
    };
    (1..=users).map(sent).collect()
}

fn shows(definition: u128) -> Value {
    json!({"presenceDefinition": {"id": uuid(definition).to_string().to_uppercase(), "systemPresence": "Meal"}})
}

fn with(mut presence: Value, more: Value) -> Value {
    presence.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    presence
}

/// The places of those that were not applied.
fn check(users: u128, answer: Value, expected: &[usize]) {
    let shown: Shown = serde_json::from_value(answer.clone()).unwrap();
    let found: Vec<usize> = unapplied(&sent(users), &shown).into_iter().map(|(place, _)| place).collect();
    assert_eq!(found, expected, "{answer}");
}

#[test]
fn a_user_is_known_by_the_id_the_user_id_or_the_address() {
    let by_id = |user, definition| with(shows(definition), json!({"id": uuid(user)}));
    let by_user_id = |user, definition| with(shows(definition), json!({"id": uuid(99), "userId": uuid(user)}));
    let by_address = |user, definition| {
        with(shows(definition), json!({"selfUri": format!("/api/v2/users/{}/presences", uuid(user))}))
    };
    check(2, json!([by_id(1, MEAL), by_id(2, MEAL)]), &[]);
    check(2, json!([by_id(2, MEAL), by_id(1, BUSY)]), &[0]);
    check(2, json!([by_user_id(2, BUSY), by_user_id(1, MEAL)]), &[1]);
    check(2, json!([by_address(1, BUSY), by_address(2, BUSY)]), &[0, 1]);
    let absolute = json!({"selfUri": format!("https://api.example/api/v2/users/{}/presences/purecloud", uuid(1))});
    check(1, json!([with(shows(BUSY), absolute)]), &[0]);
}

#[test]
fn who_is_left_out_where_the_others_are_known_was_not_applied() {
    let by_id = |user| with(shows(MEAL), json!({"id": uuid(user)}));
    check(3, json!([by_id(3), by_id(1)]), &[1]);
    check(2, json!([by_id(1), by_id(77)]), &[1]);
    check(2, json!([by_id(1), null]), &[1]);
    let unknown = with(shows(MEAL), json!({"id": "presence-1"}));
    check(3, json!([by_id(1), unknown.clone(), unknown]), &[]);
    let stranger = with(shows(MEAL), json!({"userId": uuid(77)}));
    check(2, json!([by_id(1), stranger]), &[1]);
}

#[test]
fn a_list_without_users_is_in_the_order_of_the_request() {
    check(2, json!([shows(MEAL), shows(MEAL)]), &[]);
    check(2, json!([shows(MEAL), shows(BUSY)]), &[1]);
    let own_ids = |n: u128| with(shows(MEAL), json!({"id": uuid(0xff00 + n)}));
    check(2, json!([own_ids(1), own_ids(2)]), &[]);
}

#[test]
fn a_list_without_users_in_another_order_is_as_good() {
    let mut sent = sent(2);
    sent[1].definition = DefinitionId(uuid(BUSY));
    let shown: Shown = serde_json::from_value(json!([shows(BUSY), shows(MEAL)])).unwrap();
    assert_eq!(unapplied(&sent, &shown), []);
}

#[test]
fn an_answer_that_says_nothing_of_anybody_is_acceptance() {
    for answer in [json!([]), json!({}), json!(null), json!({"entities": [1]}), json!([{}, {}]), json!([shows(BUSY)])] {
        check(2, answer, &[]);
    }
    assert!(serde_json::from_value::<Shown>(json!("ok")).is_err(), "a word is no answer");
}

#[test]
fn what_is_taken_over_later_and_what_is_of_another_source_contradicts_nothing() {
    let id = json!({"id": uuid(1)});
    let future = json!({"futurePresenceDefinition": {"id": uuid(MEAL)}});
    check(1, json!([with(with(shows(BUSY), id.clone()), future)]), &[]);
    let teams = json!({"source": "MicrosoftTeams"});
    check(1, json!([with(with(shows(BUSY), id.clone()), teams)]), &[]);
    let own = json!({"source": "PURECLOUD", "sourceId": uuid(5)});
    check(1, json!([with(with(shows(BUSY), id), own)]), &[0]);
}

#[test]
fn without_the_definition_the_system_presence_says_it() {
    let shows = |system| json!([{"id": uuid(1), "presenceDefinition": {"systemPresence": system}}]);
    check(1, shows("MEAL"), &[]);
    check(1, shows("Busy"), &[0]);
    check(1, shows("Siesta"), &[]);
    check(1, json!([{"id": uuid(1)}]), &[]);
}

#[test]
fn the_reason_says_what_is_shown_instead() {
    let shown: Shown = serde_json::from_value(json!([with(shows(BUSY), json!({"id": uuid(1)}))])).unwrap();
    let (_, reason) = unapplied(&sent(1), &shown).remove(0);
    assert_eq!(reason, "the answer shows another presence definition (Meal)");
}
