//! What the demo shows: a line now and then, a progress bar on a terminal, and the summary at the end.
//!
//! Knows nothing of how the demo runs.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use replicator::engine::{Delays, Report, SourceState};
use serde_json::{Value, json};

use super::compare::Comparison;
use super::recovery::Recovery;
use crate::durations::words;

/// The live part, on standard error.
pub struct Display {
    /// Only on a terminal, and only when the end is known.
    bar: Option<ProgressBar>,
    /// When the last line was told.
    told: Option<Instant>,
}

/// How often a line tells how things stand, in real time.
const LINE: Duration = Duration::from_secs(5);

impl Display {
    /// A display of so much of a simulated day; `None` goes on for ever.
    pub fn new(length: Option<Duration>) -> Self {
        let length = length.filter(|_| io::stderr().is_terminal());
        let bar = length.map(|length| ProgressBar::new(length.as_secs()).with_style(style()));
        Self { bar, told: None }
    }

    /// Shows how far the day is, and now and then how things stand.
    pub fn show(&mut self, simulated: Duration, report: Option<&Report>) {
        if let Some(bar) = &self.bar {
            bar.set_position(simulated.as_secs());
        }
        let due = self.told.is_none_or(|told| told.elapsed() >= LINE);
        if let (true, Some(report)) = (due, report.filter(|report| report.agents > 0)) {
            self.told = Some(Instant::now());
            self.tell(simulated, report);
        }
    }

    /// Says something that happened.
    pub fn say(&self, simulated: Duration, what: &str) {
        self.write(&format!("{:>8}  {what}", words(simulated)));
    }

    fn tell(&self, simulated: Duration, report: &Report) {
        self.write(&line(simulated, report));
    }

    fn write(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            // The demo goes on when nobody reads this.
            None => drop(writeln!(io::stderr().lock(), "{line}")),
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:40} {percent:>3} % of the simulated day, {eta} left")
        .expect("the template is well-formed, as the test of it shows")
}

/// How things stand, in one line.
fn line(simulated: Duration, report: &Report) -> String {
    let (used, allowed) = report.used;
    let mut line = format!(
        "{:>8}  {} of {} agents in step, {} changes on their way, {} seen, {} delivered, {used} of {allowed} requests in 60 s",
        words(simulated),
        report.synced,
        report.agents,
        report.backlog,
        report.seen,
        report.delivered,
    );
    if let SourceState::Lost { .. } = report.source {
        line.push_str(", PureConnect is not connected");
    }
    if !report.sink_up {
        line.push_str(", Genesys Cloud takes no changes");
    }
    if report.errors > 0 {
        line.push_str(&format!(", {} agents with an error", report.errors));
    }
    if let Some(doubt) = &report.frozen {
        line.push_str(&format!(", frozen: {doubt}"));
    }
    line
}

/// What the demo ends with.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// How much of the day went by.
    pub simulated: Duration,
    /// The link, as it ended.
    pub report: Report,
    /// PureConnect's account of the day against Genesys Cloud's.
    pub comparison: Comparison,
    /// The most requests in any 60 s, as Genesys Cloud counted them.
    pub busiest_minute: usize,
    /// How many times Genesys Cloud answered "too many requests", as it counted them.
    pub throttled: u64,
    /// What came of the day's troubles, if there were any.
    pub troubles: Option<Troubles>,
}

/// What came of the day's troubles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Troubles {
    /// Each of them, in order.
    pub recoveries: Vec<Recovery>,
    /// The gaps that the journal has.
    pub gaps: usize,
    /// What is wrong with the journal.
    pub flaws: usize,
}

