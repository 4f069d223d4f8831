//! What can be asked for: which agents and users, in which order, which page. Read from the fields of a form or a URL.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use domain::ids::WorkgroupId;
use domain::target::{RoutingStatus, SystemPresence};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::shown::forms;
use crate::shown::{Reason, State};

/// So many are on a page unless something else is asked for.
const LIMIT: u64 = 50;

/// More are never on a page.
const MAX_LIMIT: u64 = 500;

/// Which agents, in which order, which page. A field that is empty is not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct AgentQuery {
    /// Words that must all be found in name, id, e-mail address, workgroups or status, without case.
    #[serde(deserialize_with = "forms::text")]
    pub search: Option<String>,
    /// The presence that Genesys Cloud shall show; `Out of Office` for those only who are.
    #[serde(deserialize_with = "forms::named")]
    #[param(value_type = Option<String>)]
    pub presence: Option<PresenceChoice>,
    /// The routing status that Genesys Cloud shall show.
    #[serde(deserialize_with = "forms::named")]
    #[param(value_type = Option<String>)]
    pub routing: Option<RoutingChoice>,
    /// The synchronisation state.
    #[serde(deserialize_with = "forms::named")]
    #[param(inline)]
    pub state: Option<State>,
    /// Why the agent is not synchronised.
    #[serde(deserialize_with = "forms::named")]
    #[param(inline)]
    pub reason: Option<Reason>,
    /// Members of this workgroup.
    #[serde(deserialize_with = "forms::named")]
    #[param(value_type = Option<String>)]
    pub workgroup: Option<WorkgroupName>,
    /// The order; by name where nothing is asked for.
    #[serde(deserialize_with = "forms::named")]
    #[param(value_type = Option<String>)]
    pub sort: Option<Sort>,
    /// Which page, from 1.
    #[serde(deserialize_with = "forms::named")]
    #[param(minimum = 1)]
    pub page: Option<u64>,
    /// How many on a page: 50 where nothing is asked for, 500 at most.
    #[serde(deserialize_with = "forms::named")]
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u64>,
}

/// Which users, which page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct UserQuery {
    /// Words that must all be found in name, id, e-mail address, workgroups or status, without case.
    #[serde(deserialize_with = "forms::text")]
    pub search: Option<String>,
    /// Those with a user in Genesys Cloud, or those without.
    #[serde(deserialize_with = "forms::named")]
    #[param(value_type = Option<String>)]
    pub set: Option<UserSet>,
    /// The synchronisation state.
    #[serde(deserialize_with = "forms::named")]
    #[param(inline)]
    pub state: Option<State>,
    /// Why the user is not synchronised.
    #[serde(deserialize_with = "forms::named")]
    #[param(inline)]
    pub reason: Option<Reason>,
    /// Members of this workgroup.
    #[serde(deserialize_with = "forms::named")]
    #[param(value_type = Option<String>)]
    pub workgroup: Option<WorkgroupName>,
    /// Which page, from 1.
    #[serde(deserialize_with = "forms::named")]
    #[param(minimum = 1)]
    pub page: Option<u64>,
    /// How many on a page: 50 where nothing is asked for, 500 at most.
    #[serde(deserialize_with = "forms::named")]
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u64>,
}

/// A text that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {wanted}")]
pub struct UnknownName {
    /// What was asked for.
    text: String,
    /// What there is.
    wanted: &'static str,
}

/// A presence that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PresenceChoice {
    /// A system presence, or one of the organisation's own that hangs under it, without out of office.
    System(SystemPresence),
    /// Out of office, whatever is below it.
    OutOfOffice,
}

/// A routing status that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoutingChoice(pub RoutingStatus);

/// A workgroup that can be chosen, whether there is one or not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkgroupName(pub WorkgroupId);

/// Some of the users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserSet {
    /// Those with a user in Genesys Cloud.
    Matched,
    /// Those without.
    NotMatched,
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// Whether the other way round.
    pub reversed: bool,
}

/// What lists can be sorted by. Who is equal in it follows by name and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// By name.
    Name,
    /// By PureConnect user id.
    Agent,
    /// By synchronisation state, problems first.
    State,
    /// By how long they are in their status, longest first.
    Since,
    /// By status message.
    Status,
}

