//! Spellings and shapes of the platform that have been seen or are documented, and what they mean.

use domain::change::Change;
use domain::ids::ChangeId;
use serde_json::json;
use uuid::Uuid;

use super::*;

const BUSY: u128 = 1;
const TEA: u128 = 2;
const US: u128 = 9;

fn ours() -> Ours {
    let definition = |n, system, is_system| Definition {
        id: DefinitionId(Uuid::from_u128(n)),
        labels: Vec::new(),
        system,
        is_system,
        deactivated: false,
    };
    let definitions =
        Definitions(vec![definition(BUSY, SystemPresence::Busy, true), definition(TEA, SystemPresence::Break, false)]);
    let source = Source::Registered { id: SourceId(Uuid::from_u128(US)), name: "PureConnect".to_owned() };
    Ours { source, definitions }
}

fn order(to: Value) -> Order {
    let happened: Timestamp = "2026-01-01T08:00:00.1239Z".parse().unwrap();
    let id = ChangeId(Uuid::from_u128(7));
    let change = Change { id, from: None, to, happened, seen: happened, status: None, why: String::new() };
    Order { user: CloudUserId(Uuid::from_u128(8)), change }
}

fn observe(user: serde_json::Value) -> (Option<Observation>, Vec<Unknown>) {
    let mut unknown = Vec::new();
    let wire: wire::User = serde_json::from_value(user).unwrap();
    (ours().observation(&wire, &mut unknown), unknown)
}

#[test]
fn an_event_time_has_milliseconds_and_a_z() {
    let written = |text: &str| event_time(text.parse().unwrap());
    assert_eq!(written("2026-01-01T08:00:00Z"), "2026-01-01T08:00:00.000Z");
    assert_eq!(written("2026-01-01T09:00:00.123456789+01:00"), "2026-01-01T08:00:00.123Z");
}

#[test]
fn times_are_read_in_every_form_that_was_seen() {
    let expected = Some("2026-01-01T08:00:00.5Z".parse().unwrap());
    for text in [
        "2026-01-01T08:00:00.500Z",
        "2026-01-01T08:00:00.500000+00:00",
        "2026-01-01T08:00:00.5+0000",
        "2026-01-01T08:00:00.5",
    ] {
        assert_eq!(time(Some(text)), expected, "{text}");
    }
    assert_eq!(time(Some("yesterday")), None);
}

#[test]
fn routing_statuses_are_spelled_as_events_spell_them() {
    let spelled = |status| {
        let event = routing_event(&order(Value::Routing(status)), SourceId(Uuid::from_u128(US))).unwrap();
        serde_json::to_value(event).unwrap()["status"].clone()
    };
    let all: Vec<_> = RoutingStatus::ALL.into_iter().map(spelled).collect();
    assert_eq!(all, ["OffQueue", "Idle", "Interacting", "Communicating", "NotResponding"]);
}

#[test]
fn a_presence_that_the_organisation_does_not_have_is_refused_before_it_is_sent() {
    let away = order(Value::Presence(SystemPresence::Away.into()));
    let reason = presence_event(&away, SourceId(Uuid::from_u128(US)), &ours().definitions).unwrap_err();
    assert_eq!(reason, "the organisation has no presence definition for Away");
    let misplaced = routing_event(&away, SourceId(Uuid::from_u128(US))).unwrap_err();
    assert_eq!(misplaced, "a change of presence was put into another lane");
}

#[test]
fn out_of_office_has_three_bodies() {
    let body = |value| serde_json::to_value(set_out_of_office(&order(Value::OutOfOffice(value))).unwrap()).unwrap();
    let start = "2026-01-01T08:00:00.123Z";
    assert_eq!(body(OutOfOffice::Off), json!({"active": false, "indefinite": false}));
    assert_eq!(body(OutOfOffice::On { until: None }), json!({"active": true, "indefinite": true, "startDate": start}));
    assert_eq!(
        body(OutOfOffice::On { until: Some("2026-01-08T00:00:00Z".parse().unwrap()) }),
        json!({"active": true, "indefinite": false, "startDate": start, "endDate": "2026-01-08T00:00:00.000Z"})
    );
}

