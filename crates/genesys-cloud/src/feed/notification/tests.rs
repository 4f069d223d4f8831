//! Notifications as they were captured or are documented, in every spelling, and what is none.

use domain::ids::{DefinitionId, SourceId};
use domain::target::{Definition, Definitions, OutOfOffice as Office, Presence, RoutingStatus, SystemPresence};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::convert::Source;

const USER: u128 = 8;
const US: u128 = 9;
const TEA: u128 = 2;

fn ours() -> Ours {
    let tea = Definition {
        id: DefinitionId(Uuid::from_u128(TEA)),
        labels: Vec::new(),
        system: SystemPresence::Break,
        is_system: false,
        deactivated: false,
    };
    let definitions = Definitions(vec![tea]);
    let source = Source::Registered { id: SourceId(Uuid::from_u128(US)), name: "PureConnect".to_owned() };
    Ours { source, definitions }
}

fn heard(topic: &str, body: Value) -> Notice {
    let topic = topic.replace("{id}", &Uuid::from_u128(USER).to_string());
    let text = json!({"topicName": topic, "version": "2", "eventBody": body, "metadata": {"CorrelationId": "c"}});
    read(&text.to_string(), &ours(), &Logged::default())
}

fn shown(topic: &str, body: Value) -> Observation {
    match heard(topic, body) {
        Notice::Shown(seen) => seen,
        other => panic!("{other:?}"),
    }
}

fn presence(source: Value, primary: Value) -> Value {
    json!({"source": source, "primary": primary, "message": "", "modifiedDate": "2026-01-01T08:00:00.123Z",
        "presenceDefinition": {"id": Uuid::from_u128(TEA), "systemPresence": "BREAK"}})
}

#[test]
fn a_presence_speaks_of_the_presence_alone() {
    let seen = shown("v2.users.{id}.presence", presence(json!(Uuid::from_u128(US)), json!(true)));
    let tea = Presence { system: SystemPresence::Break, secondary: Some(DefinitionId(Uuid::from_u128(TEA))) };
    let presence = seen.presence.unwrap();
    assert_eq!((presence.value, presence.since), (tea, Some("2026-01-01T08:00:00.123Z".parse().unwrap())));
    assert_eq!((seen.user, seen.routing, seen.out_of_office), (CloudUserId(Uuid::from_u128(USER)), None, None));
    assert_eq!(seen.ours, Some(true));
}

#[test]
fn whose_presence_it_is_is_concluded_only_where_it_is_said() {
    let (us, them) = (json!(Uuid::from_u128(US)), json!(Uuid::from_u128(77)));
    let seen = |source: &Value, primary: Value| match heard("v2.users.{id}.presence", presence(source.clone(), primary))
    {
        Notice::Shown(seen) => Some(seen.ours),
        Notice::Nothing => None,
        other => panic!("{other:?}"),
    };
    assert_eq!(seen(&us, Value::Null), Some(Some(true)), "what is notified of is what is shown");
    for other in [them, json!("PURECLOUD")] {
        assert_eq!(seen(&other, json!(true)), Some(Some(false)));
        assert_eq!(seen(&other, Value::Null), Some(None));
        assert_eq!(seen(&other, json!(false)), None, "that is not what is shown");
    }
    assert_eq!(seen(&us, json!(false)), None);
    assert_eq!(seen(&Value::Null, json!(true)), Some(None));
}

#[test]
fn in_direct_delivery_the_platforms_own_source_is_ours() {
    let direct = Ours { source: Source::Platform, ..ours() };
    let topic = format!("v2.users.{}.presence", Uuid::from_u128(USER));
    let seen = |source: Value, primary: Value| {
        let text = json!({"topicName": topic, "eventBody": presence(source, primary)}).to_string();
        match read(&text, &direct, &Logged::default()) {
            Notice::Shown(seen) => Some(seen.ours),
            Notice::Nothing => None,
            other => panic!("{other:?}"),
        }
    };
    for untold in [Value::Null, json!("PURECLOUD")] {
        assert_eq!(seen(untold.clone(), Value::Null), Some(Some(true)));
        assert_eq!(seen(untold, json!(false)), None, "that is not what is shown");
    }
    assert_eq!(seen(json!(Uuid::from_u128(77)), json!(true)), Some(Some(false)));
}

#[test]
fn a_presence_is_read_in_every_spelling() {
    for (spelled, system) in [
        ("ON_QUEUE", SystemPresence::OnQueue),
        ("On Queue", SystemPresence::OnQueue),
        ("OnQueue", SystemPresence::OnQueue),
        ("AVAILABLE", SystemPresence::Available),
        ("Available", SystemPresence::Available),
    ] {
        let body = json!({"presenceDefinition": {"systemPresence": spelled}});
        assert_eq!(shown("v2.users.{id}.presence", body).presence.unwrap().value, Presence::of(system), "{spelled}");
    }
}

