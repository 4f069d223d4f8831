//! Agents at work while something goes wrong: one small act after the other, of random agents, from a seed.
//!
//! Everybody's statuses are more than a second apart, so that PureConnect tells each, and none of the last three comes
//! again, so that each transition can be told from the one before by value and time.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::harness::{Simulators, User};

/// Statuses with a presence of their own each. The first is On Queue.
const STATUSES: [&str; 7] = [
    "Available",
    "Away from desk",
    "In a meeting",
    "At a training session",
    "Do Not disturb",
    "Gone Home",
    "Available, No ACD",
];

/// PureConnect tells one status in a second.
const APART: Duration = Duration::from_millis(1_100);

/// Agents at work.
pub struct Crew {
    random: fastrand::Rng,
    agents: Vec<Agent>,
    calls: u64,
}

struct Agent {
    id: String,
    /// The newest last.
    statuses: Vec<usize>,
    changed: Option<Instant>,
    call: Option<Call>,
}

struct Call {
    id: String,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Rings,
    Talks,
    Held,
    Over,
}

impl Crew {
    /// These agents, who are all Available.
    pub fn new(users: &[User], seed: u64) -> Self {
        let agent = |user: &User| Agent { id: user.agent.clone(), statuses: vec![0], changed: None, call: None };
        Self { random: fastrand::Rng::with_seed(seed), agents: users.iter().map(agent).collect(), calls: 0 }
    }

    /// Works at this pace until told to stop.
    pub async fn work(&mut self, simulators: &Simulators, pace: Duration, stop: &CancellationToken) {
        let mut next = interval(pace);
        next.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(next.tick()).await.is_some() {
            if let Some(act) = self.next() {
                simulators.act(act).await;
            }
        }
    }

    /// What some agent does next.
    fn next(&mut self) -> Option<Value> {
        let place = self.random.usize(..self.agents.len());
        let agent = &mut self.agents[place];
        // Some leave the queue in the middle of a call.
        let goes_on = agent.call.is_some() && self.random.u8(..5) > 0;
        if goes_on || (agent.call.is_none() && agent.statuses.last() == Some(&0) && self.random.u8(..3) == 0) {
            return Some(self.call(place));
        }
        let ready = agent.changed.is_none_or(|changed| changed.elapsed() >= APART);
        ready.then(|| self.status(place))
    }

    fn status(&mut self, place: usize) -> Value {
        let agent = &mut self.agents[place];
        let recent = &agent.statuses[agent.statuses.len().saturating_sub(3)..];
        let others: Vec<usize> = (0..STATUSES.len()).filter(|status| !recent.contains(status)).collect();
        // On Queue is where most happens.
        let next =
            if others.contains(&0) && self.random.bool() { 0 } else { others[self.random.usize(..others.len())] };
        agent.statuses.push(next);
        agent.changed = Some(Instant::now());
        json!({"act": "status", "user": agent.id, "status": STATUSES[next]})
    }

    /// A call begins or goes on.
    fn call(&mut self, place: usize) -> Value {
        let agent = &mut self.agents[place];
        let Some(call) = &mut agent.call else {
            self.calls += 1;
            let id = format!("{}{}", 700_000 + place, self.calls);
            agent.call = Some(Call { id: id.clone(), state: State::Rings });
            let interaction = json!({"id": id, "workgroup": "Sales", "direction": "inbound", "media": "call"});
            return json!({"act": "alert", "user": agent.id, "interaction": interaction});
        };
        let id = call.id.clone();
        let (act, state) = match call.state {
            State::Rings => ("answer", State::Talks),
            State::Talks if self.random.bool() => ("hold", State::Held),
            State::Held => ("resume", State::Talks),
            State::Talks => ("disconnect", State::Over),
            State::Over => {
                agent.call = None;
                return json!({"act": "remove", "id": id});
            }
        };
        call.state = state;
        if act == "disconnect" { json!({"act": act, "id": id, "by": "remote"}) } else { json!({"act": act, "id": id}) }
    }
}
