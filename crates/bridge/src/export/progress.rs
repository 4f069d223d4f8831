//! How far an export is: on a terminal, and only when it takes its time.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

/// What is done sooner needs no bar.
const AT_ONCE: Duration = Duration::from_millis(500);

/// Rows between two looks at the clock.
const STEP: u64 = 1_000;

/// A bar, or nothing yet.
pub struct Progress {
    begun: Instant,
    /// Standard error is a terminal, and the rows do not go to it, too.
    wanted: bool,
    bar: Option<ProgressBar>,
    rows: u64,
}

impl Progress {
    /// Nothing is done yet.
    pub fn new() -> Self {
        let wanted = io::stderr().is_terminal() && !io::stdout().is_terminal();
        Self { begun: Instant::now(), wanted, bar: None, rows: 0 }
    }

    /// One more row; `share` is how far all of it is, where that is known.
    pub fn row(&mut self, share: Option<f64>) {
        self.rows += 1;
        if !self.wanted || !self.rows.is_multiple_of(STEP) || self.begun.elapsed() < AT_ONCE {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| match share {
            Some(_) => ProgressBar::new(1_000).with_style(of_known_length()),
            None => ProgressBar::new_spinner(),
        });
        bar.set_message(format!("{} rows", self.rows));
        match share {
            // A share of thousandths, between 0 and 1.
            Some(share) => {
                bar.set_position(Duration::from_secs_f64(share.clamp(0.0, 1.0)).as_millis().min(1_000) as u64)
            }
            None => bar.tick(),
        }
    }

    /// How many rows there were.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// How much of a period a time has left behind; `None` where the period has no bounds.
pub fn share(period: store::Period, now: Timestamp, at: Timestamp) -> Option<f64> {
    let from = period.from?;
    let whole = period.until.unwrap_or(now).duration_since(from).as_secs_f64();
    (whole > 0.0).then(|| at.duration_since(from).as_secs_f64() / whole)
}

fn of_known_length() -> ProgressStyle {
    ProgressStyle::with_template("{bar:40} {percent:>3} %, {msg}, {eta} left")
        .expect("the template is well-formed, as the test of it shows")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_well_formed() {
        of_known_length();
    }

    #[test]
    fn how_far_it_is_goes_by_the_time_of_the_rows() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let period = store::Period { from: Some(at(100)), until: Some(at(200)) };
        assert_eq!(share(period, at(900), at(150)), Some(0.5));
        assert_eq!(share(store::Period { until: None, ..period }, at(500), at(200)), Some(0.25));
        assert_eq!(share(store::Period { from: None, until: None }, at(500), at(200)), None);
    }
}
