//! Which event tells of which transition, where not all of them match.

use simulator::cloud::EventTruth;

use super::expected::Since;
use super::recovery::Excuses;

/// What is left when everything that matches is taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// Transitions of which no event tells, by their place.
    pub untold: Vec<usize>,
    /// Events that tell of no transition, by their place.
    pub unfounded: Vec<usize>,
    /// The pairs that match.
    pub pairs: Vec<(usize, usize)>,
}

/// Pairs transitions with events in the same order: as many as possible, of the same value and time.
pub fn align(expected: &[Since<String>], told: &[&EventTruth], excuses: &Excuses) -> Left {
    let matches = |one: usize, event: usize| {
        let (one, event) = (&expected[one], told[event]);
        one.value == event.value && excuses.agree(one.at, event.happened)
    };
    // How many pairs there are from each place on.
    let width = told.len() + 1;
    let mut most = vec![0_usize; (expected.len() + 1) * width];
    for one in (0..expected.len()).rev() {
        for event in (0..told.len()).rev() {
            let skip = most[(one + 1) * width + event].max(most[one * width + event + 1]);
            let pair = if matches(one, event) { most[(one + 1) * width + event + 1] + 1 } else { 0 };
            most[one * width + event] = skip.max(pair);
        }
    }
    let mut left = Left::default();
    let (mut one, mut event) = (0, 0);
    while one < expected.len() && event < told.len() {
        let best = most[one * width + event];
        if matches(one, event) && best == most[(one + 1) * width + event + 1] + 1 {
            left.pairs.push((one, event));
            (one, event) = (one + 1, event + 1);
        } else if best == most[(one + 1) * width + event] {
            left.untold.push(one);
            one += 1;
        } else {
            left.unfounded.push(event);
            event += 1;
        }
    }
    left.untold.extend(one..expected.len());
    left.unfounded.extend(event..told.len());
    left
}

/// Whether an event says how things were when the bridge could hear again, with a time of meanwhile.
pub fn is_outcome(expected: &[Since<String>], event: &EventTruth, excuses: &Excuses) -> bool {
    let Some((since, until)) = excuses.gap(event.happened) else { return false };
    let before = expected.iter().rev().find(|one| one.at < since);
    let meanwhile = expected.iter().filter(|one| since <= one.at && one.at <= until);
    before.into_iter().chain(meanwhile).any(|one| one.value == event.value)
}
