//! How far the server's clock is from ours.
//!
//! The server counts whole seconds, and an answer takes its time; so what is measured is a range. An offset that lies
//! within it is as good as any other, and kept: times must not jump because a second was cut off elsewhere.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use replicator::ports::Clock;
use tracing::{debug, warn};

use crate::client::{Client, Place};
use crate::convert;
use crate::error::chain;
use crate::request::Request;

/// Beyond this somebody should look after the clocks.
const WARNING: SignedDuration = SignedDuration::from_secs(2);

/// One reading of the server's clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// What it said.
    pub(super) server: Timestamp,
    /// Our clock when it was asked.
    pub(super) before: Timestamp,
    /// Our clock when the answer was there.
    pub(super) after: Timestamp,
}

/// The server's clock minus ours.
pub(super) fn measured(reading: Reading, known: SignedDuration) -> SignedDuration {
    let least = reading.server.duration_since(reading.after);
    let most = reading.server.duration_since(reading.before) + SignedDuration::from_secs(1);
    if least <= known && known <= most {
        return known;
    }
    let middle = least + (most - least) / 2;
    let offset = SignedDuration::from_millis(i64::try_from(middle.as_millis()).unwrap_or(i64::MAX));
    if offset.abs() > WARNING {
        let side = if offset.is_negative() { "behind" } else { "ahead" };
        let seconds = offset.abs().as_secs_f64();
        warn!(seconds, side, "PureConnect's clock differs from this computer's; times are corrected");
    }
    offset
}

/// Measures again; what was known stands when the server does not answer.
pub(crate) async fn remeasured(
    client: &Client,
    place: &Place,
    clock: &Arc<dyn Clock>,
    known: SignedDuration,
) -> SignedDuration {
    let before = clock.now().utc;
    let reply = client.ask(place, None, &Request::ServerTime).await;
    let after = clock.now().utc;
    match reply {
        Ok(reply) => match convert::server_time(&reply.body) {
            Ok(Some(server)) => measured(Reading { server, before, after }, known),
            Ok(None) | Err(_) => known,
        },
        Err(error) => {
            debug!(error = chain(&error), "failed to read the server's clock");
            known
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset(server: &str, known: i64) -> SignedDuration {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (before, after) = (at("2026-01-05T10:00:00.9Z"), at("2026-01-05T10:00:01.1Z"));
        measured(Reading { server: at(server), before, after }, SignedDuration::from_secs(known))
    }

    #[test]
    fn a_cut_off_second_is_no_offset() {
        for server in ["2026-01-05T10:00:00Z", "2026-01-05T10:00:01Z"] {
            assert_eq!(offset(server, 0), SignedDuration::ZERO, "{server}");
        }
    }

    #[test]
    fn a_wrong_clock_is_measured_and_a_known_offset_kept() {
        assert_eq!(offset("2026-01-05T11:00:00Z", 0), SignedDuration::from_millis(3_599_500));
        assert_eq!(offset("2026-01-05T11:00:00Z", 3_599), SignedDuration::from_secs(3_599));
        assert_eq!(offset("2026-01-05T09:00:00Z", 0), SignedDuration::from_millis(-3_600_500));
    }
}
