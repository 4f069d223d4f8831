//! The rows: what is in each of them, and where in the journal it is from. Columns are only ever added, at their end.

use std::io;
use std::ops::ControlFlow;

use domain::change::{Facet, Value};
use domain::ids::AgentId;
use jiff::Timestamp;
use store::{AgentState, ChangeRow, Disposition, Filter, Interval, Period, ReadFailure, Reader};

use super::progress::share;
use super::sheet::{Cell, Sheet};
use crate::exit::Failed;
use crate::journal;

/// Which rows are wanted.
pub struct Wanted {
    /// Whose journal.
    pub link: String,
    /// Of one agent only.
    pub agent: Option<AgentId>,
    /// Of this period.
    pub period: Period,
    /// The time that it is.
    pub now: Timestamp,
}

/// Why not all rows were written.
pub enum Unwritten {
    /// The journal could not be read.
    Read(Failed),
    /// The output could not be written.
    Write(io::Error),
}

impl From<ReadFailure> for Unwritten {
    fn from(failure: ReadFailure) -> Self {
        Self::Read(failure.into())
    }
}

impl From<io::Error> for Unwritten {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// Goes on while rows can be written, and keeps why not.
struct Writing(io::Result<()>);

impl Writing {
    fn next(&mut self, written: io::Result<()>) -> ControlFlow<()> {
        self.0 = written;
        if self.0.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

const CHANGES: [&str; 23] = [
    "link",
    "agent",
    "facet",
    "from",
    "to",
    "status",
    "rule",
    "happened",
    "seen",
    "recorded",
    "sent",
    "accepted",
    "delay_ms",
    "delay_since_seen_ms",
    "outcome",
    "dropped_because",
    "attempts",
    "failed_attempts",
    "resumed",
    "correlation",
    "change_id",
    "epoch",
    "number",
];

/// One row a change, by when it happened.
pub async fn changes(reader: &mut Reader, wanted: &Wanted, sheet: &mut Sheet<'_>) -> Result<(), Unwritten> {
    sheet.head(&CHANGES)?;
    let filter = Filter { agent: wanted.agent.clone(), period: wanted.period };
    let mut writing = Writing(Ok(()));
    let read = reader.changes(&filter, |row| {
        let far = share(wanted.period, wanted.now, row.change.happened);
        writing.next(sheet.row(change(wanted, row), far))
    });
    read.await?;
    Ok(writing.0?)
}

fn change(wanted: &Wanted, row: ChangeRow) -> [Cell; 23] {
    let ChangeRow { number, epoch, recorded, agent, change, attempts, resumed, disposition } = row;
    let failed = attempts.iter().filter(|attempt| attempt.outcome.is_err()).count() as u64;
    let last = attempts.last();
    let since = |from: Timestamp, at: Timestamp| at.as_millisecond() - from.as_millisecond();
    let (outcome, accepted, dropped) = match disposition {
        Disposition::Pending => ("pending", None, None),
        Disposition::Delivered { at } => ("delivered", Some(at), None),
        Disposition::Dropped { reason, .. } => ("dropped", None, Some(reason)),
    };
    [
        wanted.link.as_str().into(),
        agent.as_str().into(),
        change.to.facet().name().into(),
        change.from.map(|value| value.to_string()).into(),
        change.to.to_string().into(),
        change.status.as_ref().map(|status| status.as_str()).into(),
        change.why.into(),
        change.happened.into(),
        change.seen.into(),
        recorded.into(),
        last.map(|attempt| attempt.sent).into(),
        accepted.into(),
        accepted.map(|at| since(change.happened, at)).into(),
        accepted.map(|at| since(change.seen, at)).into(),
        outcome.into(),
        dropped.into(),
        (attempts.len() as u64).into(),
        failed.into(),
        u64::from(resumed).into(),
        last.and_then(|attempt| attempt.correlation.clone()).into(),
        change.id.to_string().into(),
        epoch.into(),
        number.into(),
    ]
}

const STATUSES: [&str; 7] = ["link", "agent", "status", "presence", "rule", "from", "until"];

/// One row for each time in one status, agent by agent.
pub async fn statuses(reader: &mut Reader, wanted: &Wanted, sheet: &mut Sheet<'_>) -> Result<(), Unwritten> {
    sheet.head(&STATUSES)?;
    if let Some(agent) = &wanted.agent {
        for interval in reader.timeline(agent, wanted.period).await?.statuses {
            sheet.row(status(wanted, interval), None)?;
        }
        return Ok(());
    }
    let mut writing = Writing(Ok(()));
    let read = reader.intervals(wanted.period, |interval| writing.next(sheet.row(status(wanted, interval), None)));
    read.await?;
    Ok(writing.0?)
}

fn status(wanted: &Wanted, interval: Interval) -> [Cell; 7] {
    [
        wanted.link.as_str().into(),
        interval.agent.as_str().into(),
        interval.status.as_ref().map(|status| status.as_str()).into(),
        interval.presence.map(|presence| presence.to_string()).into(),
        interval.rule.into(),
        interval.from.into(),
        interval.until.into(),
    ]
}

const INTERVALS: [&str; 7] = ["link", "id", "kind", "reason", "from", "until", "seconds"];

/// One row a gap, and the one that the next start will find, where nobody writes any more.
pub async fn intervals(reader: &mut Reader, wanted: &Wanted, sheet: &mut Sheet<'_>) -> Result<(), Unwritten> {
    sheet.head(&INTERVALS)?;
    let mut gaps = reader.gaps(wanted.period).await?;
    let alive = reader.state().await?.alive;
    let end = wanted.period.until.unwrap_or(wanted.now).min(wanted.now);
    gaps.extend(journal::silence(&gaps, alive, end));
    for gap in gaps {
        let seconds = gap.until.map(|until| until.as_second() - gap.since.as_second());
        let cells = [
            wanted.link.as_str().into(),
            gap.id.to_string().into(),
            gap.kind.name().into(),
            gap.reason.into(),
            gap.since.into(),
            gap.until.into(),
            seconds.into(),
        ];
        sheet.row(cells, None)?;
    }
    Ok(())
}

const AGENTS: [&str; 14] = [
    "link",
    "agent",
    "presence",
    "presence_since",
    "routing_status",
    "routing_status_since",
    "out_of_office",
    "out_of_office_since",
    "pending",
    "last_success",
    "status",
    "rule",
    "wanted_presence",
    "claimed_users",
];

/// One row an agent, as the journal knows it now.
pub async fn agents(reader: &mut Reader, wanted: &Wanted, sheet: &mut Sheet<'_>) -> Result<(), Unwritten> {
    sheet.head(&AGENTS)?;
    let all = reader.agents().await?;
    for state in all.into_iter().filter(|state| wanted.agent.as_ref().is_none_or(|agent| *agent == state.agent)) {
        sheet.row(agent(wanted, &state), None)?;
    }
    Ok(())
}

fn agent(wanted: &Wanted, state: &AgentState) -> [Cell; 14] {
    let told = |facet: Facet| -> [Cell; 2] {
        let told: Option<(Value, Timestamp)> =
            state.facets.iter().find(|remembered| remembered.facet == facet).and_then(|remembered| remembered.told);
        [told.map(|(value, _)| value.to_string()).into(), told.map(|(_, happened)| happened).into()]
    };
    let pending: usize = state.facets.iter().map(|facet| facet.pending.len()).sum();
    let claimed: Vec<String> = state.claimed.iter().map(|user| user.to_string()).collect();
    let ([presence, presence_since], [routing, routing_since]) = (told(Facet::Presence), told(Facet::Routing));
    let [away, away_since] = told(Facet::OutOfOffice);
    let decided = state.presence.as_ref();
    [
        wanted.link.as_str().into(),
        state.agent.as_str().into(),
        presence,
        presence_since,
        routing,
        routing_since,
        away,
        away_since,
        (pending as u64).into(),
        state.last_success.into(),
        decided.and_then(|change| change.status.as_ref()).map(|status| status.as_str()).into(),
        decided.map(|change| change.why.as_str()).into(),
        decided.map(|change| change.to.to_string()).into(),
        (!claimed.is_empty()).then(|| claimed.join(" ")).into(),
    ]
}
