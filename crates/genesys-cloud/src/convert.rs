//! Between the platform's words and ours; the only place that has both.
//!
//! A value that the platform may have added since is reported as [`Unknown`] and left out, never guessed.

use std::str::FromStr;

use domain::change::Value;
use domain::ids::{CloudUserId, DefinitionId, SourceId};
use domain::target::{
    CloudUser, Definition, Definitions, Observation, OutOfOffice, Presence, RoutingStatus, Seen, SystemPresence,
    UserState,
};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use replicator::ports::Order;

use crate::wire;
use crate::wire::RoutingEventStatus;

/// A value that the platform said and that we do not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// Of a presence.
    Presence(String),
    /// Of a routing status.
    Routing(String),
    /// An id that is no UUID, or the state of a user.
    User(String),
    /// The name of a topic whose notification has another shape than the one we know.
    Notification(String),
}

/// A time as both events endpoints want it: UTC with milliseconds and `Z`.
pub(crate) fn event_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Reads a time; the platform leaves the zone out in places, where it means UTC.
pub(crate) fn time(text: Option<&str>) -> Option<Timestamp> {
    let text = text?;
    Timestamp::from_str(text).ok().or_else(|| {
        let civil = DateTime::from_str(text).ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })
}

/// The event for an order of the presence lane, or why there is none.
pub(crate) fn presence_event(
    order: &Order,
    source: SourceId,
    definitions: &Definitions,
) -> Result<wire::PresenceEvent, String> {
    let (_, definition) = presence_definition(order, definitions)?;
    Ok(wire::PresenceEvent {
        event_id: order.change.id.0,
        event_date_time: event_time(order.change.happened),
        user_id: order.user.0,
        source_id: source.0,
        presence_definition_id: definition.0,
    })
}

/// The event for an order of the routing lane, or why there is none.
pub(crate) fn routing_event(order: &Order, source: SourceId) -> Result<wire::RoutingEvent, String> {
    let Value::Routing(status) = order.change.to else {
        return Err(misplaced(order));
    };
    let status = match status {
        RoutingStatus::OffQueue => RoutingEventStatus::OffQueue,
        RoutingStatus::Idle => RoutingEventStatus::Idle,
        RoutingStatus::Interacting => RoutingEventStatus::Interacting,
        RoutingStatus::Communicating => RoutingEventStatus::Communicating,
        RoutingStatus::NotResponding => RoutingEventStatus::NotResponding,
    };
    Ok(wire::RoutingEvent {
        event_id: order.change.id.0,
        event_date_time: event_time(order.change.happened),
        agent_id: order.user.0,
        status,
        source_id: source.0,
    })
}

/// What sets a user's presence directly, or why it cannot be.
pub(crate) fn presence_definition(
    order: &Order,
    definitions: &Definitions,
) -> Result<(Presence, DefinitionId), String> {
    let Value::Presence(presence) = order.change.to else {
        return Err(misplaced(order));
    };
    let definition = definitions.id_of(presence).ok_or_else(|| undefined(presence))?;
    Ok((presence, definition))
}

/// The body for an order of the lane that ends NOT_RESPONDING, or why there is none.
pub(crate) fn set_routing_status(order: &Order) -> Result<wire::SetRoutingStatus, String> {
    match order.change.to {
        Value::Routing(status @ RoutingStatus::Idle) => {
            Ok(wire::SetRoutingStatus { user_id: order.user.0, status: status.name() })
        }
        Value::Routing(status) => Err(format!("{status} cannot be set directly")),
        Value::Presence(_) | Value::OutOfOffice(_) => Err(misplaced(order)),
    }
}

fn undefined(presence: Presence) -> String {
    format!("the organisation has no presence definition for {presence}")
}

/// The body for an order of the out of office lane, or why there is none.
pub(crate) fn set_out_of_office(order: &Order) -> Result<wire::SetOutOfOffice, String> {
    let Value::OutOfOffice(value) = order.change.to else {
        return Err(misplaced(order));
    };
    Ok(match value {
        OutOfOffice::Off => wire::SetOutOfOffice { active: false, indefinite: false, start_date: None, end_date: None },
        OutOfOffice::On { until } => wire::SetOutOfOffice {
            active: true,
            indefinite: until.is_none(),
            start_date: Some(event_time(order.change.happened)),
            end_date: until.map(event_time),
        },
    })
}

