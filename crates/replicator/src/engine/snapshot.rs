//! What the engine does with a whole snapshot, at the start and after every reconnect: one path for both.
//!
//! Only the end state counts: what came and went while nobody listened is not made up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::change::Value;
use domain::source::{Agent, Interaction, Snapshot, UserStatus};
use domain::target::{Presence, RoutingStatus, SystemPresence};
use domain::time::Now;
use jiff::Timestamp;
use routing::{Input, Machine};

use super::guard::{Doubt, Picture, Verdict};
use super::record::Record;
use super::wish::{Surroundings, wish};
use super::{Engine, Notice, SourceState};
use crate::options::{LoggedOut, ModeChoice};

impl Engine {
    /// Takes a snapshot over, unless the guard doubts it.
    pub(super) fn take_snapshot(&mut self, now: Now, received: Timestamp, snapshot: Snapshot) {
        let first = matches!(self.source, SourceState::Connecting);
        let reconnected = matches!(self.source, SourceState::Lost { .. });
        self.source = SourceState::Connected { system: snapshot.system.clone(), since: now.utc };
        if !first && reconnected && self.options.logged_out == LoggedOut::Offline {
            self.grace_until = Some(now.instant + self.options.logout_grace);
        }
        let verdict = self.guard.judge(now.instant, self.picture(now.utc, &snapshot));
        match verdict {
            Verdict::Doubtful(doubt) => {
                self.notices.push_back(Notice::Frozen(doubt));
                return;
            }
            Verdict::Thaw => self.notices.push_back(Notice::Thawed),
            Verdict::Good => {}
        }
        self.set_mode(&snapshot);
        let Snapshot { system: _, catalogue, workgroups, agents, statuses, interactions } = snapshot;
        self.surroundings = Surroundings { catalogue, no_answer: BTreeSet::new() };
        self.surroundings.set_workgroups(&workgroups);
        self.set_agents(now, agents);
        let mut on_queue: BTreeMap<usize, Vec<Interaction>> = BTreeMap::new();
        for (agent, interaction) in interactions {
            if let Some(&place) = self.by_id.get(&agent) {
                on_queue.entry(place).or_default().push(interaction);
            }
        }
        for (agent, status) in statuses {
            if let Some(&place) = self.by_id.get(&agent) {
                let interactions = on_queue.remove(&place).unwrap_or_default();
                self.settle_agent(now, received, place, Some(&status), &interactions);
            }
        }
        for (place, interactions) in on_queue {
            self.settle_agent(now, received, place, None, &interactions);
        }
        if verdict == Verdict::Thaw {
            self.forget_frozen(now);
        }
    }

    /// Brings one agent to what the snapshot shows.
    fn settle_agent(
        &mut self,
        now: Now,
        received: Timestamp,
        place: usize,
        status: Option<&UserStatus>,
        interactions: &[Interaction],
    ) {
        let mut state = self.agents[place].machine.apply(Input::Snapshot(interactions));
        let mut happened = received;
        let mut why: Arc<str> = Arc::from("interactions");
        if let Some(entered) = status.and_then(|status| self.enter(now, place, status, received)) {
            self.show(now, place, received, &entered);
            state = self.agents[place].machine.apply(entered.input());
            if entered.next {
                happened = entered.happened;
                why = Arc::clone(&entered.wish.why);
            }
        }
        if matches!(state.status, RoutingStatus::Interacting | RoutingStatus::Communicating) {
            let connected = interactions.iter().filter_map(|interaction| interaction.since).max();
            happened =
                connected.map_or(happened, |since| if happened == received { since } else { since.max(happened) });
        }
        if self.agents[place].machine.has_entered() {
            self.want_routing(now, place, state, happened, received, why);
        }
        self.enqueue(place);
    }

