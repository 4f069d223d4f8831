//! The course of one agent: what was wanted of each facet, what Genesys Cloud had accepted of it, and where the two differed.
//!
//! Wanted counts from when it happened in PureConnect, accepted from when Genesys Cloud's answer was there. Plain values;
//! where they are from is in `read`.

pub(crate) mod read;
#[cfg(test)]
mod tests;

use domain::change::{Change, Facet, Value};
use domain::ids::{AgentId, ChangeId};
use domain::target::{OutOfOffice, SystemPresence};
use jiff::Timestamp;

use crate::changes::Disposition;
use crate::summary::{NOT_SUPPORTED, REPAIR};

pub(crate) use self::read::read;

/// How the engine says that a change is not sent any more because its value is there.
pub(crate) const SHOWN_ALREADY: &str = "Genesys Cloud shows it already";

/// How it says that nothing takes the place of a change: from there on no value is wanted.
const WITHDRAWN: [&str; 3] =
    ["the agent left the scope", "the routing status is another one by now", "the presence says it"];

/// What was decided for an agent in a period, with what held when it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// Whose.
    pub agent: AgentId,
    /// What each facet was told last, and when that happened: all there is to go by where the journal has no change.
    pub told: Vec<(Value, Timestamp)>,
    /// The changes, each facet's in the order in which they happened. Those of before the period begin with the last one
    /// that had been accepted when it began.
    pub changes: Vec<(Change, Disposition)>,
}

/// A time in which Genesys Cloud showed something else than PureConnect, while it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// What should have been shown.
    pub wanted: Value,
    /// What was shown instead; `None` where that is not known.
    pub shown: Option<Value>,
    /// The change that would have mended it.
    pub change: ChangeId,
    /// Since when, or the beginning of the period.
    pub from: Timestamp,
    /// Until when, or the end of the period.
    pub until: Timestamp,
}

/// What becomes of a facet at a time.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// PureConnect shows this from here on.
    Wanted(Value, ChangeId),
    /// Nothing that could be told is wanted any more.
    Withdrawn(ChangeId),
    /// Genesys Cloud shows this, which happened then.
    Shown(Value, Timestamp),
    /// Somebody else made Genesys Cloud show something.
    Overwritten(Option<Value>),
}

/// A time in which neither side of a facet changed.
struct Span {
    from: Timestamp,
    until: Timestamp,
    wanted: Option<(Value, ChangeId)>,
    shown: Option<Value>,
}

impl Course {
    /// Where the two differed between two times, by facet in the order of time.
    #[must_use]
    pub fn differences(&self, from: Timestamp, until: Timestamp) -> Vec<Difference> {
        let spans = Facet::ALL.into_iter().flat_map(|facet| self.spans(facet, from, until));
        let differences = spans.filter_map(|Span { from, until, wanted, shown }| {
            let (wanted, change) = wanted?;
            let differs = shown.is_none_or(|shown| !same(wanted, shown));
            differs.then_some(Difference { wanted, shown, change, from, until })
        });
        differences.collect()
    }

    /// When either side showed the agent with a presence other than Offline, between two times.
    #[must_use]
    pub fn at_work(&self, from: Timestamp, until: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let spans = self.spans(Facet::Presence, from, until).into_iter();
        let works = |value: Value| match value {
            Value::Presence(presence) => presence.system != SystemPresence::Offline,
            Value::Routing(_) | Value::OutOfOffice(_) => false,
        };
        let at_work =
            spans.filter(|span| span.wanted.is_some_and(|(value, _)| works(value)) || span.shown.is_some_and(works));
        at_work.map(|span| (span.from, span.until)).collect()
    }

    /// A facet between two times.
    fn spans(&self, facet: Facet, from: Timestamp, until: Timestamp) -> Vec<Span> {
        let (mut wanted, mut shown) = (None, None);
        let mut shown_since = None;
        let changes = || self.changes.iter().filter(|(change, _)| change.to.facet() == facet);
        match changes().next() {
            // Whatever was shown before a change was what it went from.
            Some((first, _)) => shown = first.from,
            None => {
                let told = self.told.iter().find(|(value, _)| value.facet() == facet);
                shown = told.filter(|(_, happened)| *happened < until).map(|(value, _)| *value).or(shown);
            }
        }
        let mut events: Vec<(Timestamp, Event)> = changes().flat_map(events_of).collect();
        // Of one moment in the order of the changes: the sort is stable.
        events.sort_by_key(|(at, _)| *at);
        let mut spans = Vec::new();
        let mut begun = from;
        for (at, event) in events.into_iter().filter(|(at, _)| *at < until) {
            if at > begun {
                spans.push(Span { from: begun, until: at, wanted, shown });
                begun = at;
            }
            match event {
                Event::Wanted(value, change) => wanted = Some((value, change)),
                Event::Withdrawn(change) => wanted = wanted.filter(|(_, of)| *of != change),
                Event::Overwritten(value) => shown = value,
                // What is told late of before does not take the place of what was told since.
                Event::Shown(value, happened) if shown_since.is_none_or(|since| happened >= since) => {
                    (shown, shown_since) = (Some(value), Some(happened));
                }
                Event::Shown(..) => {}
            }
        }
        if begun < until {
            spans.push(Span { from: begun, until, wanted, shown });
        }
        spans
    }
}

/// What a change does to its facet, and when.
fn events_of((change, disposition): &(Change, Disposition)) -> Vec<(Timestamp, Event)> {
    let id = change.id;
    let settled = match disposition {
        Disposition::Pending => None,
        Disposition::Delivered { at } => Some((*at, Event::Shown(change.to, change.happened))),
        // Direct delivery has no way to tell it, nor to say when it is over.
        Disposition::Dropped { reason, .. } if reason.starts_with(NOT_SUPPORTED) => return Vec::new(),
        Disposition::Dropped { at, reason } if reason == SHOWN_ALREADY => {
            Some((*at, Event::Shown(change.to, change.happened)))
        }
        Disposition::Dropped { at, reason } if WITHDRAWN.contains(&reason.as_str()) => {
            Some((*at, Event::Withdrawn(id)))
        }
        // Another one takes its place, or the platform refused it: what is wanted is wanted.
        Disposition::Dropped { .. } => None,
    };
    // The clocks are never quite the same: it cannot have been accepted before it happened.
    let happened = settled.map_or(change.happened, |(at, _)| change.happened.min(at));
    let overwritten = change.why.starts_with(REPAIR).then_some((happened, Event::Overwritten(change.from)));
    let events = [overwritten, Some((happened, Event::Wanted(change.to, id))), settled];
    events.into_iter().flatten().collect()
}

/// Whether Genesys Cloud takes two values for the same: the end of an out of office counts in whole seconds there.
fn same(a: Value, b: Value) -> bool {
    let whole = |value: Value| match value {
        Value::OutOfOffice(OutOfOffice::On { until: Some(until) }) => {
            let second = Timestamp::from_second(until.as_second()).unwrap_or(until);
            Value::OutOfOffice(OutOfOffice::On { until: Some(second) })
        }
        Value::OutOfOffice(_) | Value::Presence(_) | Value::Routing(_) => value,
    };
    whole(a) == whole(b)
}
