//! Changes with all that became of them: what a timeline is made of.

use std::ops::ControlFlow;

use domain::change::Change;
use domain::ids::AgentId;
use futures_util::TryStreamExt;
use jiff::Timestamp;
use replicator::ports::{Attempt, Fact, Stage};

use crate::failure::ReadFailure;
use crate::load::{self, entry_columns};
use crate::reader::Reader;
use crate::row::Kept;

/// From when until when, without the end. `None` has no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    /// The first time in it.
    pub from: Option<Timestamp>,
    /// The first time after it.
    pub until: Option<Timestamp>,
}

/// Which changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Whose; `None` for everybody's.
    pub agent: Option<AgentId>,
    /// Those that happened in it.
    pub period: Period,
}

/// A change and its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// The number of its first entry.
    pub number: u64,
    /// The lease epoch in which it was recorded.
    pub epoch: u64,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// Whose.
    pub agent: AgentId,
    /// The change itself.
    pub change: Change,
    /// All attempts to deliver it, in their order.
    pub attempts: Vec<Attempt>,
    /// How many starts found it unsettled.
    pub resumed: u32,
    /// What became of it.
    pub disposition: Disposition,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disposition {
    /// Nothing yet.
    Pending,
    /// Genesys Cloud accepted it.
    Delivered {
        /// When the answer was there.
        at: Timestamp,
    },
    /// It is not sent any more.
    Dropped {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: String,
    },
}

/// By agent, through the one index that has both: for everybody's it is asked once for each.
pub(crate) const TIMELINES: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM agent o JOIN entry r ON r.link = o.link AND r.agent = o.agent AND r.kind = 'recorded' \
     AND r.happened >= $2 AND r.happened < $3 \
     JOIN entry e ON e.link = r.link AND e.subject = r.subject \
     LEFT JOIN agent a ON a.link = e.link AND a.agent = e.agent \
     WHERE o.link = $1 AND ($4 = '' OR o.key = $5) ORDER BY r.happened, r.number, e.number"
);

pub(crate) async fn read(
    reader: &mut Reader,
    filter: &Filter,
    mut each: impl FnMut(ChangeRow) -> ControlFlow<()> + Send,
) -> Result<(), ReadFailure> {
    let (from, until) = filter.period.bounds();
    let key = filter.agent.as_ref().map(|agent| agent.as_str().to_lowercase()).unwrap_or_default();
    let place = reader.place.clone();
    let failed = |cause| ReadFailure::new(&place, cause);
    let query = sqlx::query(TIMELINES).bind(reader.link).bind(from).bind(until).bind(key.clone()).bind(key);
    let mut rows = query.fetch(&mut reader.connection);
    let mut lives = Lives::default();
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        if let Some(done) = lives.add(load::kept(&row, &place)?)
            && each(done).is_break()
        {
            return Ok(());
        }
    }
    if let Some(last) = lives.end() {
        // The last one: whether more is wanted does not matter.
        let _: ControlFlow<()> = each(last);
    }
    Ok(())
}

/// Puts changes together from their entries, which come change by change.
#[derive(Debug, Default)]
pub(crate) struct Lives(Option<ChangeRow>);

impl Lives {
    /// The next entry, and the change that was before it, where another begins.
    pub(crate) fn add(&mut self, kept: Kept) -> Option<ChangeRow> {
        if let Some(next) = begun(&kept) {
            return self.0.replace(next);
        }
        if let Some(change) = &mut self.0 {
            change.add(kept);
        }
        None
    }

    /// The last change.
    pub(crate) fn end(self) -> Option<ChangeRow> {
        self.0
    }
}

fn begun(kept: &Kept) -> Option<ChangeRow> {
    match &kept.entry.fact {
        Fact::Change { agent, stage: Stage::Recorded(change), .. } => Some(ChangeRow {
            number: kept.number,
            epoch: kept.epoch,
            recorded: kept.entry.at,
            agent: agent.clone(),
            change: change.clone(),
            attempts: Vec::new(),
            resumed: 0,
            disposition: Disposition::Pending,
        }),
        Fact::Change { .. }
        | Fact::GapBegan(_)
        | Fact::GapEnded { .. }
        | Fact::Alive
        | Fact::Entered { .. }
        | Fact::Claimed { .. }
        | Fact::Released { .. }
        | Fact::Confirmed { .. }
        | Fact::Renewed { .. } => None,
    }
}

impl ChangeRow {
    fn add(&mut self, kept: Kept) {
        let at = kept.entry.at;
        if let Fact::Change { stage, .. } = kept.entry.fact {
            match stage {
                Stage::Attempted(attempt) => {
                    if attempt.outcome.is_ok() {
                        self.disposition = Disposition::Delivered { at: attempt.answered };
                    }
                    self.attempts.push(attempt);
                }
                Stage::Resumed => self.resumed += 1,
                Stage::Dropped { reason } => self.disposition = Disposition::Dropped { at, reason },
                Stage::Recorded(_) => {}
            }
        }
    }
}
