//! How long something is or was, for people.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::fmt::friendly::{Designator, SpanPrinter};

/// `8h`, `1m 30s`, `250ms`: milliseconds below a minute, then seconds.
pub fn words(duration: Duration) -> String {
    let whole = Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
    let whole = if whole >= Duration::from_secs(60) { Duration::from_secs(whole.as_secs()) } else { whole };
    let printer = SpanPrinter::new().designator(Designator::Compact);
    SignedDuration::try_from(whole).map_or_else(|_| "for ever".to_owned(), |whole| printer.duration_to_string(&whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_as_exact_as_it_is_short() {
        let cases = [(0, "0s"), (250, "250ms"), (59_900, "59s 900ms"), (90_400, "1m 30s"), (28_800_000, "8h")];
        for (milliseconds, told) in cases {
            assert_eq!(words(Duration::from_millis(milliseconds)), told);
        }
        assert_eq!(words(Duration::MAX), "for ever");
    }
}