impl Summary {
    /// For people.
    pub fn text(&self) -> String {
        let report = &self.report;
        let delay = report.delays.map_or_else(|| "no change was delivered".to_owned(), delay_words);
        let rows = [
            ("simulated", format!("{} with {} agents", words(self.simulated), report.agents)),
            (
                "changes",
                format!(
                    "{} seen, {} delivered, {} superseded, {} refused, {} repaired",
                    report.seen,
                    report.delivered,
                    report.superseded,
                    report.refused,
                    report.repaired.total()
                ),
            ),
            (
                "requests",
                format!(
                    "{}, at most {} in any 60 s, {} times \"too many requests\"",
                    report.requests, self.busiest_minute, self.throttled
                ),
            ),
            ("delay", format!("{delay}, in simulated time")),
            ("transitions", self.transitions()),
            (
                "agents",
                format!(
                    "{} in step, {} differ",
                    self.comparison.agents - self.comparison.agents_differ,
                    self.comparison.agents_differ
                ),
            ),
        ];
        let direct = self.comparison.not_transferable.map(|not| {
            let text = format!(
                "to an organisation that takes no events; not transferable: {} transitions of the routing status, and \
                 that of {} agents at the end",
                not.transitions, not.agents
            );
            ("direct", text)
        });
        let rows = rows.into_iter().chain(direct).map(|(label, text)| format!("{label:<13}{text}\n"));
        let rows = rows.chain(self.comparison.differences.iter().map(|difference| format!("  {difference}\n")));
        rows.chain(self.troubles.iter().flat_map(|troubles| self.trouble(troubles))).collect()
    }

    /// One line for each trouble, and what the journal says.
    fn trouble(&self, troubles: &Troubles) -> Vec<String> {
        let lines = troubles.recoveries.iter().map(|recovery| {
            let lasted = match recovery.lasted {
                Duration::ZERO => String::new(),
                lasted => format!(", for {}", words(whole(lasted))),
            };
            let in_step = words(whole(recovery.in_step));
            format!("{:<13}{}{lasted}: in step again after {in_step}\n", "trouble", recovery.kind.name())
        });
        let journal = format!(
            "{:<13}{} gaps, {} flaws; {} transitions came and went unseen, all of them in a gap\n",
            "journal", troubles.gaps, troubles.flaws, self.comparison.unseen
        );
        lines.chain([journal]).collect()
    }

    fn transitions(&self) -> String {
        let found = &self.comparison;
        if found.not_transferable.is_some() {
            return format!(
                "{} in PureConnect, of which the newest counts; {} agents were told what never happened",
                found.transitions, found.invented
            );
        }
        format!(
            "{} in PureConnect; {} lost, {} invented, {} agents out of order; times at most {:.1} s off",
            found.transitions, found.lost, found.invented, found.out_of_order, found.worst_time_error_s
        )
    }

    /// For programs, in one line.
    pub fn json(&self) -> Value {
        let report = &self.report;
        let mut all = json!({
            "simulated_seconds": self.simulated.as_secs(),
            "agents": report.agents,
            "in_step": self.comparison.agents - self.comparison.agents_differ,
            "agents_differ": self.comparison.agents_differ,
            "transitions": self.comparison.transitions,
            "lost": self.comparison.lost,
            "invented": self.comparison.invented,
            "out_of_order": self.comparison.out_of_order,
            "worst_time_error_s": self.comparison.worst_time_error_s,
            "differences": self.comparison.differences,
            "seen": report.seen,
            "delivered": report.delivered,
            "superseded": report.superseded,
            "refused": report.refused,
            "repaired": report.repaired.total(),
            "requests": report.requests,
            "busiest_minute": self.busiest_minute,
            "throttled": self.throttled,
            "delay_ms": report.delays.map(|delays| json!({ "p50": delays.p50, "p99": delays.p99, "max": delays.max })),
        });
        if let Some(not) = self.comparison.not_transferable {
            all["not_transferable"] = json!({ "transitions": not.transitions, "agents": not.agents });
            all["not_supported"] = json!(report.not_supported);
        }
        if let Some(troubles) = &self.troubles {
            let recovery = |one: &Recovery| json!({ "trouble": one.kind.name(), "lasted_s": one.lasted.as_secs(), "in_step_s": one.in_step.as_secs() });
            all["unseen"] = json!(self.comparison.unseen);
            all["gaps"] = json!(troubles.gaps);
            all["journal_flaws"] = json!(troubles.flaws);
            all["troubles"] = troubles.recoveries.iter().map(recovery).collect();
        }
        all
    }
}