impl AgentQuery {
    /// The query as a part of a URL, such as `presence=Meal&page=2`; empty for the first page of everything.
    #[must_use]
    pub fn to_url(&self) -> String {
        let text = |value: &Option<String>| value.clone();
        in_url([
            ("search", text(&self.search)),
            ("presence", self.presence.map(|presence| presence.to_string())),
            ("routing", self.routing.map(|routing| routing.to_string())),
            ("state", self.state.map(|state| state.name().to_owned())),
            ("reason", self.reason.map(|reason| reason.name().to_owned())),
            ("workgroup", self.workgroup.as_ref().map(WorkgroupName::to_string)),
            ("sort", self.sort.map(|sort| sort.to_string())),
            ("page", self.page.map(|page| page.to_string())),
            ("limit", self.limit.map(|limit| limit.to_string())),
        ])
    }

    /// The words that are searched for, in lower case.
    pub(super) fn words(&self) -> Vec<String> {
        words(self.search.as_deref())
    }

    /// How many on a page, and which page.
    pub(super) fn paging(&self) -> (u64, u64) {
        paging(self.limit, self.page)
    }
}

impl UserQuery {
    /// The query as a part of a URL, such as `set=not-matched&page=2`; empty for the first page of everything.
    #[must_use]
    pub fn to_url(&self) -> String {
        in_url([
            ("search", self.search.clone()),
            ("set", self.set.map(|set| set.to_string())),
            ("state", self.state.map(|state| state.name().to_owned())),
            ("reason", self.reason.map(|reason| reason.name().to_owned())),
            ("workgroup", self.workgroup.as_ref().map(WorkgroupName::to_string)),
            ("page", self.page.map(|page| page.to_string())),
            ("limit", self.limit.map(|limit| limit.to_string())),
        ])
    }

    /// The words that are searched for, in lower case.
    pub(super) fn words(&self) -> Vec<String> {
        words(self.search.as_deref())
    }

    /// How many on a page, and which page.
    pub(super) fn paging(&self) -> (u64, u64) {
        paging(self.limit, self.page)
    }
}

fn words(search: Option<&str>) -> Vec<String> {
    search.unwrap_or_default().split_whitespace().map(str::to_lowercase).collect()
}

fn paging(limit: Option<u64>, page: Option<u64>) -> (u64, u64) {
    (limit.unwrap_or(LIMIT).clamp(1, MAX_LIMIT), page.unwrap_or(1).max(1))
}

fn in_url<const N: usize>(fields: [(&str, Option<String>); N]) -> String {
    let given = fields.into_iter().filter_map(|(field, value)| Some((field, value?)));
    let fields: Vec<String> =
        given.map(|(field, value)| format!("{field}={}", utf8_percent_encode(&value, NON_ALPHANUMERIC))).collect();
    fields.join("&")
}

impl fmt::Display for PresenceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(presence) => presence.fmt(f),
            Self::OutOfOffice => f.write_str("Out of Office"),
        }
    }
}

impl FromStr for PresenceChoice {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        if text.eq_ignore_ascii_case("Out of Office") {
            return Ok(Self::OutOfOffice);
        }
        let unknown = || UnknownName { text: text.to_owned(), wanted: "a presence" };
        SystemPresence::parse(text).map(Self::System).ok_or_else(unknown)
    }
}

impl fmt::Display for RoutingChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RoutingChoice {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName { text: text.to_owned(), wanted: "a routing status" };
        RoutingStatus::parse(text).map(Self).ok_or_else(unknown)
    }
}

impl fmt::Display for WorkgroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for WorkgroupName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(WorkgroupId::new(text)))
    }
}

impl fmt::Display for UserSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Matched => "matched",
            Self::NotMatched => "not-matched",
        })
    }
}

impl FromStr for UserSet {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "matched" => Ok(Self::Matched),
            "not-matched" => Ok(Self::NotMatched),
            _ => Err(UnknownName { text: text.to_owned(), wanted: "`matched` or `not-matched`" }),
        }
    }
}

impl SortBy {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Name, Self::Agent, Self::State, Self::Since, Self::Status];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Agent => "agent",
            Self::State => "state",
            Self::Since => "since",
            Self::Status => "status",
        }
    }
}

impl Default for Sort {
    fn default() -> Self {
        Self { by: SortBy::Name, reversed: false }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.reversed { "-" } else { "" }, self.by.name())
    }
}

impl FromStr for Sort {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let (reversed, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        let by = SortBy::ALL.into_iter().find(|by| by.name() == name);
        let wanted = "`name`, `agent`, `state`, `since` or `status`, with or without a `-` before it";
        by.map(|by| Self { by, reversed }).ok_or_else(|| UnknownName { text: text.to_owned(), wanted })
    }
}

impl FromStr for State {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName { text: text.to_owned(), wanted: "a synchronisation state" };
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or_else(unknown)
    }
}

impl FromStr for Reason {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName { text: text.to_owned(), wanted: "a reason" };
        Self::ALL.into_iter().find(|reason| reason.name() == text).ok_or_else(unknown)
    }
}
