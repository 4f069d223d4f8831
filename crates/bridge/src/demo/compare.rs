//! PureConnect's account of the day against what reached Genesys Cloud, agent by agent.

use std::collections::BTreeMap;

use domain::target::{OutOfOffice, Presence, RoutingStatus};
use jiff::{SignedDuration, Timestamp};
use simulator::cloud::{self, Effectiveness, EventTruth, Kind, UserTruth};
use simulator::population::Person;
use uuid::Uuid;

use super::align::{align, is_outcome};
use super::direct::NotTransferable;
use super::expected::{Expected, Since};
use super::recovery::Excuses;

/// What the comparison found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// Agents compared.
    pub agents: usize,
    /// Agents whose state differs between the two sides at the end.
    pub agents_differ: usize,
    /// Transitions of presence and routing status that PureConnect reported.
    pub transitions: usize,
    /// Those that did not reach Genesys Cloud, though the bridge could have known of them.
    pub lost: usize,
    /// Those that came and went in a gap of the journal: while the bridge did not run or did not hear PureConnect.
    pub unseen: usize,
    /// Those that reached it though they never happened, or more than once.
    pub invented: usize,
    /// Agents whose events did not arrive in the order in which they happened.
    pub out_of_order: usize,
    /// The longest time between when something happened and the time that its event gives, in simulated seconds.
    pub worst_time_error_s: f64,
    /// What cannot be transferred, where changes are told directly.
    pub not_transferable: Option<NotTransferable>,
    /// The first few differences in words.
    pub differences: Vec<String>,
}

/// How many differences are told in words.
const TOLD: usize = 10;

/// Compares both sides.
pub fn compare(
    people: &[Person],
    expected: &BTreeMap<String, Expected>,
    truth: &cloud::Truth,
    excuses: &Excuses,
) -> Comparison {
    let mut found = Comparison { agents: people.len(), ..Comparison::default() };
    let mut events: BTreeMap<(Uuid, Kind), Vec<&EventTruth>> = BTreeMap::new();
    for event in truth.events.iter().filter(|event| event.effectiveness != Effectiveness::Duplicate) {
        events.entry((event.user, event.kind)).or_default().push(event);
    }
    for person in people {
        let user = person.cloud_user.0;
        let (Some(expected), Some(shown)) = (expected.get(&person.user_id), truth.users.get(&user)) else {
            found.differ(&person.user_id, "is missing on one side");
            continue;
        };
        let of = |kind| events.get(&(user, kind)).map_or(&[][..], Vec::as_slice);
        let presences: Vec<Since<String>> = expected.presences.iter().map(|one| name(one, presence_id)).collect();
        let routing: Vec<Since<String>> =
            expected.routing.iter().map(|one| name(one, |value: RoutingStatus| value.name().to_owned())).collect();
        found.follow(&person.user_id, "presence", &presences, of(Kind::Presence), excuses);
        found.follow(&person.user_id, "routing status", &routing, of(Kind::Routing), excuses);
        if let Some(difference) = difference(expected, shown) {
            found.differ(&person.user_id, &difference);
        }
    }
    found
}

impl Comparison {
    /// Whether both sides are equal, now and all day long.
    pub fn is_equal(&self) -> bool {
        self.agents_differ == 0 && self.lost == 0 && self.invented == 0 && self.out_of_order == 0
    }

    /// An agent's state differs.
    pub fn differ(&mut self, user: &str, difference: &str) {
        self.agents_differ += 1;
        self.tell(user, difference);
    }

    /// Tells a difference, if there is room for it.
    pub fn tell(&mut self, user: &str, difference: &str) {
        if self.differences.len() < TOLD {
            self.differences.push(format!("{user}: {difference}"));
        }
    }

    /// Follows one facet through the day. What it was at the start need not have been told.
    fn follow(&mut self, user: &str, facet: &str, expected: &[Since<String>], told: &[&EventTruth], excuses: &Excuses) {
        let start = told.first().is_none_or(|first| Some(&first.value) != expected.first().map(|one| &one.value));
        let expected = if start { expected.get(1..).unwrap_or_default() } else { expected };
        self.transitions += expected.len();
        if told.windows(2).any(|two| two[0].happened >= two[1].happened) {
            self.out_of_order += 1;
            self.tell(user, &format!("the events of {facet} did not arrive in order"));
        }
        let equal =
            expected.len() == told.len() && expected.iter().zip(told).all(|(one, event)| one.value == event.value);
        if equal {
            // In a gap nobody knows when.
            let heard = expected.iter().zip(told).filter(|(one, _)| excuses.was_heard_at_once(one.at));
            for (one, event) in heard {
                let error = event.happened.duration_since(one.at).abs().as_secs_f64();
                self.worst_time_error_s = self.worst_time_error_s.max(error);
            }
            return;
        }
        if !excuses.is_empty() {
            return self.excuse(user, facet, expected, told, excuses);
        }
        let common = longest_common(expected, told);
        self.lost += expected.len() - common;
        self.invented += told.len() - common;
        self.tell(user, &first_difference(facet, expected, told));
    }
}

