//! An agent's day out of its timeline: bands, differences and changes.
//!
//! Which values differ is the store's to say; from when a told value counts is said here. By events it counts from when it
//! happened, because Genesys Cloud is told the time; directly from when it was accepted. Directly, the platform makes the
//! routing status of the presence.

use std::collections::BTreeMap;

use domain::change::{Change, Facet, Value};
use domain::ids::ChangeId;
use domain::source::Catalogue;
use domain::target::{Presence, RoutingStatus};
use jiff::Timestamp;
use replicator::options::ModeChoice;
use store::{ChangeRow, Disposition, Timeline};

use super::bands::{Step, bands};
use super::{Period, convert};
use crate::board::LinkBoard;
use crate::shown;

/// What else there is to know for a day.
pub(super) struct Surroundings<'a> {
    pub link: &'a str,
    pub catalogue: &'a Catalogue,
    /// The link's time.
    pub at: Timestamp,
    /// Whether delivery is direct.
    pub direct: bool,
    /// Whether routing statuses are replicated.
    pub routing: bool,
}

impl<'a> Surroundings<'a> {
    /// Of a link as it stands, or stood last; `alive` is when its journal was written last.
    pub(super) fn of(link: &'a LinkBoard, alive: Option<Timestamp>, period: Period) -> Self {
        Self {
            link: &link.name,
            catalogue: &link.catalogue,
            at: link.at().max(alive).unwrap_or(period.until),
            direct: link.report.as_ref().is_some_and(|report| report.direct),
            routing: link.report.as_ref().is_none_or(|report| report.mode != ModeChoice::StatusOnly),
        }
    }
}

/// The day; without what the journal does not know: names and trust intervals.
pub(super) fn day(around: &Surroundings<'_>, timeline: &Timeline, period: Period) -> shown::Day {
    let end = period.until.min(around.at).max(period.from);
    let direct = around.direct || cannot_tell_everything(timeline);
    let sides = Sides { around, timeline, direct, from: period.from, until: end };
    shown::Day {
        link: around.link.to_owned(),
        agent: timeline.agent.as_ref().map(|agent| agent.as_str().to_owned()).unwrap_or_default(),
        name: None,
        known: timeline.agent.is_some(),
        from: period.from,
        until: period.until,
        at: around.at,
        direct,
        wanted: sides.wanted(),
        told: sides.told(),
        differences: sides.differences(),
        changes: timeline.changes.iter().map(|row| convert::change(row, around.catalogue)).collect(),
        gaps: Vec::new(),
    }
}

/// Whether something was dropped that only direct delivery has no way to tell.
fn cannot_tell_everything(timeline: &Timeline) -> bool {
    timeline.changes.iter().any(is_not_supported)
}

fn is_not_supported(row: &ChangeRow) -> bool {
    match &row.disposition {
        Disposition::Dropped { reason, .. } => reason.starts_with(replicator::engine::NOT_SUPPORTED),
        Disposition::Pending | Disposition::Delivered { .. } => false,
    }
}

struct Sides<'a> {
    around: &'a Surroundings<'a>,
    timeline: &'a Timeline,
    direct: bool,
    from: Timestamp,
    until: Timestamp,
}