fn misplaced(order: &Order) -> String {
    format!("a change of {} was put into another lane", order.change.to.facet())
}

/// A presence definition of either list. `deactivated` is what was asked for, where the entry itself does not say.
pub(crate) fn definition(wire: wire::PresenceDefinition, deactivated: bool) -> Result<Definition, Unknown> {
    let id = id(wire.id.as_deref())?;
    let system_presence = wire.system_presence.unwrap_or_default();
    let system = SystemPresence::parse(&system_presence).ok_or(Unknown::Presence(system_presence))?;
    // The old list has no type; there `primary` marks the undeletable ones.
    let is_system = match wire.kind {
        Some(kind) => kind.eq_ignore_ascii_case("system"),
        None => wire.primary.unwrap_or(false),
    };
    let mut labels: Vec<String> = Vec::new();
    for label in wire.name.into_iter().chain(wire.language_labels.into_iter().flatten().filter_map(|(_, label)| label))
    {
        if !label.trim().is_empty() && !labels.contains(&label) {
            labels.push(label);
        }
    }
    Ok(Definition {
        id: DefinitionId(id),
        labels,
        system,
        is_system,
        deactivated: wire.deactivated.unwrap_or(deactivated),
    })
}

/// A user of the directory.
pub(crate) fn user(wire: wire::User) -> Result<CloudUser, Unknown> {
    let id = CloudUserId(id(wire.id.as_deref())?);
    let state = match wire.state.as_deref().map(str::to_ascii_lowercase).as_deref() {
        // Only active ones are listed unless others are asked for.
        None | Some("active") => UserState::Active,
        Some("inactive") => UserState::Inactive,
        Some("deleted") => UserState::Deleted,
        Some(other) => return Err(Unknown::User(other.to_owned())),
    };
    // The user name is an e-mail address and stands in for a missing one.
    let email = wire.email.or(wire.username).filter(|email| !email.trim().is_empty());
    Ok(CloudUser { id, name: wire.name.unwrap_or_default(), email, state })
}

/// The UUID in a text.
pub(crate) fn id(text: Option<&str>) -> Result<uuid::Uuid, Unknown> {
    let text = text.unwrap_or_default();
    uuid::Uuid::try_parse(text).map_err(|_| Unknown::User(text.to_owned()))
}

/// Who we are in the organisation, to recognise it.
#[derive(Debug)]
pub(crate) struct Ours {
    pub(crate) source: Source,
    pub(crate) definitions: Definitions,
}

/// The presence source that we write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// One that is registered for us.
    Registered {
        id: SourceId,
        /// Some answers show it instead of the id.
        name: String,
    },
    /// The platform's own.
    Platform,
}

/// The name of the platform's own source, which is its id, too.
pub(crate) const PLATFORM: &str = "PURECLOUD";

impl Ours {
    /// What the organisation shows for a user; what is not told, or not understood, is `None`.
    pub(crate) fn observation(&self, wire: &wire::User, unknown: &mut Vec<Unknown>) -> Option<Observation> {
        let user = match id(wire.id.as_deref()) {
            Ok(id) => CloudUserId(id),
            Err(odd) => {
                unknown.push(odd);
                return None;
            }
        };
        Some(Observation {
            user,
            presence: wire.presence.as_ref().and_then(|presence| self.presence(presence, unknown)),
            routing: wire.routing_status.as_ref().and_then(|status| routing(status, unknown)),
            out_of_office: wire.out_of_office.as_ref().and_then(out_of_office),
            ours: wire.presence.as_ref().and_then(|presence| self.is_source_of(presence)),
        })
    }

