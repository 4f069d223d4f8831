//! Which PureConnect agent is which Genesys Cloud user, and why not.
//!
//! Pure matching over what was read. It asks nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use domain::ids::{AgentId, CloudUserId};
use domain::source::Agent;
use domain::target::{CloudUser, UserState};

use crate::options::{CloudKey, Matching};

/// Whose cloud user an agent's is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The organisation's users have not been read yet, or this agent's external id has not.
    Unknown,
    /// This one.
    Matched(CloudUserId),
    /// None, for this reason.
    Unmatched(Unmatched),
}

/// Why an agent has no cloud user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unmatched {
    /// The agent has no e-mail address in PureConnect, and nothing else names a user.
    NoEmail,
    /// Nobody in the organisation has that e-mail address, or the id in the table.
    NotFound,
    /// Several active users have that e-mail address.
    Several,
    /// The user is not active.
    Inactive,
    /// Another agent has the same user; none of them may write over the other.
    Shared,
}

impl Unmatched {
    /// All reasons.
    pub const ALL: [Self; 5] = [Self::NoEmail, Self::NotFound, Self::Several, Self::Inactive, Self::Shared];
}

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoEmail => "no e-mail in PureConnect",
            Self::NotFound => "no such user in Genesys Cloud",
            Self::Several => "several users in Genesys Cloud",
            Self::Inactive => "inactive in Genesys Cloud",
            Self::Shared => "another agent has the same user in Genesys Cloud",
        })
    }
}

/// Whose each agent is, as an engine that has read these users finds it. External ids are asked for by nobody here.
#[must_use]
pub fn match_users(matching: &Matching, agents: &[Agent], users: &[CloudUser]) -> BTreeMap<AgentId, Match> {
    let mut roster = Roster::default();
    roster.replace(users);
    let matching = Matching { external_ids: false, ..matching.clone() };
    let found = roster.find_all(&matching, agents.iter().enumerate());
    found.into_iter().map(|(place, found)| (agents[place].id.clone(), found)).collect()
}

/// The organisation's users, by what they are found by.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    by_id: BTreeMap<CloudUserId, UserState>,
    by_email: BTreeMap<String, Vec<CloudUserId>>,
    /// What the organisation answered for an agent's external id.
    external: BTreeMap<AgentId, Option<CloudUserId>>,
    /// For whom to ask again.
    again: BTreeSet<AgentId>,
    read: bool,
}

impl Roster {
    /// Takes a complete reading of the organisation's users over.
    pub fn replace(&mut self, users: &[CloudUser]) {
        self.by_id = users.iter().map(|user| (user.id, user.state)).collect();
        self.by_email.clear();
        for user in users {
            if let Some(email) = user.email.as_deref().map(key).filter(|email| !email.is_empty()) {
                self.by_email.entry(email).or_default().push(user.id);
            }
        }
        self.read = true;
    }

    /// Takes the answer for an agent's external id over.
    pub fn learn_external(&mut self, agent: AgentId, user: Option<CloudUserId>) {
        self.again.remove(&agent);
        self.external.insert(agent, user);
    }

    /// The agent's external id is to be asked for again; until then, what was answered holds.
    pub fn ask_external_again(&mut self, agent: AgentId) {
        self.again.insert(agent);
    }

    /// Whether the organisation was read at all.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.read
    }

    /// Active users of the organisation.
    #[must_use]
    pub fn active(&self) -> usize {
        self.by_id.values().filter(|state| **state == UserState::Active).count()
    }

    /// Whether the agent's external id has yet to be asked for.
    #[must_use]
    pub fn wants_external(&self, matching: &Matching, agent: &AgentId) -> bool {
        let never = !self.external.contains_key(agent);
        matching.external_ids && !matching.table.contains_key(agent) && (never || self.again.contains(agent))
    }

    /// Whose each agent is. Where several have the same user, the one that the table names has it, or none.
    pub fn find_all<'a>(
        &self,
        matching: &Matching,
        agents: impl Iterator<Item = (usize, &'a Agent)>,
    ) -> BTreeMap<usize, Match> {
        let mut holders: BTreeMap<CloudUserId, Vec<(usize, bool)>> = BTreeMap::new();
        let mut found: BTreeMap<usize, Match> = BTreeMap::new();
        for (place, agent) in agents {
            let one = self.find(matching, agent);
            if let Match::Matched(user) = one {
                holders.entry(user).or_default().push((place, matching.table.contains_key(&agent.id)));
            }
            found.insert(place, one);
        }
        for holders in holders.into_values().filter(|holders| holders.len() > 1) {
            let named: Vec<usize> = holders.iter().filter(|(_, named)| *named).map(|(place, _)| *place).collect();
            for (place, _) in holders {
                if named != [place] {
                    found.insert(place, Match::Unmatched(Unmatched::Shared));
                }
            }
        }
        found
    }

    /// Whose the agent is: by the table, by external id, by e-mail without case; the first that names a user decides.
    #[must_use]
    pub fn find(&self, matching: &Matching, agent: &Agent) -> Match {
        if !self.read {
            return Match::Unknown;
        }
        match matching.table.get(&agent.id) {
            Some(CloudKey::Id(id)) => return self.by_state(*id),
            Some(CloudKey::Email(email)) => return self.by_email(email),
            None => {}
        }
        if matching.external_ids && !self.external.contains_key(&agent.id) {
            return Match::Unknown;
        }
        if let Some(Some(user)) = self.external.get(&agent.id) {
            return self.by_state(*user);
        }
        match agent.email.as_deref().filter(|email| !email.trim().is_empty()) {
            Some(email) => self.by_email(email),
            None => Match::Unmatched(Unmatched::NoEmail),
        }
    }

    fn by_state(&self, id: CloudUserId) -> Match {
        match self.by_id.get(&id) {
            Some(UserState::Active) => Match::Matched(id),
            Some(UserState::Inactive) => Match::Unmatched(Unmatched::Inactive),
            Some(UserState::Deleted) | None => Match::Unmatched(Unmatched::NotFound),
        }
    }

    fn by_email(&self, email: &str) -> Match {
        let found = self.by_email.get(&key(email)).map_or(&[][..], Vec::as_slice);
        let mut matches = found.iter().map(|id| self.by_state(*id));
        let active: Vec<Match> = matches.clone().filter(|found| matches!(found, Match::Matched(_))).collect();
        match active.as_slice() {
            [one] => *one,
            [] if matches.any(|found| found == Match::Unmatched(Unmatched::Inactive)) => {
                Match::Unmatched(Unmatched::Inactive)
            }
            [] => Match::Unmatched(Unmatched::NotFound),
            [_, ..] => Match::Unmatched(Unmatched::Several),
        }
    }
}

