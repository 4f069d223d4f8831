//! One user: the record, a presence per source, routing status, out of office, and how each is shown.
//!
//! A record does not know which source is the organisation's default; `state` does, and passes the effective one in.

use std::collections::BTreeMap;

use domain::target::{RoutingStatus, SystemPresence};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::dates;
use super::definitions::Definitions;
use super::sources::{PURECLOUD, SourceKey};
use super::truth::OutOfOfficeTruth;

/// A user.
pub(super) struct User {
    pub id: Uuid,
    pub name: String,
    pub email: Option<String>,
    pub username: String,
    pub department: Option<String>,
    pub title: Option<String>,
    pub addresses: Value,
    pub acd_auto_answer: bool,
    /// `active`, `inactive` or `deleted`.
    pub state: &'static str,
    pub state_changed: Timestamp,
    pub version: i64,
    /// Authority and key.
    pub external_ids: Vec<(String, String)>,
    /// The presence that each source says the user has. The platform's own is always there.
    pub presences: BTreeMap<SourceKey, Presence>,
    /// Whose presence is shown; `None` is the organisation's default.
    pub primary: Option<SourceKey>,
    /// Since when it is so; `None` if it was never chosen.
    pub primary_since: Option<Timestamp>,
    /// What follows from the presence that is shown, and from ACD while on queue.
    pub derived: Routing,
    /// What registered sources injected.
    pub injected: BTreeMap<Uuid, Routing>,
    pub out_of_office: OutOfOfficeTruth,
    /// When out of office was written last.
    pub out_of_office_since: Option<Timestamp>,
}

/// A presence as one source has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Presence {
    pub definition: Uuid,
    pub message: String,
    pub modified: Timestamp,
}

/// A routing status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Routing {
    pub status: RoutingStatus,
    pub since: Timestamp,
}

/// What everybody sees of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// The primary source.
    pub primary: SourceKey,
    /// Whose presence is shown: the primary source's, or the platform's own while the primary has none.
    pub source: SourceKey,
    pub presence: Presence,
    pub routing: Routing,
    /// Who injected the routing status; the platform itself where it is derived.
    pub routing_source: SourceKey,
    pub out_of_office: OutOfOfficeTruth,
}

impl User {
    /// A user who has never logged in.
    pub fn new(id: Uuid, name: &str, email: Option<&str>, at: Timestamp) -> Self {
        let offline =
            Presence { definition: Definitions::id_of(SystemPresence::Offline), message: String::new(), modified: at };
        Self {
            id,
            name: name.to_owned(),
            email: email.map(str::to_owned),
            username: email.map_or_else(|| id.to_string(), str::to_owned),
            department: None,
            title: None,
            addresses: json!([]),
            acd_auto_answer: false,
            state: "active",
            state_changed: at,
            version: 1,
            external_ids: Vec::new(),
            presences: BTreeMap::from([(PURECLOUD, offline)]),
            primary: None,
            primary_since: None,
            derived: Routing { status: RoutingStatus::OffQueue, since: at },
            injected: BTreeMap::new(),
            out_of_office: OutOfOfficeTruth::default(),
            out_of_office_since: None,
        }
    }

    /// The platform's own presence.
    pub fn own_presence(&self) -> &Presence {
        self.presences.get(&PURECLOUD).expect("every user is made with one, and none is ever taken away")
    }

    /// What is shown when this is the primary source.
    pub fn shown(&self, primary: SourceKey) -> Shown {
        let (source, presence) = match self.presences.get(&primary) {
            Some(presence) => (primary, presence),
            None => (PURECLOUD, self.own_presence()),
        };
        let injected = match primary {
            SourceKey::Registered(id) => self.injected.get(&id).copied(),
            SourceKey::System(_) => None,
        };
        Shown {
            primary,
            source,
            presence: presence.clone(),
            routing: injected.unwrap_or(self.derived),
            routing_source: if injected.is_some() { primary } else { PURECLOUD },
            out_of_office: self.out_of_office.clone(),
        }
    }

    /// Chooses whose presence is shown.
    pub fn set_primary(&mut self, source: SourceKey, at: Timestamp) {
        self.primary = Some(source);
        self.primary_since = Some(at);
    }

    /// Replaces out of office.
    pub fn set_out_of_office(&mut self, value: OutOfOfficeTruth, at: Timestamp) {
        self.out_of_office = value;
        self.out_of_office_since = Some(at);
    }

    /// Lets the derived routing status follow the presence shown: onto the queue, idle; off it, off queue.
    pub fn follow_presence(&mut self, on_queue: bool, since: Timestamp) {
        let was_on_queue = self.derived.status != RoutingStatus::OffQueue;
        if on_queue != was_on_queue {
            let status = if on_queue { RoutingStatus::Idle } else { RoutingStatus::OffQueue };
            self.derived = Routing { status, since };
        }
    }

    /// The directory's record.
    pub fn record(&self, division: &Value) -> Value {
        let contact =
            self.email.as_ref().map(|email| json!({"address": email, "mediaType": "EMAIL", "type": "PRIMARY"}));
        json!({
            "id": self.id,
            "name": self.name,
            "division": division,
            "chat": {"jabberId": self.jabber_id()},
            "department": self.department,
            "email": self.email,
            "primaryContactInfo": contact.into_iter().collect::<Vec<_>>(),
            "addresses": self.addresses,
            "state": self.state,
            "title": self.title,
            "username": self.username,
            "version": self.version,
            "acdAutoAnswer": self.acd_auto_answer,
            "selfUri": format!("/api/v2/users/{}", self.id),
        })
    }

    /// The chat address.
    pub fn jabber_id(&self) -> String {
        format!("{}@simulated.orgspan.com", self.id.simple())
    }

    /// The out of office object.
    pub fn show_out_of_office(&self) -> Value {
        let value = &self.out_of_office;
        json!({
            "id": self.id,
            "user": {"id": self.id, "selfUri": format!("/api/v2/users/{}", self.id), "version": self.version},
            "startDate": value.start.map(dates::show),
            "endDate": value.end.map(dates::show),
            "active": value.active,
            "indefinite": value.indefinite,
            "selfUri": format!("/api/v2/users/{}/outofoffice", self.id),
        })
    }

    /// A routing status object.
    pub fn show_routing(&self, routing: Routing) -> Value {
        json!({"userId": self.id, "status": routing.status.name(), "startTime": dates::show(routing.since)})
    }
}