    /// The presence that a user has, or has in one source.
    pub(crate) fn presence(&self, wire: &wire::UserPresence, unknown: &mut Vec<Unknown>) -> Option<Seen<Presence>> {
        let reference = wire.presence_definition.as_ref()?;
        let definition: Option<DefinitionId> = reference.id.as_deref().and_then(|id| id.parse().ok());
        let known = definition.and_then(|id| self.definitions.presence_of(id));
        let system = reference.system_presence.as_deref();
        // A definition made since we started is recognised by the system presence that it hangs under.
        let recent = || Some(Presence { system: SystemPresence::parse(system?)?, secondary: definition });
        let Some(value) = known.or_else(recent) else {
            let said = reference.id.as_deref().or(system).unwrap_or_default();
            unknown.push(Unknown::Presence(said.to_owned()));
            return None;
        };
        Some(Seen { value, since: time(wire.modified_date.as_deref()) })
    }

    /// What a notification of a user's presence shows; `None` when it is about a presence that is not shown.
    ///
    /// The platform notifies of the presence that counts, which is the primary source's. That somebody else's source
    /// is the primary one is concluded only where the notification says so itself.
    pub(crate) fn notified(
        &self,
        user: CloudUserId,
        wire: &wire::UserPresence,
        unknown: &mut Vec<Unknown>,
    ) -> Option<Observation> {
        let ours = match (self.is_source_of(wire), wire.primary) {
            (_, Some(false)) => return None,
            (Some(true), Some(true) | None) => Some(true),
            (Some(false), Some(true)) => Some(false),
            (Some(false), None) | (None, Some(true) | None) => None,
        };
        Some(Observation { presence: self.presence(wire, unknown), ours, ..nothing(user) })
    }

    /// What a notification of a user's activity shows. It does not tell the source of the presence.
    pub(crate) fn active(&self, user: CloudUserId, wire: &wire::Activity, unknown: &mut Vec<Unknown>) -> Observation {
        // Only whether: without an end or the word that there is none, it is not known which out of office this is.
        let ended = |value: &&wire::OutOfOffice| value.active == Some(false) || value.indefinite.is_some();
        Observation {
            presence: wire.presence.as_ref().and_then(|presence| self.presence(presence, unknown)),
            routing: wire.routing_status.as_ref().and_then(|status| routing(status, unknown)),
            out_of_office: wire.out_of_office.as_ref().filter(ended).and_then(out_of_office),
            ..nothing(user)
        }
    }

    /// Whether a presence is our source's; `None` when its source is not told and may be a registered one.
    pub(crate) fn is_source_of(&self, wire: &wire::UserPresence) -> Option<bool> {
        // `source` is the deprecated one of the two and holds a name for system sources, an id for registered ones.
        let told = [wire.source_id.as_deref(), wire.source.as_deref()];
        let mut told = told.into_iter().flatten().filter(|source| !source.is_empty()).peekable();
        match (&self.source, told.peek()) {
            (Source::Registered { .. }, None) => None,
            // Registered sources are what would be told.
            (Source::Platform, None) => Some(true),
            (Source::Registered { id, name }, Some(_)) => {
                Some(told.any(|told| told.parse() == Ok(*id) || told.eq_ignore_ascii_case(name)))
            }
            (Source::Platform, Some(_)) => Some(told.any(|told| told.eq_ignore_ascii_case(PLATFORM))),
        }
    }
}

/// What is known of a user of whom nothing was told.
pub(crate) fn nothing(user: CloudUserId) -> Observation {
    Observation { user, presence: None, routing: None, out_of_office: None, ours: None }
}

/// A user's routing status.
pub(crate) fn routing(wire: &wire::RoutingStatus, unknown: &mut Vec<Unknown>) -> Option<Seen<RoutingStatus>> {
    let status = wire.status.as_deref()?;
    let Some(value) = RoutingStatus::parse(status) else {
        unknown.push(Unknown::Routing(status.to_owned()));
        return None;
    };
    Some(Seen { value, since: time(wire.start_time.as_deref()) })
}

/// A user's out of office.
pub(crate) fn out_of_office(wire: &wire::OutOfOffice) -> Option<Seen<OutOfOffice>> {
    let since = time(wire.start_date.as_deref());
    let value = match (wire.active?, wire.indefinite.unwrap_or(false)) {
        (false, _) => OutOfOffice::Off,
        (true, true) => OutOfOffice::On { until: None },
        (true, false) => OutOfOffice::On { until: time(wire.end_date.as_deref()) },
    };
    Some(Seen { value, since })
}

#[cfg(test)]
mod tests;
