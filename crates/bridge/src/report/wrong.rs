//! Wrong agent-seconds: how long Genesys Cloud showed something else than PureConnect, of all agents, by day and by agent.
//!
//! Takes one agent's course at a time and keeps sums only.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::change::Facet;
use domain::ids::AgentId;
use jiff::Timestamp;
use store::Course;

use crate::period::Period;

/// How many agents are named.
const WORST: usize = 5;

/// How long agents were wrong, and how long they were there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wrong {
    /// At least one facet was.
    pub any: Duration,
    /// By facet.
    pub facets: BTreeMap<Facet, Duration>,
    /// Either side showed the agent as something else than Offline.
    pub at_work: Duration,
}

/// An agent of those who were wrong for longest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worst {
    /// Who.
    pub agent: AgentId,
    /// For how long.
    pub wrong: Wrong,
}

/// The sums so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    period: Period,
    days: Vec<Period>,
    /// Of the period.
    pub whole: Wrong,
    /// Of each day.
    pub of_days: Vec<Wrong>,
    /// Those who were wrong for longest, the longest first.
    pub worst: Vec<Worst>,
}

impl Wrong {
    /// The share of the time at work, between 0 and 1, in which something was wrong; `None` where nobody was there.
    pub fn share(&self) -> Option<f64> {
        (!self.at_work.is_zero()).then(|| (self.any.as_secs_f64() / self.at_work.as_secs_f64()).min(1.0))
    }
}

impl Tally {
    /// Of a period with these days, which follow one another.
    pub fn new(period: Period, days: Vec<Period>) -> Self {
        let of_days = days.iter().map(|_| Wrong::default()).collect();
        Self { period, days, whole: Wrong::default(), of_days, worst: Vec::new() }
    }

    /// One more agent.
    pub fn add(&mut self, course: &Course) {
        let Period { from, to } = self.period;
        let mut own = Wrong::default();
        let differences = course.differences(from, to);
        for difference in &differences {
            let part = Period { from: difference.from, to: difference.until };
            self.spread(part, &mut own, |wrong, time| {
                *wrong.facets.entry(difference.wanted.facet()).or_default() += time
            });
        }
        for part in together(differences.iter().map(|difference| (difference.from, difference.until)).collect()) {
            self.spread(part, &mut own, |wrong, time| wrong.any += time);
        }
        for (from, to) in course.at_work(from, to) {
            self.spread(Period { from, to }, &mut own, |wrong, time| wrong.at_work += time);
        }
        if !own.any.is_zero() {
            self.worst.push(Worst { agent: course.agent.clone(), wrong: own });
            self.worst.sort_by(|a, b| b.wrong.any.cmp(&a.wrong.any).then_with(|| a.agent.cmp(&b.agent)));
            self.worst.truncate(WORST);
        }
    }

    /// Adds a time to the agent, to the whole, and to each day as far as it lies in it.
    fn spread(&mut self, part: Period, own: &mut Wrong, add: impl Fn(&mut Wrong, Duration)) {
        add(own, part.length());
        add(&mut self.whole, part.length());
        let first = self.days.partition_point(|day| day.to <= part.from);
        let within = self.days.iter().zip(&mut self.of_days).skip(first).take_while(|(day, _)| day.from < part.to);
        for (day, wrong) in within {
            add(wrong, Period { from: part.from.max(day.from), to: part.to.min(day.to) }.length());
        }
    }
}

/// Times that may overlap, each moment once.
fn together(mut times: Vec<(Timestamp, Timestamp)>) -> Vec<Period> {
    times.sort();
    let mut all: Vec<Period> = Vec::new();
    for (from, to) in times {
        match all.last_mut() {
            Some(last) if from <= last.to => last.to = last.to.max(to),
            Some(_) | None => all.push(Period { from, to }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use domain::change::{Change, Value};
    use domain::ids::ChangeId;
    use domain::target::{Presence, RoutingStatus, SystemPresence};
    use store::Disposition;
    use uuid::Uuid;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn period(from: i64, to: i64) -> Period {
        Period { from: at(from), to: at(to) }
    }

    /// On queue from the beginning on; then a meal and off queue, accepted at these seconds.
    fn course(agent: &str, happened: i64, presence: i64, routing: i64) -> Course {
        let queue = Value::Presence(Presence::of(SystemPresence::OnQueue));
        let meal = Value::Presence(Presence::of(SystemPresence::Meal));
        let (idle, off) = (Value::Routing(RoutingStatus::Idle), Value::Routing(RoutingStatus::OffQueue));
        let change = |from, to, accepted| {
            let id = ChangeId(Uuid::nil());
            let (happened, why) = (at(happened), String::new());
            let change = Change { id, from: Some(from), to, happened, seen: happened, why, status: None };
            (change, Disposition::Delivered { at: at(accepted) })
        };
        let changes = vec![change(queue, meal, presence), change(idle, off, routing)];
        Course { agent: AgentId::new(agent), told: Vec::new(), changes }
    }

    #[test]
    fn an_agent_of_whom_two_things_are_wrong_counts_once() {
        let mut tally = Tally::new(period(0, 100), Vec::new());
        tally.add(&course("jane", 10, 15, 30));
        assert_eq!(tally.whole.any, Duration::from_secs(20));
        assert_eq!(tally.whole.facets[&Facet::Presence], Duration::from_secs(5));
        assert_eq!(tally.whole.facets[&Facet::Routing], Duration::from_secs(20));
        assert_eq!(tally.whole.at_work, Duration::from_secs(100));
        assert!((tally.whole.share().unwrap() - 0.2).abs() < 1e-9);
        assert_eq!(Wrong::default().share(), None);
    }

    #[test]
    fn each_day_has_what_lies_in_it() {
        let mut tally = Tally::new(period(0, 60), vec![period(0, 20), period(20, 40), period(40, 60)]);
        tally.add(&course("jane", 15, 50, 16));
        let seconds: Vec<u64> = tally.of_days.iter().map(|day| day.any.as_secs()).collect();
        assert_eq!(seconds, [5, 20, 10]);
        assert_eq!(tally.whole.any, Duration::from_secs(35));
    }

    #[test]
    fn the_worst_are_named_and_no_more_of_them() {
        let mut tally = Tally::new(period(0, 100), Vec::new());
        for (agent, accepted) in [("a", 12), ("b", 20), ("c", 11), ("d", 40), ("e", 30), ("f", 13), ("quiet", 10)] {
            tally.add(&course(agent, 10, accepted, accepted));
        }
        let names: Vec<&str> = tally.worst.iter().map(|worst| worst.agent.as_str()).collect();
        assert_eq!(names, ["d", "e", "b", "f", "a"]);
    }
}
