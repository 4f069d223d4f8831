//! Which agents are found: what was chosen and searched for, and what each agent has of it.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{StatusId, WorkgroupId};
use domain::source::Catalogue;
use replicator::engine::SyncState;

use super::query::{PresenceChoice, RoutingChoice, WorkgroupName};
use super::{AgentQuery, UserQuery};
use crate::board::{Agent, LinkBoard, Workgroups};
use crate::shown::convert::state_of;
use crate::shown::{AgentCounts, Count, Reason, State};

/// What an agent has that can be chosen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Having {
    presence: Option<PresenceChoice>,
    routing: Option<RoutingChoice>,
    pub(super) state: State,
    pub(super) reason: Option<Reason>,
}

impl Having {
    pub(super) fn of(agent: &Agent) -> Self {
        let is_refused = agent.state == SyncState::Error && agent.error.is_some();
        let (state, reason) = state_of(agent.state, is_refused);
        let presence = agent.wanted_presence().map(|(presence, is_out)| match is_out {
            true => PresenceChoice::OutOfOffice,
            false => PresenceChoice::System(presence),
        });
        Self { presence, routing: agent.wanted_routing().map(RoutingChoice), state, reason }
    }
}

/// What was chosen, a dimension each.
#[derive(Debug, Default)]
pub(super) struct Choices<'q> {
    presence: Option<PresenceChoice>,
    routing: Option<RoutingChoice>,
    state: Option<State>,
    reason: Option<Reason>,
    workgroup: Option<&'q WorkgroupId>,
}

/// In which of the dimensions an agent is not what was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Misses(u8);

impl Misses {
    const PRESENCE: Self = Self(1);
    const ROUTING: Self = Self(2);
    const STATE: Self = Self(4);
    const REASON: Self = Self(8);
    const WORKGROUP: Self = Self(16);

    /// Whether the agent is what was chosen.
    pub(super) fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether the agent would be found if nothing, or something else, were chosen in one dimension at most.
    pub(super) fn at_most_one(self) -> bool {
        self.0.count_ones() <= 1
    }

    /// Whether there is none but in this dimension.
    fn at_most_in(self, dimension: Self) -> bool {
        self.0 & !dimension.0 == 0
    }
}

impl<'q> Choices<'q> {
    pub(super) fn of_agents(query: &'q AgentQuery) -> Self {
        let AgentQuery { search: _, presence, routing, state, reason, workgroup, sort: _, page: _, limit: _ } = query;
        let workgroup = workgroup.as_ref().map(|WorkgroupName(id)| id);
        Self { presence: *presence, routing: *routing, state: *state, reason: *reason, workgroup }
    }

    pub(super) fn of_users(query: &'q UserQuery) -> Self {
        let UserQuery { search: _, set: _, state, reason, workgroup, page: _, limit: _ } = query;
        let workgroup = workgroup.as_ref().map(|WorkgroupName(id)| id);
        Self { state: *state, reason: *reason, workgroup, ..Self::default() }
    }

    /// Where the agent is not what was chosen.
    pub(super) fn misses(&self, agent: &Agent, having: &Having) -> Misses {
        let missed = |is_missed: bool, dimension: Misses| if is_missed { dimension.0 } else { 0 };
        let is_member = |id: &WorkgroupId| agent.workgroups.ids.contains(id);
        Misses(
            missed(self.presence.is_some() && self.presence != having.presence, Misses::PRESENCE)
                | missed(self.routing.is_some() && self.routing != having.routing, Misses::ROUTING)
                | missed(self.state.is_some_and(|state| state != having.state), Misses::STATE)
                | missed(self.reason.is_some() && self.reason != having.reason, Misses::REASON)
                | missed(self.workgroup.is_some_and(|id| !is_member(id)), Misses::WORKGROUP),
        )
    }
}

/// What is searched for.
#[derive(Debug)]
pub(super) struct Search<'b> {
    words: Vec<Word<'b>>,
}

/// A word, and the statuses in whose texts it is.
#[derive(Debug)]
struct Word<'b> {
    word: String,
    statuses: BTreeSet<&'b StatusId>,
}

