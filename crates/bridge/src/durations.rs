//! How long something is or was, for people.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::fmt::friendly::{Designator, SpanPrinter};

/// `8h`, `1m 30s`, `250ms`: milliseconds below a minute, then seconds.
pub fn words(duration: Duration) -> String {
    let Ok(exact) = SignedDuration::try_from(duration) else { return "for ever".to_owned() };
    let whole = match exact.as_secs() {
        0..60 => SignedDuration::new(exact.as_secs(), exact.subsec_millis() * 1_000_000),
        seconds => SignedDuration::from_secs(seconds),
    };
    SpanPrinter::new().designator(Designator::Compact).duration_to_string(&whole)
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
