//! What an organisation has and allows, found out without changing anything in it: the facts behind `check`.
//!
//! Knows which questions there are and how the answers look. Gives no advice and passes no judgement: of words there
//! are only those of the platform. Never fails as a whole; each question has its own answer, or the reason why it has
//! none.

mod ask;
mod permissions;

use std::sync::Arc;

use domain::ids::SourceId;
use domain::target::{CloudUser, Definitions, SystemPresence};
use replicator::ports::Clock;

use crate::config::Config;
use crate::delivery::Delivery;

/// What was found out about an organisation.
#[derive(Debug, Clone)]
pub struct Survey {
    /// Why nothing could be asked at all, when the configuration cannot be used: an empty id, an address that is none,
    /// a certificate file that cannot be read. Everything else then says so, too.
    pub unusable: Option<String>,
    /// What was found out about each OAuth client, in the order of the configuration.
    pub clients: Vec<ClientSurvey>,
    /// Its presence definitions.
    pub definitions: Result<DefinitionsFound, Unanswered>,
    /// Its active presence sources.
    pub sources: Result<SourcesFound, Unanswered>,
    /// Whose presence counts for users who have no primary source of their own.
    pub default_source: Result<DefaultSource, Unanswered>,
    /// How [`connect`](crate::GenesysCloud::connect) would deliver, by what the clients that could be asked may do; or
    /// why it would not.
    pub delivery: Result<Chosen, String>,
    /// Its users.
    pub users: Result<UsersFound, Unanswered>,
    /// What came into being although nothing should have: a presence source that was made without a name, with the id
    /// that the platform gave it.
    pub created: Option<String>,
}

/// What was found out about an OAuth client.
#[derive(Debug, Clone)]
pub struct ClientSurvey {
    /// Its id.
    pub id: String,
    /// What the login service said to it.
    pub logon: Logon,
    /// The organisation that it belongs to.
    pub organisation: Result<OrganisationFound, Unanswered>,
    /// What it may do, each permission once. [`Permission::SourceAdd`] is there only where our source is not.
    pub permissions: Vec<(Permission, Standing)>,
    /// How many requests a minute the platform allows to one of its tokens, by the headers of its answers.
    pub limit: Option<u32>,
    /// How many requests of the Platform API were made in its name.
    pub requests: u32,
}

/// What the login service said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logon {
    /// It gave a token.
    Accepted,
    /// It did not accept the client: wrong id or secret, expired, deactivated, another grant type.
    Refused {
        /// The status of the answer.
        status: u16,
        /// Its words.
        said: String,
    },
    /// Something answered that is no login service: another region, another host, a proxy.
    Misdirected {
        /// The status of the answer.
        status: u16,
        /// Its words.
        said: String,
    },
    /// Its certificate is not trusted; it was sent nothing.
    Untrusted {
        /// What is wrong with the certificate.
        said: String,
    },
    /// It did not answer in time, or only that it cannot answer now.
    Unreachable {
        /// The status of the last answer, if there was one.
        status: Option<u16>,
        /// What happened.
        said: String,
    },
    /// It was not asked: see [`Survey::unusable`].
    NotAsked,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// It may not be asked: a permission is missing (403).
    Forbidden {
        /// The platform's words.
        said: String,
    },
    /// The token is not accepted (401): the two addresses are of different regions, or our address is not allowed.
    Unauthorized {
        /// The platform's words.
        said: String,
    },
    /// What answered does not know the question, or answered something else: probably no Platform API.
    Refused {
        /// The status of the answer.
        status: Option<u16>,
        /// Its words.
        said: String,
    },
    /// The certificate of the other side is not trusted; it was sent nothing.
    Untrusted {
        /// What is wrong with the certificate.
        said: String,
    },
    /// There was no answer in time, or only that there is none now.
    Unreachable {
        /// The status of the last answer, if there was one.
        status: Option<u16>,
        /// What happened.
        said: String,
    },
    /// Not asked, for want of a token or of something else that the question needs.
    NotAsked,
}

