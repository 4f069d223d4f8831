//! PureConnect's account of the day against what an organisation without the permissions to inject shows: the newest
//! presence of everybody, and of the routing status what follows from it.

use std::collections::BTreeMap;

use domain::target::{Presence, RoutingStatus, SystemPresence};
use simulator::cloud::{self, DirectWrite, Kind};
use simulator::population::Person;
use uuid::Uuid;

use super::compare::{Comparison, office_difference, presence_difference, presence_id};
use super::expected::{Expected, Since};

/// What direct delivery cannot transfer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NotTransferable {
    /// Transitions to a routing status that cannot be set.
    pub transitions: usize,
    /// Agents who have such a routing status at the end.
    pub agents: usize,
}

/// Compares both sides.
pub fn compare(people: &[Person], expected: &BTreeMap<String, Expected>, truth: &cloud::Truth) -> Comparison {
    let mut found = Comparison { agents: people.len(), ..Comparison::default() };
    let mut not_transferable = NotTransferable::default();
    let mut writes: BTreeMap<Uuid, Vec<&DirectWrite>> = BTreeMap::new();
    for write in truth.direct_writes.iter().filter(|write| write.kind == Kind::Presence) {
        writes.entry(write.user).or_default().push(write);
    }
    for person in people {
        let user = person.cloud_user.0;
        let (Some(expected), Some(shown)) = (expected.get(&person.user_id), truth.users.get(&user)) else {
            found.differ(&person.user_id, "is missing on one side");
            continue;
        };
        found.transitions += expected.presences.len().saturating_sub(1) + expected.routing.len().saturating_sub(1);
        let lost: Vec<bool> = expected.routing.iter().map(|one| !follows(one, &expected.presences)).collect();
        not_transferable.transitions += lost.iter().skip(1).filter(|lost| **lost).count();
        not_transferable.agents += usize::from(lost.last() == Some(&true));

        let told = writes.get(&user).map_or(&[][..], Vec::as_slice);
        if let Some(write) = first_unfounded(&expected.presences, told) {
            found.invented += 1;
            let what = format!("presence: {} at {} never happened, or not in this order", write.value, write.arrived);
            found.tell(&person.user_id, &what);
        }
        let routing = expected.routing.last().filter(|one| follows(one, &expected.presences));
        let routing = routing.filter(|one| one.value.name() != shown.routing.status).map(|one| {
            format!("routing status {} in PureConnect, {} in Genesys Cloud", one.value, shown.routing.status)
        });
        let difference =
            presence_difference(expected, shown).or(routing).or_else(|| office_difference(expected, shown));
        if let Some(difference) = difference {
            found.differ(&person.user_id, &difference);
        }
    }
    found.not_transferable = Some(not_transferable);
    found
}

/// Whether the platform makes this routing status of the presence by itself.
fn follows(routing: &Since<RoutingStatus>, presences: &[Since<Presence>]) -> bool {
    let presence = presences.iter().rev().find(|presence| presence.at <= routing.at);
    let on_queue = presence.is_some_and(|presence| presence.value.system == SystemPresence::OnQueue);
    match routing.value {
        RoutingStatus::Idle => on_queue,
        RoutingStatus::OffQueue => !on_queue,
        RoutingStatus::Interacting | RoutingStatus::Communicating | RoutingStatus::NotResponding => false,
    }
}

/// The first write that tells of nothing that came after what was told before. Presences may be left out, since only the
/// newest counts, and be told again, since somebody else may have written.
fn first_unfounded<'w>(expected: &[Since<Presence>], told: &[&'w DirectWrite]) -> Option<&'w DirectWrite> {
    let mut place = 0;
    told.iter().copied().find(|write| {
        let rest = expected.get(place..).unwrap_or_default();
        match rest.iter().position(|one| presence_id(one.value) == write.value) {
            Some(further) => {
                place += further;
                false
            }
            None => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn presence(system: SystemPresence, second: i64) -> Since<Presence> {
        Since { value: Presence { system, secondary: None }, at: at(second) }
    }

    fn writes(values: &[SystemPresence]) -> Vec<DirectWrite> {
        let write = |system: &SystemPresence| DirectWrite {
            arrived: at(0),
            kind: Kind::Presence,
            user: Uuid::nil(),
            value: presence_id(Presence { system: *system, secondary: None }),
            token: 0,
        };
        values.iter().map(write).collect()
    }

    #[test]
    fn the_newest_may_leave_some_out_and_nothing_comes_that_was_not() {
        use SystemPresence::{Available, Break, Meal, OnQueue};
        let day = [presence(Available, 0), presence(OnQueue, 10), presence(Break, 20), presence(OnQueue, 30)];
        let unfounded = |told: &[SystemPresence]| {
            let told = writes(told);
            first_unfounded(&day, &told.iter().collect::<Vec<_>>()).is_some()
        };
        assert!(!unfounded(&[OnQueue, Break, OnQueue]));
        assert!(!unfounded(&[Available, Break, Break]), "left out, and told again");
        assert!(unfounded(&[Meal]), "it never was");
        assert!(unfounded(&[Break, OnQueue, Break]), "it was before");
    }

    #[test]
    fn a_routing_status_follows_from_the_presence_or_cannot_be_transferred() {
        use RoutingStatus::{Communicating, Idle, Interacting, NotResponding, OffQueue};
        let day = [presence(SystemPresence::Available, 0), presence(SystemPresence::OnQueue, 10)];
        let follows = |value, second| follows(&Since { value, at: at(second) }, &day);
        assert!(follows(OffQueue, 5) && follows(Idle, 10));
        // The latter is an agent who left the queue with a call that still alerts.
        assert!(!follows(OffQueue, 10) && !follows(Idle, 5));
        for value in [Interacting, Communicating, NotResponding] {
            assert!(!follows(value, 10), "{value}");
        }
    }
}
