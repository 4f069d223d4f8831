//! A PureConnect user as the server holds it: profile, status, logons, activations.
//!
//! Knows the wire form of a status and of a configured user. It does not know who watches it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::BitOr;
use std::sync::Arc;

use domain::ids::{InteractionId, WorkgroupId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::rights::{Right, Withheld};
use crate::icws::catalogue::{StatusMessage, configuration_id};

/// Until when a status lasts, as the user typed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Until {
    /// The moment.
    #[serde(with = "stamp")]
    pub until_date_time: Timestamp,
    /// Whether its date counts.
    pub has_date: bool,
    /// Whether its time counts.
    pub has_time: bool,
}

/// The compact UTC form of all times on this wire, `20201029T082018Z`: whole seconds.
pub(crate) fn compact(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

mod stamp {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::compact(*time))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A set of properties of a user's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Properties(u16);

impl Properties {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(0x3ff);
    pub(crate) const STATUS: Self = Self(1);
    pub(crate) const STATUS_CHANGED: Self = Self(1 << 1);
    pub(crate) const LOGGED_IN: Self = Self(1 << 2);
    pub(crate) const ON_PHONE: Self = Self(1 << 3);
    pub(crate) const ON_PHONE_CHANGED: Self = Self(1 << 4);
    pub(crate) const STATIONS: Self = Self(1 << 5);
    pub(crate) const IC_SERVERS: Self = Self(1 << 6);
    pub(crate) const NOTES: Self = Self(1 << 7);
    pub(crate) const FORWARD_NUMBER: Self = Self(1 << 8);
    pub(crate) const UNTIL: Self = Self(1 << 9);

    /// The properties with these names; one that is not known counts for nothing.
    pub(crate) fn named(names: &[String]) -> Self {
        names.iter().fold(Self::NONE, |set, name| {
            set | match name.to_ascii_lowercase().as_str() {
                "statusid" => Self::STATUS,
                "statuschanged" => Self::STATUS_CHANGED,
                "loggedin" => Self::LOGGED_IN,
                "onphone" => Self::ON_PHONE,
                "onphonechanged" => Self::ON_PHONE_CHANGED,
                "stations" => Self::STATIONS,
                "icservers" => Self::IC_SERVERS,
                "notes" => Self::NOTES,
                "forwardnumber" => Self::FORWARD_NUMBER,
                "until" => Self::UNTIL,
                _ => Self::NONE,
            }
        })
    }

    pub(crate) fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn includes(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Properties {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A status that is the user's already and that nobody has been told yet, because another was told in the same second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    /// The truth's entry of the change.
    pub(crate) sequence: u64,
    /// What else changed with it.
    pub(crate) properties: Properties,
}

/// A former status, for `user-status-previous-info`.
#[derive(Debug, Clone)]
pub(crate) struct Former {
    pub(crate) status: Arc<str>,
    pub(crate) notes: String,
    pub(crate) forward_number: String,
}

/// A user.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: Arc<str>,
    pub(crate) display_name: String,
    pub(crate) email: Option<String>,
    pub(crate) extension: String,
    pub(crate) workgroups: BTreeSet<WorkgroupId>,
    pub(crate) activations: BTreeMap<WorkgroupId, bool>,
    pub(crate) created: Timestamp,
    /// The account that the adapter logs on with: not an agent, so neither in the truth nor in the list of users.
    pub(crate) service: bool,
    pub(crate) status: Arc<str>,
    pub(crate) status_changed: Timestamp,
    pub(crate) notes: String,
    pub(crate) forward_number: String,
    pub(crate) until: Option<Until>,
    pub(crate) former: Vec<Former>,
    /// Logged on at a desk.
    pub(crate) at_desk: bool,
    /// ICWS sessions of this user.
    pub(crate) sessions: usize,
    /// Shown as logged off for now, though whoever sits there did not leave.
    pub(crate) shown_out: bool,
    pub(crate) station: Option<String>,
    pub(crate) on_phone: bool,
    pub(crate) on_phone_changed: Timestamp,
    pub(crate) interactions: BTreeSet<InteractionId>,
    /// The second of the status that was told last, to tell at most one in a second.
    pub(crate) told_second: i64,
    pub(crate) told_status: Arc<str>,
    pub(crate) held: Option<Held>,
}

impl User {
    pub(crate) fn logged_in(&self) -> bool {
        self.at_desk || self.sessions > 0
    }

    /// What clients are told of it.
    fn shows_logged_in(&self) -> bool {
        self.logged_in() && !self.shown_out
    }

    /// `urn:inin.com:status:userStatus` with these properties. In a whole status what is empty is left out; in a
    /// difference (`delta`) it is said, or nobody would learn that it was cleared. What may not be seen is left out.
    pub(crate) fn status_to_wire(
        &self,
        properties: Properties,
        delta: bool,
        server: &str,
        withheld: &Withheld,
    ) -> Value {
        let properties = withheld.seen(properties);
        let mut wire = Map::new();
        wire.insert("userId".to_owned(), json!(self.id));
        if withheld.has(Right::StatusColumn) {
            wire.insert("statusId".to_owned(), json!(self.status));
        }
        let mut put = |property: Properties, name: &str, value: Option<Value>| {
            if let Some(value) = value
                && properties.includes(property)
            {
                wire.insert(name.to_owned(), value);
            }
        };
        let text = |text: &str| (delta || !text.is_empty()).then(|| json!(text));
        put(Properties::STATUS_CHANGED, "statusChanged", Some(json!(compact(self.status_changed))));
        put(Properties::LOGGED_IN, "loggedIn", Some(json!(self.shows_logged_in())));
        put(Properties::ON_PHONE, "onPhone", Some(json!(self.on_phone)));
        put(Properties::ON_PHONE_CHANGED, "onPhoneChanged", Some(json!(compact(self.on_phone_changed))));
        put(Properties::STATIONS, "stations", Some(self.stations()));
        let servers = if self.shows_logged_in() { json!([server]) } else { json!([]) };
        put(Properties::IC_SERVERS, "icServers", Some(servers));
        put(Properties::NOTES, "notes", text(&self.notes));
        put(Properties::FORWARD_NUMBER, "forwardNumber", text(&self.forward_number));
        let until = self.until.as_ref().map(|until| json!(until));
        put(Properties::UNTIL, "until", until.or_else(|| delta.then_some(Value::Null)));
        Value::Object(wire)
    }

    fn stations(&self) -> Value {
        match &self.station {
            Some(station) if self.shows_logged_in() => json!([station]),
            Some(_) | None => json!([]),
        }
    }

    /// The last statuses, newest first.
    pub(crate) fn former_to_wire(&self) -> Vec<Value> {
        let former = self.former.iter().rev();
        former
            .map(|former| {
                let mut wire = json!({"statusId": former.status, "notes": former.notes});
                if !former.forward_number.is_empty() {
                    wire["forwardNumber"] = json!(former.forward_number);
                }
                wire
            })
            .collect()
    }

    /// `urn:inin.com:configuration.people:user`, all properties that this system keeps.
    pub(crate) fn to_configuration(&self, status: Option<&StatusMessage>) -> Value {
        let (given, surname) = self.display_name.split_once(' ').unwrap_or((&self.display_name, ""));
        let mut person = json!({"givenName": given, "surname": surname, "departmentName": "Contact Center"});
        let mut mailbox = json!({"displayName": self.display_name, "type": 0});
        if let Some(email) = &self.email {
            person["emailAddress"] = json!(email);
            mailbox["emailAddress"] = json!(email);
        }
        let workgroup = |id: &WorkgroupId| configuration_id("workgroups", id.as_str(), id.as_str());
        json!({
            "configurationId": configuration_id("users", &self.id, &self.display_name),
            "extension": self.extension,
            "statusText": status.map_or(&*self.status, |status| &status.message_text),
            "personalInformationProperties": person,
            "mailboxProperties": mailbox,
            "workgroups": self.workgroups.iter().map(workgroup).collect::<Vec<_>>(),
            "roles": {"effectiveValue": [configuration_id("roles", "Agent", "Agent")]},
            "skills": {"effectiveValue": []},
            "licenseProperties": {"licenseActive": true, "hasClientAccess": true, "mediaLevel": 3, "mediaTypes": [1, 2, 3],
                "allocationType": 0, "additionalLicenses": [], "interactionProcessAutomationType": 0},
            "createdDate": compact(self.created),
            "lastModifiedDate": compact(self.created),
        })
    }
}
