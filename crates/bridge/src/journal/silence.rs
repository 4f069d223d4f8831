//! The gap that nobody has written down yet: a bridge that ended without a word.

use std::time::Duration;

use domain::ids::GapId;
use domain::trust::{Gap, GapKind};
use jiff::Timestamp;

/// A bridge that runs writes at least this often; one that wrote nothing for longer does not run.
pub const SIGN_OF_LIFE: Duration = Duration::from_secs(90);

/// The time up to `end` in which nothing was written by a bridge that had no time to say that it stops: the gap that the
/// next start will find.
pub fn silence(gaps: &[Gap], alive: Option<Timestamp>, end: Timestamp) -> Option<Gap> {
    let since = alive?;
    let stopped = gaps.iter().any(|gap| gap.kind == GapKind::NotRunning && gap.until.is_none());
    let silent = Duration::try_from(end.duration_since(since)).unwrap_or_default();
    (silent > SIGN_OF_LIFE && !stopped).then(|| Gap {
        id: GapId(uuid::Uuid::nil()),
        kind: GapKind::NotRunning,
        reason: "nothing was written since, and it was not stopped in order".to_owned(),
        since,
        until: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_bridge_that_fell_silent_does_not_run() {
        assert_eq!(silence(&[], Some(at(500)), at(550)), None, "it may say something yet");
        let silent = silence(&[], Some(at(500)), at(900)).unwrap();
        assert_eq!((silent.kind, silent.since, silent.until), (GapKind::NotRunning, at(500), None));
        assert_eq!(silence(&[silent], Some(at(500)), at(900)), None, "the journal says so itself");
        assert_eq!(silence(&[], Some(at(500)), at(400)), None, "that was after the period");
    }
}
