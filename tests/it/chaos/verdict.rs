//! Whether Genesys Cloud was told what happened in PureConnect: each transition once, in order, with its own time, but
//! for those that the bridge cannot know.
//!
//! It knows both sides' own accounts and when the bridge was blind; it asks the bridge nothing.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use simulator::cloud::system_presence;
use simulator::icws::Truth;

use crate::harness::User;
use crate::oracle;

/// PureConnect's times count whole seconds, and its clock is read over a network.
const TOLERANCE: SignedDuration = SignedDuration::from_millis(1_500);

/// While this lasted the bridge did not hear PureConnect. What came and went is not known to it, and of the rest only how
/// it ended.
#[derive(Debug, Clone, Copy)]
pub struct Blind {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// What a bridge could hear, and when.
#[derive(Debug, Clone, Default)]
pub struct Hearing {
    /// When it did not hear PureConnect.
    pub blind: Vec<Blind>,
    /// When it heard everything, but late: what PureConnect gives no time of is told with the time when it was heard.
    pub late: Vec<Blind>,
}

/// What the accounts come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Transitions that PureConnect had.
    pub transitions: usize,
    /// Those that were told, once each.
    pub told: usize,
    /// Those that came and went while the bridge was blind.
    pub unseen: usize,
    /// Events that reached Genesys Cloud once more, without effect.
    pub repeated: usize,
}

/// A value and since when.
type Since<'a> = (&'a str, Timestamp);

/// Compares both accounts of these users; panics with the first difference.
pub fn judge(icws: &Truth, cloud: &Value, users: &[User], hearing: &Hearing) -> Verdict {
    let days = oracle::days(icws);
    let mut verdict = Verdict::default();
    for user in users {
        let day = &days[&user.agent];
        let (presences, again) = told(cloud, user, "presence");
        let names = |definition: &str| system_presence(definition.parse().unwrap()).unwrap().name();
        let presences: Vec<Since<'_>> = presences.iter().map(|(value, at)| (names(value), *at)).collect();
        let (routing, again_routing) = told(cloud, user, "routing");
        let routing: Vec<Since<'_>> = routing.iter().map(|(value, at)| (value.as_str(), *at)).collect();
        verdict.repeated += again + again_routing;
        verdict.add(
            &Facet { user: &user.agent, name: "presence", has_times: true },
            &day.presences,
            &presences,
            hearing,
        );
        verdict.add(&Facet { user: &user.agent, name: "routing", has_times: false }, &day.routing, &routing, hearing);
    }
    verdict
}

/// Whether Genesys Cloud shows of these users what PureConnect has now; otherwise who differs first.
pub fn difference(icws: &Truth, cloud: &Value, users: &[User]) -> Option<String> {
    let days = oracle::days(icws);
    users.iter().find_map(|user| {
        let day = &days[&user.agent];
        let shown = &cloud["users"][&user.id];
        let wanted = (day.presences.last()?.0, day.routing.last()?.0);
        let shown = (shown["presence"]["system"].as_str()?, shown["routing"]["status"].as_str()?);
        (wanted != shown).then(|| format!("{}: {wanted:?} in PureConnect, {shown:?} in Genesys Cloud", user.agent))
    })
}

/// The events of a user that had an effect, and how many came again without one.
fn told(cloud: &Value, user: &User, kind: &str) -> (Vec<(String, Timestamp)>, usize) {
    let events = cloud["events"].as_array().unwrap().iter();
    let events = events.filter(|event| event["user"] == *user.id && event["kind"] == kind);
    let (applied, again): (Vec<&Value>, Vec<&Value>) = events.partition(|event| event["effectiveness"] == "applied");
    let text = |event: &Value, key: &str| event[key].as_str().unwrap().to_owned();
    let applied = applied.into_iter().map(|event| (text(event, "value"), text(event, "happened").parse().unwrap()));
    (applied.collect(), again.len())
}

struct Facet<'a> {
    user: &'a str,
    name: &'a str,
    /// Whether PureConnect says since when, also of what it is asked about later.
    has_times: bool,
}

impl Verdict {
    fn add(&mut self, facet: &Facet<'_>, happened: &[Since<'_>], told: &[Since<'_>], hearing: &Hearing) {
        let Hearing { blind, late } = hearing;
        let story =
            || format!("{} of {}:\nhappened {happened:#?}\ntold {told:#?}\nblind {blind:#?}", facet.name, facet.user);
        assert!(told.windows(2).all(|two| two[0].1 < two[1].1), "out of order: {}", story());
        let is_unseen = |at: Timestamp| blind.iter().any(|blind| blind.from <= at && at <= blind.to);
        // How it was at the start need not be told.
        let mut next =
            usize::from(told.first().is_none_or(|first| happened.first().is_none_or(|one| one.0 != first.0)));
        self.transitions += happened.len() - next;
        for (place, one) in told.iter().enumerate() {
            // Nobody knows since when it was so before the bridge was there.
            let since_before = |found: usize| place == 0 && found == 0;
            let was_late = |at: Timestamp| {
                let within =
                    |late: &&Blind| late.from <= at && at <= late.to && at <= one.1 && one.1 <= late.to + TOLERANCE;
                !facet.has_times && late.iter().any(|late| within(&late))
            };
            let same = |found: usize, at: Timestamp| {
                one.1.duration_since(at).abs() <= TOLERANCE || since_before(found) || was_late(at)
            };
            match candidate(happened, next, one, &is_unseen, &same) {
                Some(found) => {
                    self.told += 1;
                    self.unseen += found - next;
                    next = found + 1;
                }
                None => {
                    let collapsed = !facet.has_times && blind.iter().any(|blind| is_outcome(happened, one, blind));
                    assert!(collapsed, "invented, or lost before it: {one:?} in {}", story());
                }
            }
        }
        let left = &happened[next.min(happened.len())..];
        assert!(left.iter().all(|(_, at)| is_unseen(*at)), "lost: {left:?} in {}", story());
        self.unseen += left.len();
    }
}