#[test]
fn a_definition_is_read_from_both_lists_and_in_three_spellings() {
    let read = |entry: serde_json::Value| definition(serde_json::from_value(entry).unwrap(), false);
    let id = Uuid::from_u128(TEA).to_string();
    let new =
        json!({"id": id, "type": "User", "languageLabels": {"en_us": "Tea", "de": "Tee"}, "systemPresence": "OnQueue"});
    let new = read(new).unwrap();
    assert_eq!((new.system, new.is_system, new.deactivated), (SystemPresence::OnQueue, false, false));
    assert_eq!(new.labels, ["Tee", "Tea"]);
    let old = json!({"id": id, "name": "On Queue", "primary": true, "languageLabels": {"en_US": "On Queue"},
        "systemPresence": "On Queue", "deactivated": false});
    let old = read(old).unwrap();
    assert_eq!((old.system, old.is_system, old.labels.len()), (SystemPresence::OnQueue, true, 1));
    let shouted = json!({"id": id, "systemPresence": "ON_QUEUE", "languageLabels": null});
    assert!(!read(shouted).unwrap().is_system);
    let odd = json!({"id": id, "systemPresence": "Napping"});
    assert_eq!(read(odd), Err(Unknown::Presence("Napping".into())));
}

#[test]
fn everything_that_was_expanded_is_observed() {
    let (seen, unknown) = observe(json!({
        "id": Uuid::from_u128(8),
        "presence": {"source": Uuid::from_u128(US), "presenceDefinition": {"id": Uuid::from_u128(TEA)},
            "modifiedDate": "2026-01-01T08:00:00.000Z"},
        "routingStatus": {"status": "OFF_QUEUE", "startTime": "2026-01-01T08:00:01.000Z"},
        "outOfOffice": {"active": true, "indefinite": false, "endDate": "2026-01-08T00:00:00.000Z"},
    }));
    let seen = seen.unwrap();
    let presence = seen.presence.unwrap();
    let tea = Presence { system: SystemPresence::Break, secondary: Some(DefinitionId(Uuid::from_u128(TEA))) };
    assert_eq!(presence.value, tea);
    assert_eq!(presence.since, Some("2026-01-01T08:00:00Z".parse().unwrap()));
    assert_eq!(seen.routing.unwrap().value, RoutingStatus::OffQueue);
    let until = Some("2026-01-08T00:00:00Z".parse().unwrap());
    assert_eq!(seen.out_of_office.unwrap().value, OutOfOffice::On { until });
    assert_eq!(seen.ours, Some(true));
    assert_eq!(unknown, []);
}

#[test]
fn what_was_not_told_or_not_understood_is_unknown() {
    let (seen, unknown) = observe(json!({
        "id": Uuid::from_u128(8),
        "presence": {"presenceDefinition": {"id": Uuid::from_u128(77), "systemPresence": "NAPPING"}},
        "routingStatus": {"status": "DREAMING"},
        "outOfOffice": {},
    }));
    let seen = seen.unwrap();
    assert_eq!((seen.presence, seen.routing, seen.out_of_office, seen.ours), (None, None, None, None));
    let id = Uuid::from_u128(77).to_string();
    assert_eq!(unknown, [Unknown::Presence(id), Unknown::Routing("DREAMING".into())]);
    assert_eq!(observe(json!({"id": "joe"})), (None, vec![Unknown::User("joe".into())]));
}

#[test]
fn a_definition_made_since_we_started_is_recognised_by_its_system_presence() {
    let new = Uuid::from_u128(77);
    let (seen, _) = observe(json!({"id": Uuid::from_u128(8), "presence": {"source": "PURECLOUD",
        "presenceDefinition": {"id": new, "systemPresence": "ON_QUEUE"}}}));
    let seen = seen.unwrap();
    let presence = Presence { system: SystemPresence::OnQueue, secondary: Some(DefinitionId(new)) };
    assert_eq!(seen.presence.unwrap().value, presence);
    assert_eq!(seen.ours, Some(false), "somebody else's source is shown");
}