    /// What the guard has to know.
    fn picture(&self, now: Timestamp, snapshot: &Snapshot) -> Picture {
        let surroundings = Surroundings { catalogue: snapshot.catalogue.clone(), no_answer: BTreeSet::new() };
        let offline = Value::Presence(Presence::of(SystemPresence::Offline));
        let grace = self.grace_until.is_some();
        let goes_offline = |(agent, status): &(domain::ids::AgentId, UserStatus)| {
            let Some(&place) = self.by_id.get(agent) else { return false };
            let was = self.agents[place].wanted[0];
            let logged_in = status.logged_in || grace;
            let wish = wish(&self.options, &self.rules, &surroundings, status, logged_in, now);
            was.is_some_and(|was| was != offline) && wish.is_some_and(|wish| Value::Presence(wish.presence) == offline)
        };
        Picture {
            status_messages: snapshot.catalogue.len(),
            agents_before: self.in_scope(),
            agents: snapshot.agents.len(),
            going_offline: snapshot.statuses.iter().filter(|entry| goes_offline(entry)).count(),
        }
    }

    /// While delivery was frozen nothing that came in was trusted: only the newest value of each facet is told.
    fn forget_frozen(&mut self, now: Now) {
        for place in 0..self.agents.len() {
            for facet in domain::change::Facet::ALL {
                let keep = self.agents[place].under_way(facet);
                let state = self.agents[place].facet_mut(facet);
                let mut dropped = state.collapse(keep);
                dropped.extend(state.forget_return(keep));
                self.drop_changes(now, place, dropped, "the source was not trusted at that time");
            }
            self.enqueue(place);
        }
    }

    fn set_mode(&mut self, snapshot: &Snapshot) {
        let licence = snapshot.system.workforce_engagement;
        self.mode = match self.options.mode {
            ModeChoice::Auto if licence == Some(true) => ModeChoice::WorkforceEngagement,
            ModeChoice::Auto => ModeChoice::StatusOnly,
            ModeChoice::WorkforceEngagement => ModeChoice::WorkforceEngagement,
            ModeChoice::StatusOnly => ModeChoice::StatusOnly,
        };
        self.notices.push_back(Notice::SnapshotTaken {
            host: snapshot.system.host.clone(),
            release: snapshot.system.release,
            agents: snapshot.agents.len(),
            mode: self.mode,
            licence,
        });
    }

    /// The agents in scope are these now.
    pub(super) fn set_agents(&mut self, now: Now, agents: Vec<Agent>) {
        let mut gone: BTreeSet<usize> = (0..self.agents.len()).filter(|&place| self.agents[place].in_scope).collect();
        for agent in agents {
            match self.by_id.get(&agent.id) {
                Some(&place) => {
                    gone.remove(&place);
                    self.agents[place].agent = agent;
                    self.agents[place].in_scope = true;
                }
                None => {
                    let options = routing::Options { after_call_work: self.options.after_call_work };
                    self.by_id.insert(agent.id.clone(), self.agents.len());
                    self.agents.push(Record::new(agent, Machine::new(options)));
                }
            }
        }
        for place in gone {
            self.agents[place].in_scope = false;
            self.forget_pending(now, place, "the agent left the scope");
        }
        self.match_all(now);
    }

    /// Drops what is pending and not under way.
    pub(super) fn forget_pending(&mut self, now: Now, place: usize, reason: &str) {
        for facet in domain::change::Facet::ALL {
            let keep = self.agents[place].under_way(facet);
            let dropped = self.agents[place].facet_mut(facet).pending.drain(keep..).collect();
            self.drop_changes(now, place, dropped, reason);
        }
        self.enqueue(place);
    }

    /// Delivery stops for a reason that is not a snapshot.
    pub(super) fn doubt(&mut self, now: Now, doubt: Doubt) {
        self.guard.freeze(now.instant, doubt);
        self.notices.push_back(Notice::Frozen(doubt));
    }

    /// How many agents are in scope.
    pub(super) fn in_scope(&self) -> usize {
        self.agents.iter().filter(|record| record.in_scope).count()
    }
}