#[test]
fn a_routing_status_speaks_of_routing_alone_whatever_the_topic_looks_like() {
    let body = json!({"id": Uuid::from_u128(USER), "errorInfo": null,
        "routingStatus": {"status": "NOT_RESPONDING", "startTime": "2026-01-01T08:00:01.000Z"}});
    for topic in ["v2.users.{id}.routingStatus", "v2.users.{id}.routingstatus"] {
        let seen = shown(topic, body.clone());
        assert_eq!(seen.routing.unwrap().value, RoutingStatus::NotResponding);
        assert_eq!(seen.routing.unwrap().since, Some("2026-01-01T08:00:01Z".parse().unwrap()));
        assert_eq!((seen.presence, seen.out_of_office, seen.ours), (None, None, None));
    }
}

#[test]
fn out_of_office_is_off_or_on_with_or_without_an_end() {
    let value = |body| shown("v2.users.{id}.outofoffice", body).out_of_office.unwrap().value;
    let user = json!({"id": Uuid::from_u128(USER)});
    assert_eq!(value(json!({"user": user, "active": false, "indefinite": false})), Office::Off);
    assert_eq!(value(json!({"user": user, "active": true, "indefinite": true})), Office::On { until: None });
    let until = Some("2026-01-08T00:00:00Z".parse().unwrap());
    let body = json!({"active": true, "indefinite": false, "endDate": "2026-01-08T00:00:00.000Z"});
    assert_eq!(value(body), Office::On { until });
}

#[test]
fn an_activity_speaks_of_all_three_but_not_of_an_out_of_office_without_its_end() {
    let body = |active: bool| {
        json!({"id": Uuid::from_u128(USER), "activeQueueIds": [], "dateActiveQueuesChanged": "2026-01-01T08:00:00Z",
            "routingStatus": {"status": "IDLE", "startTime": "2026-01-01T08:00:00Z"},
            "presence": {"presenceDefinition": {"id": Uuid::from_u128(TEA), "systemPresence": "BREAK"},
                "presenceMessage": "", "modifiedDate": "2026-01-01T08:00:00Z"},
            "outOfOffice": {"active": active, "modifiedDate": "2026-01-01T08:00:00Z"}})
    };
    let seen = shown("v2.users.{id}.activity", body(false));
    assert_eq!(seen.presence.unwrap().value.system, SystemPresence::Break);
    assert_eq!(seen.routing.unwrap().value, RoutingStatus::Idle);
    assert_eq!(seen.out_of_office.unwrap().value, Office::Off);
    assert_eq!(seen.ours, None, "it does not say whose presence it is");
    assert_eq!(shown("v2.users.{id}.activity", body(true)).out_of_office, None);
}

#[test]
fn the_platform_says_when_a_channel_ends() {
    let end = |topic: &str, reason| heard(topic, json!({"channelId": "streaming-1-x", "reason": reason}));
    let revoked = end("v2.system.token_revoked.streaming-1-x", "user_tokens_revoked");
    assert_eq!(revoked, Notice::Ended("the token was revoked: user_tokens_revoked".to_owned()));
    let displaced = end("v2.system.no_longer_subscribed.streaming-1-x", "another_channel_subscribed");
    assert_eq!(displaced, Notice::Ended("the platform ended the subscription: another_channel_subscribed".to_owned()));
    assert_eq!(heard("v2.system.token_revoked", json!(7)), Notice::Ended("the token was revoked".to_owned()));
    assert_eq!(heard("v2.system.socket_closing", json!({"message": "soon"})), Notice::Closing);
    assert_eq!(heard("v2.system.subscription_changed.streaming-1-x", json!({})), Notice::Nothing);
}

#[test]
fn whatever_else_comes_says_nothing() {
    let reads = |text: &str| read(text, &ours(), &Logged::default());
    for text in [
        "",
        "{",
        "null",
        "[]",
        "\"\u{0}\"",
        r#"{"message":"pong"}"#,
        r#"{"topicName":7}"#,
        r#"{"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}}"#,
        r#"{"topicName":"v2.users.joe.presence","eventBody":{}}"#,
        r#"{"topicName":"v2.users."}"#,
        r#"{"topicName":"v2.system."}"#,
        r#"{"result":"200","status":"subscribed"}"#,
        &"[".repeat(100_000),
    ] {
        assert_eq!(reads(text), Notice::Nothing, "{text}");
    }
    for topic in ["presence", "routingStatus", "outofoffice", "activity", "integrationpresence", ""] {
        for body in [json!(null), json!({}), json!(7), json!([]), json!({"presence": 7, "active": "x"})] {
            let notice = heard(&format!("v2.users.{{id}}.{topic}"), body.clone());
            assert_eq!(notice, Notice::Nothing, "{topic} {body}");
        }
    }
    let unknown = json!({"routingStatus": {"status": "DREAMING"}});
    assert_eq!(heard("v2.users.{id}.routingStatus", unknown), Notice::Nothing);
}