impl Sides<'_> {
    /// What should have been shown.
    fn wanted(&self) -> shown::Bands {
        let presence = bands(self.statuses(), self.from, self.until);
        let mut routing = self.decided(Facet::Routing);
        if self.direct && self.around.routing {
            routing.extend(derived(&presence));
        }
        shown::Bands {
            presence,
            routing: bands(routing, self.from, self.until),
            out_of_office: bands(self.decided(Facet::OutOfOffice), self.from, self.until),
        }
    }

    /// What Genesys Cloud was told, and what it makes of that.
    fn told(&self) -> shown::Bands {
        let presence = bands(self.accepted(Facet::Presence), self.from, self.until);
        let routing = if !self.direct {
            self.accepted(Facet::Routing)
        } else if self.around.routing {
            derived(&presence)
        } else {
            Vec::new()
        };
        shown::Bands {
            presence,
            routing: bands(routing, self.from, self.until),
            out_of_office: bands(self.accepted(Facet::OutOfOffice), self.from, self.until),
        }
    }

    fn differences(&self) -> Vec<shown::Difference> {
        let rows: BTreeMap<ChangeId, &ChangeRow> = self.rows().map(|row| (row.change.id, row)).collect();
        let found = self.timeline.course().differences(self.from, self.until);
        let lasting = self.until == self.around.at;
        let shown = found.iter().filter_map(|difference| {
            let row = rows.get(&difference.change)?;
            Some(shown::Difference {
                facet: convert::facet(difference.wanted.facet()),
                from: difference.from,
                until: difference.until,
                lasts: lasting && difference.until == self.until,
                wanted: difference.wanted.to_string(),
                told: difference.shown.map(|value| value.to_string()),
                why: why(row),
                change: difference.change.to_string(),
            })
        });
        shown.collect()
    }

    fn rows(&self) -> impl Iterator<Item = &ChangeRow> {
        self.timeline.before.iter().chain(&self.timeline.changes)
    }

    fn rows_of(&self, facet: Facet) -> impl Iterator<Item = &ChangeRow> {
        self.rows().filter(move |row| row.change.to.facet() == facet)
    }

    /// The statuses that the agent was in, and the presences that were wanted for them.
    fn statuses(&self) -> Vec<Step> {
        let step = |interval: &store::Interval| {
            let presence = interval.presence;
            let is_it = |change: &&Change| {
                change.happened == interval.from
                    && presence.is_some_and(|presence| change.to == Value::Presence(presence))
            };
            let change = self.rows_of(Facet::Presence).map(|row| &row.change).find(is_it);
            let message = interval.status.as_ref().and_then(|status| self.around.catalogue.get(status));
            Step {
                at: Some(interval.from),
                value: presence.map(|presence| presence.to_string()),
                status: interval.status.as_ref().map(|status| status.as_str().to_owned()),
                text: message.map(|message| message.text.clone()),
                rule: interval.rule.clone(),
                accepted: None,
                change: change.map(|change| change.id.to_string()),
            }
        };
        self.timeline.statuses.iter().map(step).collect()
    }

    /// What was decided of a facet, told or not.
    fn decided(&self, facet: Facet) -> Vec<Step> {
        let step = |row: &ChangeRow| Step { rule: Some(row.change.why.clone()), ..of(row, row.change.happened) };
        self.before(facet).into_iter().chain(self.rows_of(facet).map(step)).collect()
    }

    /// What was told of a facet, from when it counts.
    fn accepted(&self, facet: Facet) -> Vec<Step> {
        let step = |row: &ChangeRow| {
            let told = row.told_at()?;
            let counts = if self.direct { told } else { row.change.happened };
            let accepted = matches!(row.disposition, Disposition::Delivered { .. }).then_some(told);
            Some(Step { accepted, ..of(row, counts) })
        };
        self.before(facet).into_iter().chain(self.rows_of(facet).filter_map(step)).collect()
    }

    /// What the facet was before all changes that are read.
    fn before(&self, facet: Facet) -> Option<Step> {
        match self.rows_of(facet).next() {
            Some(first) => first.change.from.map(|from| Step { value: Some(from.to_string()), ..Step::default() }),
            None => {
                let told = self.timeline.told.iter().find(|(value, _)| value.facet() == facet);
                let told = told.filter(|(_, happened)| *happened < self.until);
                told.map(|(value, happened)| Step {
                    at: Some(*happened),
                    value: Some(value.to_string()),
                    ..Step::default()
                })
            }
        }
    }
}

fn of(row: &ChangeRow, at: Timestamp) -> Step {
    Step {
        at: Some(at),
        value: Some(row.change.to.to_string()),
        change: Some(row.change.id.to_string()),
        ..Step::default()
    }
}

/// The routing statuses that the platform makes of presences.
fn derived(presences: &[shown::Band]) -> Vec<Step> {
    let step = |band: &shown::Band| {
        // As in `Display` of a presence: the definition of the organisation's own follows in brackets.
        let on_queue =
            band.value.as_deref()?.starts_with(&Presence::of(domain::target::SystemPresence::OnQueue).to_string());
        let routing = if on_queue { RoutingStatus::Idle } else { RoutingStatus::OffQueue };
        Some(Step {
            at: band.since,
            value: Some(routing.to_string()),
            rule: Some("the platform makes it of the presence".to_owned()),
            accepted: band.accepted,
            ..Step::default()
        })
    };
    presences.iter().filter_map(step).collect()
}

/// Why a change was not shown at once, in words.
fn why(row: &ChangeRow) -> String {
    let failed = row.attempts.iter().filter(|attempt| attempt.outcome.is_err()).count();
    let last = row.attempts.iter().rev().find_map(|attempt| attempt.outcome.as_ref().err());
    let attempts =
        |failed: usize| if failed == 1 { "an attempt failed".to_owned() } else { format!("{failed} attempts failed") };
    match (&row.disposition, last) {
        (Disposition::Dropped { reason, .. }, _) => reason.clone(),
        (Disposition::Delivered { .. } | Disposition::Pending, Some(failure)) => {
            format!("{}, the last one with: {failure}", attempts(failed))
        }
        (Disposition::Delivered { .. }, None) if row.change.why.starts_with("repair: ") => row.change.why.clone(),
        (Disposition::Delivered { .. }, None) => "it was on its way".to_owned(),
        (Disposition::Pending, None) if row.attempts.is_empty() => "it waits to be told".to_owned(),
        (Disposition::Pending, None) => "it is on its way".to_owned(),
    }
}