fn delay_words(delays: Delays) -> String {
    let words = |milliseconds| words(Duration::from_millis(milliseconds));
    format!("p50 {}, p99 {}, at most {}", words(delays.p50), words(delays.p99), words(delays.max))
}

/// To the second, which is more than this computer's time says at the day's speed.
fn whole(duration: Duration) -> Duration {
    Duration::from_secs(duration.as_secs())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use replicator::engine::{Doubt, Repaired};
    use replicator::options::ModeChoice;

    use super::super::direct::NotTransferable;
    use super::super::trouble::Kind;
    use super::*;

    fn report() -> Report {
        Report {
            at: Timestamp::UNIX_EPOCH,
            source: SourceState::Connecting,
            mode: ModeChoice::WorkforceEngagement,
            direct: false,
            sink_up: true,
            unsupported: Vec::new(),
            frozen: None,
            gaps: Vec::new(),
            stuck: Vec::new(),
            agents: 200,
            synced: 198,
            pending: 2,
            errors: 0,
            unmatched: BTreeMap::new(),
            backlog: 3,
            held_back: 0,
            not_shown: 0,
            not_supported: 0,
            seen: 1_234,
            delivered: 1_200,
            superseded: 31,
            refused: 0,
            repaired: Repaired { somebody_else: 1, not_applied: 0, unknown: 0 },
            requests: 345,
            throttled: 0,
            used: (120, 300),
            tokens: Vec::new(),
            delays: Some(Delays { p50: 12, p99: 1_250, max: 61_500 }),
            figures: replicator::engine::Figures::default(),
        }
    }

    fn summary() -> Summary {
        Summary {
            simulated: Duration::from_secs(8 * 3_600),
            report: report(),
            comparison: Comparison {
                agents: 200,
                agents_differ: 1,
                transitions: 1_190,
                worst_time_error_s: 1.04,
                differences: vec!["ada.abel1: presence Meal in PureConnect, Break in Genesys Cloud".to_owned()],
                ..Comparison::default()
            },
            busiest_minute: 287,
            throttled: 0,
            troubles: None,
        }
    }

    #[test]
    fn the_live_line_says_how_things_stand() {
        let mut report = report();
        insta::assert_snapshot!(line(Duration::from_secs(5_400), &report));
        report.errors = 4;
        report.frozen = Some(Doubt::NoCatalogue);
        report.sink_up = false;
        report.source = SourceState::Lost { reason: "silence".to_owned(), since: Timestamp::UNIX_EPOCH };
        assert!(line(Duration::ZERO, &report).ends_with(
            ", PureConnect is not connected, Genesys Cloud takes no changes, 4 agents with an error, \
             frozen: the snapshot shows no status messages"
        ));
    }

    #[test]
    fn the_summary_is_for_people_and_for_programs() {
        insta::assert_snapshot!(format!("{}\n{}", summary().text(), summary().json()));
    }

    #[test]
    fn what_direct_delivery_cannot_transfer_is_told_and_no_difference() {
        let mut summary = summary();
        summary.comparison.not_transferable = Some(NotTransferable { transitions: 412, agents: 17 });
        summary.report.not_supported = 412;
        insta::assert_snapshot!(format!("{}\n{}", summary.text(), summary.json()));
    }

    #[test]
    fn each_trouble_is_told_with_how_long_it_took() {
        let mut summary = summary();
        let recovery = |kind, lasted, in_step| Recovery {
            kind,
            lasted: Duration::from_secs(lasted),
            in_step: Duration::from_millis(in_step),
        };
        let recoveries = vec![recovery(Kind::TokenRevoked, 0, 1_250), recovery(Kind::CloudDown, 601, 28_100)];
        summary.troubles = Some(Troubles { recoveries, gaps: 5, flaws: 0 });
        summary.comparison.unseen = 12;
        insta::assert_snapshot!(format!("{}\n{}", summary.text(), summary.json()));
    }

    #[test]
    fn the_progress_bar_has_its_style() {
        // Panics when the template is not well-formed.
        style();
    }
}
