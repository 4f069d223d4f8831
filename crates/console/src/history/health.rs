//! The health of a link: how it stands, its journal, and what went wrong in the last day of its time.

use std::collections::BTreeMap;
use std::path::Path;

use domain::trust::Gap;
use jiff::{SignedDuration, Timestamp};
use replicator::engine::Report;
use store::{LinkState, Location};

use super::{Period, Unreadable, convert, open};
use crate::board::LinkBoard;
use crate::shown::{self, convert as words};

/// How far back faults are counted.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The health of a link. A journal that cannot be read is a part of it.
pub(crate) async fn health(link: &LinkBoard) -> shown::Health {
    let report = link.report.as_deref().filter(|_| link.is_heard());
    let shown = report.map(words::report_of);
    let journal = journal(link.journal.to_string(), &link.journal);
    let (journal, faults) = match read(link).await {
        Ok((state, faults)) => {
            let LinkState { name: _, epoch, opened, alive, entries } = state;
            let (epoch, entries) = (Some(epoch), Some(entries));
            (shown::Journal { epoch, opened, last_written: alive, entries, ..journal }, Some(faults))
        }
        Err(failure) => (shown::Journal { trouble: Some(failure.in_words()), epoch: link.epoch, ..journal }, None),
    };
    shown::Health {
        link: link.name.to_string(),
        at: link.at(),
        trouble: link.trouble.clone(),
        target: report.map(|report| target(link, report)),
        budget: shown.as_ref().map(|report| shown::Budget {
            used: report.used,
            allowed: report.allowed,
            throttled: report.throttled,
            tokens: report.tokens.clone(),
        }),
        source: shown.map(|report| report.source),
        journal,
        faults,
    }
}

fn target(link: &LinkBoard, report: &Report) -> shown::Target {
    shown::Target {
        region: link.about.region.clone(),
        up: report.sink_up,
        direct: report.direct,
        unsupported: report.unsupported.iter().map(|facet| facet.name().to_owned()).collect(),
        frozen: report.frozen.map(|doubt| doubt.to_string()),
    }
}

fn journal(place: String, location: &Location) -> shown::Journal {
    let bytes = match location {
        Location::Sqlite(path) => bytes(path),
        Location::Postgres(_) => None,
    };
    shown::Journal { place, trouble: None, epoch: None, opened: None, last_written: None, entries: None, bytes }
}

/// The file, and SQLite's log beside it.
fn bytes(path: &Path) -> Option<u64> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let file = path.metadata().ok()?.len();
    Some(file + Path::new(&log).metadata().map_or(0, |log| log.len()))
}

async fn read(link: &LinkBoard) -> Result<(LinkState, shown::Faults), Unreadable> {
    let mut reader = open(link).await?;
    let read = async {
        let state = reader.state().await?;
        let until = link.at().max(state.alive).unwrap_or(Timestamp::UNIX_EPOCH);
        let day = Period::before(until, DAY);
        let found = reader.faults(day.from).await?;
        let gaps = totals(&reader.gaps(day.of_journal()).await?, day);
        let store::Faults { failed_attempts, dropped, repaired } = found;
        let faults = shown::Faults { from: day.from, until: day.until, failed_attempts, dropped, gaps, repaired };
        Ok::<_, store::ReadFailure>((state, faults))
    };
    let read = read.await;
    reader.close().await;
    Ok(read?)
}

fn totals(gaps: &[Gap], day: Period) -> BTreeMap<String, shown::GapTotal> {
    let mut totals: BTreeMap<String, shown::GapTotal> = BTreeMap::new();
    for gap in gaps {
        let total = totals.entry(gap.kind.name().to_owned()).or_default();
        let until = gap.until.map_or(day.until, |until| until.min(day.until));
        total.count += 1;
        total.duration += convert::milliseconds(gap.since.max(day.from), until);
        total.open += u64::from(gap.until.is_none());
    }
    totals
}
