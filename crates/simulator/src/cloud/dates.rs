//! Dates on the wire: written one way, read in every way that clients were seen to write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Milliseconds and Z.
pub(super) fn show(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Any precision, any offset, or none: the Python SDK sends microseconds with `+00:00`, or no zone at all when the
/// date was naive, which then means UTC. Milliseconds since 1970 are taken too, since the description of a routing
/// status event speaks of an epoch.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Ok(epoch) = text.parse::<i64>() {
        return Timestamp::from_millisecond(epoch).ok();
    }
    text.parse::<DateTime>().ok().and_then(|local| Offset::UTC.to_timestamp(local).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_that_clients_send_is_read() {
        for text in [
            "2026-01-01T08:00:00.123Z",
            "2026-01-01T08:00:00.123000+00:00",
            "2026-01-01T08:00:00.123000",
            "2026-01-01T09:00:00.123+0100",
            "2026-01-01 08:00:00.123",
            "1767254400123",
        ] {
            assert_eq!(parse(text).map(show).as_deref(), Some("2026-01-01T08:00:00.123Z"), "{text}");
        }
        assert_eq!(parse("yesterday"), None);
        assert_eq!(parse("2026-01-01").map(show).as_deref(), Some("2026-01-01T00:00:00.000Z"));
    }
}
