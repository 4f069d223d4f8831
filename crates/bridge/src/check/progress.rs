//! What is shown on a terminal while the two sides are asked, which may take a while.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// How often a spinner turns.
const TURN: Duration = Duration::from_millis(120);

/// Runs `asking` with a spinner that says so; without one where standard error is no terminal.
pub async fn shown<T>(bars: &Bars, what: &str, asking: impl Future<Output = T>) -> T {
    let Some(bar) = bars.begin(what) else { return asking.await };
    let mut asking = std::pin::pin!(asking);
    let mut turn = tokio::time::interval(TURN);
    let answer = loop {
        tokio::select! {
            answer = &mut asking => break answer,
            _ = turn.tick() => bar.tick(),
        }
    };
    bar.finish_and_clear();
    answer
}

/// The spinners on standard error.
pub struct Bars(Option<MultiProgress>);

impl Bars {
    /// None where standard error is no terminal.
    pub fn new() -> Self {
        Self(io::stderr().is_terminal().then(MultiProgress::new))
    }

    fn begin(&self, what: &str) -> Option<ProgressBar> {
        let style = ProgressStyle::with_template("{spinner} {msg}, {elapsed}");
        let bar = ProgressBar::new_spinner().with_style(style.ok()?).with_message(what.to_owned());
        self.0.as_ref().map(|bars| bars.add(bar))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_well_formed() {
        let bars = Bars(Some(MultiProgress::with_draw_target(indicatif::ProgressDrawTarget::hidden())));
        assert!(bars.begin("asking").is_some());
        assert!(Bars(None).begin("asking").is_none());
    }
}