impl Unanswered {
    /// The other side's words; of what was not asked there are none.
    #[must_use]
    pub fn said(&self) -> &str {
        match self {
            Self::Forbidden { said }
            | Self::Unauthorized { said }
            | Self::Refused { said, .. }
            | Self::Untrusted { said }
            | Self::Unreachable { said, .. } => said,
            Self::NotAsked => "not asked",
        }
    }
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationFound {
    /// Its id, where it was told.
    pub id: Option<String>,
    /// Its name, where it was told.
    pub name: Option<String>,
}

/// A permission that the bridge can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Presence by events: events delivery.
    PresenceInject,
    /// Routing status by events: events delivery.
    RoutingInject,
    /// Other users' presence: direct delivery.
    PresenceEdit,
    /// Reading presence definitions; there is a deprecated list that does without.
    DefinitionView,
    /// Reading presence sources: events delivery.
    SourceView,
    /// Making our presence source: events delivery, once.
    SourceAdd,
    /// Reading users' primary sources.
    PrimarySourceView,
    /// Making our source users' primary one, and giving users back.
    PrimarySourceEdit,
    /// Reading the organisation's presence settings, where its default primary source is.
    SettingsView,
}

impl Permission {
    /// All of them, in the order in which they are reported.
    pub const ALL: [Self; 9] = [
        Self::PresenceInject,
        Self::RoutingInject,
        Self::PresenceEdit,
        Self::DefinitionView,
        Self::SourceView,
        Self::SourceAdd,
        Self::PrimarySourceView,
        Self::PrimarySourceEdit,
        Self::SettingsView,
    ];

    /// The platform's name, such as `presence:userPresence:inject`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PresenceInject => "presence:userPresence:inject",
            Self::RoutingInject => "routing:routingstatus:inject",
            Self::PresenceEdit => "presence:userPresence:edit",
            Self::DefinitionView => "presence:presenceDefinition:view",
            Self::SourceView => "presence:source:view",
            Self::SourceAdd => "presence:source:add",
            Self::PrimarySourceView => "presence:userPrimarySource:view",
            Self::PrimarySourceEdit => "presence:userPrimarySource:edit",
            Self::SettingsView => "presence:settings:view",
        }
    }
}

/// Whether a permission is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Granted,
    /// It is not.
    Missing {
        /// The platform's words.
        said: String,
    },
    /// That could not be found out.
    Unknown {
        /// What happened instead.
        why: String,
    },
}

/// The presence definitions of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionsFound {
    /// All that are understood, active and deactivated.
    pub definitions: Definitions,
    /// System presences for which there is no definition, which should not be.
    pub lacking: Vec<SystemPresence>,
    /// Why they were read from the deprecated list, where they were.
    pub deprecated: Option<String>,
    /// Why deactivated ones could not be read, where they could not.
    pub active_only: Option<String>,
    /// Definitions that are not understood.
    pub odd: Vec<String>,
}

/// The active presence sources of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcesFound {
    /// The one with the configured name.
    pub ours: OurSource,
    /// The names of those that others registered.
    pub others: Vec<String>,
}

/// Our presence source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OurSource {
    /// It is there.
    Found(SourceId),
    /// It is there more than once; the first is taken.
    Several(Vec<SourceId>),
    /// It is not there yet and would be made.
    Absent,
    /// A source that is not ours to use has its name: one of the platform's own, or one without a usable id.
    NotOurs {
        /// Its type.
        kind: String,
    },
}

/// Whose presence counts for users who have no primary source of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultSource {
    /// Our source's.
    Ours,
    /// That of the registered source with this id. Also told of ours where our source could not be read.
    Other(String),
    /// The platform's own.
    Platform,
}

/// How presence and routing status would be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// How.
    pub delivery: Delivery,
    /// Why.
    pub reason: String,
}

/// The users of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsersFound {
    /// All of them: the active ones, then the inactive ones.
    pub users: Vec<CloudUser>,
    /// On how many pages they were told.
    pub pages: u32,
}

/// Finds out. Transient trouble is waited out as long as configured, once for all questions together.
pub async fn survey(config: Config, clock: Arc<dyn Clock>) -> Survey {
    ask::survey(config, clock).await
}