/// Which transition this event tells of: the nearest in time with its value, after others that nobody could see.
fn candidate(
    happened: &[Since<'_>],
    next: usize,
    told: &Since<'_>,
    is_unseen: &impl Fn(Timestamp) -> bool,
    same: &impl Fn(usize, Timestamp) -> bool,
) -> Option<usize> {
    let mut best: Option<(SignedDuration, usize)> = None;
    for (place, (value, at)) in happened.iter().enumerate().skip(next) {
        let error = told.1.duration_since(*at).abs();
        if *value == told.0 && same(place, *at) && best.is_none_or(|(least, _)| error < least) {
            best = Some((error, place));
        }
        if !is_unseen(*at) {
            break;
        }
    }
    best.map(|(_, place)| place)
}

/// Whether this is how it was when the bridge could see again, told with a time of meanwhile.
fn is_outcome(happened: &[Since<'_>], told: &Since<'_>, blind: &Blind) -> bool {
    let meanwhile = blind.from - TOLERANCE <= told.1 && told.1 <= blind.to + TOLERANCE;
    let before = |(_, at): &&Since<'_>| *at <= blind.to + TOLERANCE;
    let since = |(_, at): &&Since<'_>| blind.from - TOLERANCE <= *at;
    let values = happened.iter().filter(before);
    let current = values.clone().rfind(|one| !since(one)).into_iter().chain(values.filter(since));
    meanwhile && current.into_iter().any(|(value, _)| *value == told.0)
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    type Told = &'static [(&'static str, i64)];

    fn since(list: Told) -> Vec<Since<'static>> {
        list.iter().map(|(value, second)| (*value, Timestamp::from_second(*second).unwrap())).collect()
    }

    /// What was told and what was unseen, or how the verdict begins.
    fn verdict(
        happened: Told,
        told: Told,
        blind: &'static [(i64, i64)],
        has_times: bool,
    ) -> Result<(usize, usize), String> {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let found = catch_unwind(move || {
            let blind: Vec<Blind> = blind.iter().map(|(from, to)| Blind { from: at(*from), to: at(*to) }).collect();
            let mut verdict = Verdict::default();
            let facet = Facet { user: "ada", name: "presence", has_times };
            verdict.add(&facet, &since(happened), &since(told), &Hearing { blind, late: Vec::new() });
            (verdict.told, verdict.unseen)
        });
        found.map_err(|told| told.downcast::<String>().unwrap().split([':', ',']).next().unwrap().to_owned())
    }

    const DAY: Told = &[("A", 0), ("B", 10), ("C", 20), ("A", 30)];

    #[test]
    fn what_was_told_once_in_order_and_in_time_is_well() {
        assert_eq!(verdict(DAY, &[("B", 10), ("C", 21), ("A", 30)], &[], true), Ok((3, 0)));
        assert_eq!(verdict(DAY, &[("A", 7), ("B", 10), ("C", 20), ("A", 30)], &[], true), Ok((4, 0)), "the start, too");
    }

    #[test]
    fn each_way_of_telling_it_wrong_is_found() {
        let verdict = |told| verdict(DAY, told, &[], true).unwrap_err();
        assert_eq!(verdict(&[("B", 10), ("C", 20)]), "lost");
        assert_eq!(verdict(&[("B", 10), ("A", 30)]), "invented");
        assert_eq!(verdict(&[("B", 10), ("C", 20), ("A", 30), ("A", 31)]), "invented");
        assert_eq!(verdict(&[("B", 10), ("C", 20), ("A", 25)]), "invented");
        assert_eq!(verdict(&[("B", 10), ("C", 20), ("B", 10), ("A", 30)]), "out of order");
        assert_eq!(verdict(&[("B", 10), ("X", 15), ("C", 20), ("A", 30)]), "invented");
    }

    #[test]
    fn who_was_blind_knows_the_outcome_only() {
        assert_eq!(verdict(DAY, &[("B", 10), ("A", 30)], &[(15, 25)], true), Ok((2, 1)));
        assert_eq!(verdict(DAY, &[("B", 10)], &[(15, 35)], true), Ok((1, 2)), "it is A again");
        assert_eq!(verdict(DAY, &[("B", 10), ("A", 34)], &[(15, 35)], true).unwrap_err(), "invented");
        assert_eq!(verdict(DAY, &[("B", 10), ("A", 34)], &[(15, 35)], false), Ok((1, 2)), "without a time of its own");
        assert_eq!(verdict(DAY, &[("B", 10), ("A", 30)], &[(21, 35)], true).unwrap_err(), "invented", "C was seen");
    }
}
