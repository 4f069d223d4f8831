//! What the journal has, in the words that are shown.

use domain::change;
use domain::source::Catalogue;
use domain::trust::Gap;
use jiff::Timestamp;
use replicator::ports::{self, Failure};
use store::{ChangeRow, Disposition, failure_name};

use crate::shown;

/// A change with all that became of it.
pub(super) fn change(row: &ChangeRow, catalogue: &Catalogue) -> shown::Change {
    let change = &row.change;
    let last = row.attempts.last();
    let (disposition, accepted, dropped_because) = match &row.disposition {
        Disposition::Pending => (shown::Disposition::Pending, None, None),
        Disposition::Delivered { at } => (shown::Disposition::Delivered, Some(*at), None),
        Disposition::Dropped { reason, .. } => (shown::Disposition::Dropped, None, Some(reason.clone())),
    };
    shown::Change {
        id: change.id.to_string(),
        agent: row.agent.as_str().to_owned(),
        facet: facet(change.to.facet()),
        from: change.from.map(|value| value.to_string()),
        to: change.to.to_string(),
        status: change.status.as_ref().map(|status| status.as_str().to_owned()),
        text: change.status.as_ref().and_then(|status| catalogue.get(status)).map(|message| message.text.clone()),
        rule: change.why.clone(),
        happened: change.happened,
        seen: change.seen,
        recorded: row.recorded,
        sent: last.map(|attempt| attempt.sent),
        accepted,
        delay: accepted.map(|accepted| milliseconds(change.happened, accepted)),
        disposition,
        dropped_because,
        correlation: last.and_then(|attempt| attempt.correlation.clone()),
        attempts: row.attempts.iter().map(attempt).collect(),
        resumed: row.resumed,
    }
}

/// A facet.
pub(super) fn facet(facet: change::Facet) -> shown::Facet {
    match facet {
        change::Facet::Presence => shown::Facet::Presence,
        change::Facet::Routing => shown::Facet::Routing,
        change::Facet::OutOfOffice => shown::Facet::OutOfOffice,
    }
}

/// A trust interval.
pub(super) fn interval(gap: &Gap) -> shown::Interval {
    shown::Interval {
        id: gap.id.to_string(),
        kind: gap.kind.name().to_owned(),
        reason: gap.reason.clone(),
        from: gap.since,
        until: gap.until,
    }
}

/// How long, in milliseconds; 0 where the clocks say that it was accepted before it happened.
pub(super) fn milliseconds(from: Timestamp, until: Timestamp) -> u64 {
    u64::try_from(until.duration_since(from).as_millis()).unwrap_or(0)
}

fn attempt(attempt: &ports::Attempt) -> shown::Attempt {
    let (outcome, reason) = match &attempt.outcome {
        Ok(()) => ("accepted", None),
        Err(failure) => (failure_name(failure), Some(words(failure))),
    };
    shown::Attempt {
        number: attempt.number,
        sent: attempt.sent,
        answered: attempt.answered,
        outcome: outcome.to_owned(),
        reason,
        correlation: attempt.correlation.clone(),
    }
}

/// What the platform said, or what happened.
fn words(failure: &Failure) -> String {
    match failure {
        Failure::Throttled { retry_after: Some(wait) } => format!("too many requests: not before {} s", wait.as_secs()),
        Failure::Throttled { retry_after: None } => "too many requests".to_owned(),
        Failure::Unavailable { reason, maybe_applied: true } => {
            format!("{reason}; it may have had effect all the same")
        }
        Failure::Unavailable { reason, maybe_applied: false }
        | Failure::Deferred { reason }
        | Failure::Refused { reason }
        | Failure::Unauthorized { reason }
        | Failure::Unsupported { reason } => reason.clone(),
    }
}