impl Comparison {
    /// Takes away from a difference what cannot be known, and what was told again because somebody else wrote.
    fn excuse(&mut self, user: &str, facet: &str, expected: &[Since<String>], told: &[&EventTruth], excuses: &Excuses) {
        let left = align(expected, told, excuses);
        for (one, event) in left.pairs.into_iter().filter(|(one, _)| excuses.was_heard_at_once(expected[*one].at)) {
            let error = told[event].happened.duration_since(expected[one].at).abs().as_secs_f64();
            self.worst_time_error_s = self.worst_time_error_s.max(error);
        }
        for one in left.untold.into_iter().map(|place| &expected[place]) {
            if excuses.gap(one.at).is_some() {
                self.unseen += 1;
            } else {
                self.lost += 1;
                self.tell(user, &format!("{facet}: {} at {} was never told", one.value, one.at));
            }
        }
        for event in left.unfounded.into_iter().map(|place| told[place]) {
            if !is_outcome(expected, event, excuses) && !excuses.is_repair(event) {
                self.invented += 1;
                self.tell(user, &format!("{facet}: {} at {} never happened", event.value, event.happened));
            }
        }
    }
}

fn first_difference(facet: &str, expected: &[Since<String>], told: &[&EventTruth]) -> String {
    let place = expected.iter().zip(told).take_while(|(one, event)| one.value == event.value).count();
    let wanted = expected.get(place).map_or("nothing".to_owned(), |one| format!("{} at {}", one.value, one.at));
    let got = told.get(place).map_or("nothing".to_owned(), |event| format!("{} at {}", event.value, event.happened));
    format!("{facet}, change {}: PureConnect had {wanted}, Genesys Cloud was told {got}", place + 1)
}

/// How many values both have in the same order.
fn longest_common(expected: &[Since<String>], told: &[&EventTruth]) -> usize {
    let mut row = vec![0; told.len() + 1];
    for one in expected {
        let mut diagonal = 0;
        for (column, event) in told.iter().enumerate() {
            let above = row[column + 1];
            row[column + 1] = if one.value == event.value { diagonal + 1 } else { above.max(row[column]) };
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// What differs at the end, if anything.
fn difference(expected: &Expected, shown: &UserTruth) -> Option<String> {
    let routing = expected.routing.last().filter(|routing| routing.value.name() != shown.routing.status);
    let routing = routing.map(|routing| {
        format!("routing status {} in PureConnect, {} in Genesys Cloud", routing.value, shown.routing.status)
    });
    presence_difference(expected, shown).or(routing).or_else(|| office_difference(expected, shown))
}

/// Whether the presence differs at the end.
pub fn presence_difference(expected: &Expected, shown: &UserTruth) -> Option<String> {
    let presence = expected.presences.last()?.value;
    let differs = presence_id(presence) != shown.presence.definition.to_string();
    differs.then(|| format!("presence {presence} in PureConnect, {} in Genesys Cloud", shown.presence.system))
}

/// Whether out of office differs at the end.
pub fn office_difference(expected: &Expected, shown: &UserTruth) -> Option<String> {
    let office = &shown.out_of_office;
    let same = match expected.out_of_office {
        OutOfOffice::Off => !office.active,
        OutOfOffice::On { until: None } => office.active && office.indefinite,
        OutOfOffice::On { until: Some(until) } => office.active && office.end.is_some_and(|end| close(end, until)),
    };
    (!same).then(|| format!("out of office {} in PureConnect, {office:?} in Genesys Cloud", expected.out_of_office))
}

/// PureConnect counts whole seconds, and its clock is measured, not known.
fn close(one: Timestamp, other: Timestamp) -> bool {
    one.duration_since(other).abs() <= SignedDuration::from_secs(120)
}

/// The id of its definition.
pub fn presence_id(presence: Presence) -> String {
    match presence.secondary {
        Some(definition) => definition.to_string(),
        None => cloud::system_definition(presence.system).to_string(),
    }
}

fn name<T: Copy>(one: &Since<T>, name: impl Fn(T) -> String) -> Since<String> {
    Since { value: name(one.value), at: one.at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn wanted(values: &[&str]) -> Vec<Since<String>> {
        (0..).zip(values).map(|(second, value)| Since { value: (*value).to_owned(), at: at(second * 10) }).collect()
    }

    fn events(values: &[(&str, i64)]) -> Vec<EventTruth> {
        let event = |(value, second): &(&str, i64)| EventTruth {
            arrived: at(*second + 1),
            kind: Kind::Routing,
            id: String::new(),
            user: Uuid::nil(),
            source: Uuid::nil(),
            happened: at(*second),
            value: (*value).to_owned(),
            effectiveness: Effectiveness::Applied,
            token: 0,
        };
        values.iter().map(event).collect()
    }

    fn follow(expected: &[&str], told: &[(&str, i64)]) -> Comparison {
        let mut found = Comparison::default();
        let events = events(told);
        found.follow(
            "jane",
            "routing status",
            &wanted(expected),
            &events.iter().collect::<Vec<_>>(),
            &Excuses::default(),
        );
        found
    }

    #[test]
    fn a_day_that_was_told_as_it_was_is_equal() {
        let found = follow(&["OFF_QUEUE", "IDLE", "OFF_QUEUE"], &[("IDLE", 11), ("OFF_QUEUE", 20)]);
        assert!(found.is_equal(), "{found:?}");
        assert_eq!(found.transitions, 2);
        assert!((found.worst_time_error_s - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_lost_a_repeated_and_an_overtaking_event_are_found() {
        let lost = follow(&["OFF_QUEUE", "IDLE", "INTERACTING"], &[("IDLE", 10)]);
        assert_eq!((lost.lost, lost.invented), (1, 0));
        assert!(!lost.is_equal());
        let repeated = follow(&["OFF_QUEUE", "IDLE"], &[("IDLE", 10), ("IDLE", 11)]);
        assert_eq!((repeated.lost, repeated.invented), (0, 1));
        let overtaken = follow(&["OFF_QUEUE", "IDLE", "OFF_QUEUE"], &[("IDLE", 20), ("OFF_QUEUE", 10)]);
        assert_eq!(overtaken.out_of_order, 1);
    }
}