fn key(email: &str) -> String {
    email.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(n: u128, email: &str, state: UserState) -> CloudUser {
        CloudUser { id: CloudUserId(uuid::Uuid::from_u128(n)), name: String::new(), email: Some(email.into()), state }
    }

    fn agent(id: &str, email: Option<&str>) -> Agent {
        Agent { id: id.into(), display_name: id.into(), email: email.map(Into::into), workgroups: BTreeSet::new() }
    }

    fn id(n: u128) -> CloudUserId {
        CloudUserId(uuid::Uuid::from_u128(n))
    }

    fn roster() -> Roster {
        let mut roster = Roster::default();
        roster.replace(&[
            user(1, "Ada@Example.com", UserState::Active),
            user(2, "twice@example.com", UserState::Active),
            user(3, "twice@example.com", UserState::Active),
            user(4, "left@example.com", UserState::Inactive),
            user(5, "back@example.com", UserState::Inactive),
            user(6, "back@example.com", UserState::Active),
        ]);
        roster
    }

    fn by_email() -> Matching {
        Matching { table: BTreeMap::new(), external_ids: false }
    }

    #[test]
    fn every_reason_is_told_apart() {
        let find = |email: Option<&str>| roster().find(&by_email(), &agent("a", email));
        assert_eq!(find(Some(" ada@example.COM ")), Match::Matched(id(1)));
        assert_eq!(find(None), Match::Unmatched(Unmatched::NoEmail));
        assert_eq!(find(Some("nobody@example.com")), Match::Unmatched(Unmatched::NotFound));
        assert_eq!(find(Some("twice@example.com")), Match::Unmatched(Unmatched::Several));
        assert_eq!(find(Some("left@example.com")), Match::Unmatched(Unmatched::Inactive));
        assert_eq!(find(Some("back@example.com")), Match::Matched(id(6)), "the deactivated one does not count");
        assert_eq!(Roster::default().find(&by_email(), &agent("a", None)), Match::Unknown);
    }

    #[test]
    fn two_agents_with_one_user_have_it_only_by_the_table() {
        let agents = [agent("ada", Some("ada@example.com")), agent("ben", Some("Ada@example.com"))];
        let find = |matching: &Matching| -> Vec<Match> {
            roster().find_all(matching, agents.iter().enumerate()).into_values().collect()
        };
        let shared = Match::Unmatched(Unmatched::Shared);
        assert_eq!(find(&by_email()), [shared, shared]);
        let table = BTreeMap::from([("ben".into(), CloudKey::Id(id(1)))]);
        assert_eq!(find(&Matching { table, external_ids: false }), [shared, Match::Matched(id(1))]);
    }

    #[test]
    fn the_table_decides_before_the_external_id_and_that_before_the_email() {
        let mut roster = roster();
        let mut matching = Matching { table: BTreeMap::new(), external_ids: true };
        let ada = agent("ada", Some("ada@example.com"));
        assert_eq!(roster.find(&matching, &ada), Match::Unknown, "the external id has yet to be asked for");
        roster.learn_external("ada".into(), Some(id(2)));
        assert_eq!(roster.find(&matching, &ada), Match::Matched(id(2)));
        roster.learn_external("ada".into(), None);
        assert_eq!(roster.find(&matching, &ada), Match::Matched(id(1)));
        matching.table.insert("ADA".into(), CloudKey::Id(id(6)));
        assert_eq!(roster.find(&matching, &ada), Match::Matched(id(6)));
        matching.table.insert("ada".into(), CloudKey::Email("twice@example.com".into()));
        assert_eq!(roster.find(&matching, &ada), Match::Unmatched(Unmatched::Several));
    }
}