impl<'b> Search<'b> {
    /// Words in lower case, all of which must be found.
    pub(super) fn new(words: Vec<String>, catalogue: &'b Catalogue) -> Self {
        let with_statuses = |word: String| {
            let has_word = |text: &str| text.to_lowercase().contains(&word);
            let found = catalogue.iter().filter(|message| has_word(&message.text) || has_word(message.id.as_str()));
            let statuses = found.map(|message| &message.id).collect();
            Word { word, statuses }
        };
        Self { words: words.into_iter().map(with_statuses).collect() }
    }

    /// Whether each of the words is in the agent's name, id, e-mail address, workgroups or status.
    pub(super) fn finds(&self, agent: &Agent) -> bool {
        self.words.iter().all(|word| word.is_in(agent))
    }
}

impl Word<'_> {
    fn is_in(&self, agent: &Agent) -> bool {
        if agent.search().contains(&self.word) || agent.workgroups.search().contains(&self.word) {
            return true;
        }
        agent.status.as_ref().is_some_and(|status| {
            // The id of a status that the catalogue does not have is all that there is of it.
            self.statuses.contains(&status.status)
                || agent.unknown_status && status.status.as_str().to_lowercase().contains(&self.word)
        })
    }
}

/// How many agents each choice would find.
#[derive(Debug, Default)]
pub(super) struct Counting<'b> {
    presence: BTreeMap<PresenceChoice, u64>,
    routing: BTreeMap<RoutingChoice, u64>,
    state: BTreeMap<State, u64>,
    reason: BTreeMap<Reason, u64>,
    /// By the place in memory of what many agents share, so that names are compared once for all of them.
    workgroups: BTreeMap<*const Workgroups, (&'b Workgroups, u64)>,
}

impl<'b> Counting<'b> {
    /// One more agent whom the search finds.
    pub(super) fn add(&mut self, agent: &'b Agent, having: &Having, misses: Misses) {
        if misses.at_most_in(Misses::PRESENCE) {
            add_one(&mut self.presence, having.presence);
        }
        if misses.at_most_in(Misses::ROUTING) {
            add_one(&mut self.routing, having.routing);
        }
        if misses.at_most_in(Misses::STATE) {
            add_one(&mut self.state, Some(having.state));
        }
        if misses.at_most_in(Misses::REASON) {
            add_one(&mut self.reason, having.reason);
        }
        if misses.at_most_in(Misses::WORKGROUP) {
            let workgroups: &Workgroups = &agent.workgroups;
            self.workgroups.entry(std::ptr::from_ref(workgroups)).or_insert((workgroups, 0)).1 += 1;
        }
    }

    /// What there is to choose.
    pub(super) fn counts(self) -> AgentCounts {
        let mut members: BTreeMap<&WorkgroupId, u64> = BTreeMap::new();
        for (workgroups, agents) in self.workgroups.into_values() {
            for id in &workgroups.ids {
                *members.entry(id).or_default() += agents;
            }
        }
        AgentCounts {
            presence: counts(self.presence, |presence| presence.to_string()),
            routing: counts(self.routing, |routing| routing.to_string()),
            state: counts(self.state, |state| state.name().to_owned()),
            reason: counts(self.reason, |reason| reason.name().to_owned()),
            workgroup: counts(members, |id| id.as_str().to_owned()),
        }
    }
}

fn add_one<K: Ord>(counts: &mut BTreeMap<K, u64>, key: Option<K>) {
    if let Some(key) = key {
        *counts.entry(key).or_default() += 1;
    }
}

/// Counts as they are shown.
pub(super) fn counts<K>(counted: BTreeMap<K, u64>, name: impl Fn(&K) -> String) -> Vec<Count> {
    counted.into_iter().map(|(key, agents)| Count { value: name(&key), agents }).collect()
}

/// What a link's agents are searched for.
pub(super) fn search(link: &LinkBoard, words: Vec<String>) -> Search<'_> {
    Search::new(words, &link.catalogue)
}
