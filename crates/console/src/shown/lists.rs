//! Lists of agents and users: a page of them, with what all of them amount to. Knows shapes only.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Agent, Reason, State};

/// How many there are of something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Count {
    /// What, as the query wants it.
    pub value: String,
    /// How many agents.
    pub agents: u64,
}

/// Where a page is in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PageOf {
    /// Which page, from 1. One that is asked for beyond the end is the last one.
    pub page: u64,
    /// How many pages there are, at least 1.
    pub pages: u64,
    /// How many are on a page at most.
    pub limit: u64,
    /// How many the search and the filters find.
    pub found: u64,
    /// How many there are without them.
    pub total: u64,
}

/// A page of the list of agents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AgentPage {
    /// The link's time: durations count up to here. `None` where the link was never heard.
    pub at: Option<Timestamp>,
    /// Since when nothing is heard of the link: what is shown is of then.
    pub stale_since: Option<Timestamp>,
    /// Where the page is.
    pub page: PageOf,
    /// The agents.
    pub agents: Vec<Agent>,
    /// What can be chosen, and how many agents each choice would find beside the other choices.
    pub counts: AgentCounts,
}

/// How many agents each choice would find. Each of the lists leaves out the choice that was made in it, and heeds the
/// search and all others.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct AgentCounts {
    /// By the presence that Genesys Cloud shall show, in alphabetical order; `Out of Office` counts those only who are.
    pub presence: Vec<Count>,
    /// By the routing status that Genesys Cloud shall show.
    pub routing: Vec<Count>,
    /// By synchronisation state, problems first.
    pub state: Vec<Count>,
    /// By the reason why they are not synchronised.
    pub reason: Vec<Count>,
    /// By workgroup; an agent may be in several.
    pub workgroup: Vec<Count>,
}

/// A page of the list of users: who in PureConnect is whom in Genesys Cloud.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UserPage {
    /// The link's time; `None` where the link was never heard.
    pub at: Option<Timestamp>,
    /// Since when nothing is heard of the link: what is shown is of then.
    pub stale_since: Option<Timestamp>,
    /// Where the page is.
    pub page: PageOf,
    /// The users, problems first.
    pub users: Vec<User>,
    /// What all users of the link amount to, found or not.
    pub counts: UserCounts,
}

/// What all users of a link amount to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct UserCounts {
    /// Those with a user in Genesys Cloud.
    pub matched: u64,
    /// Those without.
    pub not_matched: u64,
    /// By state, problems first.
    pub state: Vec<Count>,
    /// By reason.
    pub reason: Vec<Count>,
}

/// A user of PureConnect, and who that is in Genesys Cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// The PureConnect user id.
    pub agent: String,
    /// The display name.
    pub name: String,
    /// The e-mail address in PureConnect.
    pub email: Option<String>,
    /// The workgroups.
    pub workgroups: Vec<String>,
    /// The Genesys Cloud user id; `None` for one who is not matched.
    pub user: Option<String>,
    /// The synchronisation state.
    pub state: State,
    /// Why the user is neither synced nor pending.
    pub reason: Option<Reason>,
    /// The same in words, with what the platform said.
    pub why: Option<String>,
    /// What to do about it.
    pub advice: Option<String>,
    /// When something was last accepted, or read back as right.
    pub last_success: Option<Timestamp>,
}
