//! Notification topics: how they are named, and what is told when something is different to the eye.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::adherence;
use super::dates;
use super::definitions::shouted;
use super::sources::{PURECLOUD, SourceKey};
use super::state::State;
use super::user::{Presence, Shown, User};

/// What of a user can be subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Topic {
    Presence,
    RoutingStatus,
    OutOfOffice,
    Activity,
    IntegrationPresence,
    Adherence,
}

impl Topic {
    pub const ALL: [Self; 6] = [
        Self::Presence,
        Self::RoutingStatus,
        Self::OutOfOffice,
        Self::Activity,
        Self::IntegrationPresence,
        Self::Adherence,
    ];

    /// The part of the topic's name after the user.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Presence => "presence",
            Self::RoutingStatus => "routingStatus",
            Self::OutOfOffice => "outofoffice",
            Self::Activity => "activity",
            Self::IntegrationPresence => "integrationpresence",
            Self::Adherence => "workforcemanagement.adherence",
        }
    }

    /// The permission that a subscription needs.
    pub fn permission(self) -> Option<&'static str> {
        match self {
            Self::Adherence => Some("wfm:realtimeAdherence:view"),
            Self::Presence | Self::RoutingStatus | Self::OutOfOffice | Self::Activity | Self::IntegrationPresence => {
                None
            }
        }
    }

    /// The name of an event.
    pub fn name(self, user: Uuid) -> String {
        format!("v2.users.{user}.{}", self.suffix())
    }

    fn parse(suffix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.suffix().eq_ignore_ascii_case(suffix))
    }
}

/// The longest combined topic.
const LONGEST: usize = 200;

/// What a subscription's id stands for: `v2.users.{id}.presence`, or several at once as
/// `v2.users.{id}?presence&routingStatus`. Topics of the platform itself stand for nothing that needs a subscription.
pub(super) fn parse(id: &str) -> Option<Vec<(Uuid, Topic)>> {
    if id == "channel.metadata" || id.starts_with("v2.system.") {
        return Some(Vec::new());
    }
    let rest = id.strip_prefix("v2.users.").filter(|_| id.len() <= LONGEST)?;
    if let Some((user, suffixes)) = rest.split_once('?') {
        let user = Uuid::try_parse(user).ok()?;
        return suffixes.split('&').map(|suffix| Some((user, Topic::parse(suffix)?))).collect();
    }
    let (user, suffix) = rest.split_once('.')?;
    Some(vec![(Uuid::try_parse(user).ok()?, Topic::parse(suffix)?)])
}

/// What subscribers are told after a change of a user.
pub(super) fn changes(
    state: &State,
    user: &User,
    before: &Shown,
    after: &Shown,
    sources_before: &BTreeMap<SourceKey, Presence>,
    at: Timestamp,
) -> Vec<(Topic, Value)> {
    let mut told = Vec::new();
    let wants = |topic| state.channels.wants(user.id, topic);
    let presence = before.presence != after.presence || before.source != after.source;
    let routing = before.routing != after.routing;
    let out_of_office = before.out_of_office != after.out_of_office;
    if presence && wants(Topic::Presence) {
        told.push((Topic::Presence, presence_body(state, after)));
    }
    if routing && wants(Topic::RoutingStatus) {
        let status = routing_body(after);
        told.push((Topic::RoutingStatus, json!({"id": user.id, "routingStatus": status})));
    }
    if out_of_office && wants(Topic::OutOfOffice) {
        let value = &after.out_of_office;
        told.push((
            Topic::OutOfOffice,
            json!({
                "user": {"id": user.id},
                "active": value.active,
                "indefinite": value.indefinite,
                "startDate": value.start.map(dates::show),
                "endDate": value.end.map(dates::show),
                "modifiedDate": dates::show(at),
            }),
        ));
    }
    if (presence || routing || out_of_office) && wants(Topic::Activity) {
        told.push((Topic::Activity, activity_body(state, user, after, at)));
    }
    if (presence || routing || out_of_office) && wants(Topic::Adherence) {
        told.push((Topic::Adherence, adherence::show(state, user)));
    }
    if wants(Topic::IntegrationPresence) {
        told.extend(integration_bodies(state, user, before, after, sources_before, at));
    }
    told
}

fn definition_body(state: &State, presence: &Presence) -> Value {
    let system = shouted(state.definitions.system_of(presence.definition));
    json!({"id": presence.definition, "systemPresence": system})
}

fn presence_body(state: &State, shown: &Shown) -> Value {
    json!({
        "source": shown.source.to_string(),
        "sourceId": matches!(shown.source, SourceKey::Registered(_)).then(|| shown.source.to_string()),
        "presenceDefinition": definition_body(state, &shown.presence),
        "primary": true,
        "message": shown.presence.message,
        "modifiedDate": dates::show(shown.presence.modified),
    })
}

fn routing_body(shown: &Shown) -> Value {
    json!({"status": shown.routing.status.name(), "startTime": dates::show(shown.routing.since)})
}

fn activity_body(state: &State, user: &User, shown: &Shown, at: Timestamp) -> Value {
    json!({
        "id": user.id,
        "routingStatus": routing_body(shown),
        "presence": {
            "presenceDefinition": definition_body(state, &shown.presence),
            "presenceMessage": shown.presence.message,
            "modifiedDate": dates::show(shown.presence.modified),
        },
        "outOfOffice": {"active": shown.out_of_office.active, "modifiedDate": dates::show(at)},
        "activeQueueIds": [],
        "dateActiveQueuesChanged": dates::show(at),
    })
}

fn integration_bodies(
    state: &State,
    user: &User,
    before: &Shown,
    after: &Shown,
    sources_before: &BTreeMap<SourceKey, Presence>,
    at: Timestamp,
) -> Vec<(Topic, Value)> {
    let mut told = Vec::new();
    let body = |kind: &str, source: SourceKey, presence: &Presence| {
        json!({
            "userId": user.id,
            "eventType": kind,
            "source": source.to_string(),
            "modifiedDate": dates::show(at),
            "presenceDefinition": definition_body(state, presence),
            "message": presence.message,
            "currentDisplaySourceId": after.primary.to_string(),
            "previousDisplaySourceId": before.primary.to_string(),
        })
    };
    for (source, presence) in &user.presences {
        if *source != PURECLOUD && sources_before.get(source) != Some(presence) {
            told.push((Topic::IntegrationPresence, body("UserPresenceStatusChanged", *source, presence)));
        }
    }
    if before.primary != after.primary {
        let change = body("UserPrimaryPresenceSourceChanged", after.primary, &after.presence);
        told.push((Topic::IntegrationPresence, change));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_combined_topic_stands_for_its_parts() {
        let user = Uuid::from_u128(7);
        let parts = parse(&format!("v2.users.{}?presence&routingStatus&outofoffice", user.to_string().to_uppercase()));
        let wanted = vec![(user, Topic::Presence), (user, Topic::RoutingStatus), (user, Topic::OutOfOffice)];
        assert_eq!(parts, Some(wanted));
        assert_eq!(
            parse(&format!("v2.users.{user}.workforcemanagement.adherence")),
            Some(vec![(user, Topic::Adherence)])
        );
        for bad in ["v2.users.joe.presence", "v2.users", "nonsense", &format!("v2.users.{user}.nonsense")] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
