//! The commands about what was: the report of a period, the history of an agent, and the rows for other programs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::beside::Which;
use crate::exit::Exit;
use crate::when::{self, When};

/// A period, and the zone that its times are of.
#[derive(Debug, Args)]
pub struct During {
    /// Since when: today, yesterday, a date or a time, of the zone unless it says otherwise
    #[arg(long, value_name = "TIME", value_parser = When::parse)]
    pub from: Option<When>,
    /// Until when; a date is its midnight, so that the day before is the last one
    #[arg(long, value_name = "TIME", value_parser = When::parse)]
    pub to: Option<When>,
    /// The time zone of days and times, such as Europe/Berlin; without it this computer's
    #[arg(long, value_name = "ZONE", value_parser = when::zone)]
    pub zone: Option<TimeZone>,
}

impl During {
    /// The two times in a zone; what is not said has no bound.
    pub fn bounds(&self, zone: &TimeZone, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.from.map(|from| from.at(zone, now)), self.to.map(|to| to.at(zone, now)))
    }
}

/// Examples and exit codes of `report`.
pub fn report_help() -> String {
    format!(
        "\
Changes count by when they happened in PureConnect. Works while the bridge runs; the password and the secret of the two
sides are not needed. In JSON, times are UTC.

Delays are told twice: since the change happened in PureConnect (whose own times are whole seconds), and since its message
was here. Both end when Genesys Cloud had accepted it.

Wrong agent-seconds: for how long the value that Genesys Cloud had accepted differed from what PureConnect showed, agent by
agent; an agent of whom several things are wrong at once counts once. It begins when the change happened and ends when it,
or another one that says the same, was accepted, or when the agent changed back; what is not over counts up to the end of
the period. What Genesys Cloud refused counts as well. What direct delivery cannot tell does not; it is listed as such. The
share is that of the time in which either side showed the agent as something else than Offline.

Examples:
  presence-bridge report -c bridge.toml
      from the journal's first entry up to now
  presence-bridge report -c bridge.toml --from yesterday --to today --zone Europe/Berlin
  presence-bridge report -c bridge.toml --from 2026-03-02 --to 2026-03-09 --by-day
  presence-bridge report -c bridge.toml --from 2026-03-02T08:00+01:00 --json
  presence-bridge report --journal day.journal
      of a file, such as `demo --journal day.journal` leaves

{}",
        Exit::table()
    )
}

/// `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// Which journal.
    #[command(flatten)]
    pub journal: Which,
    /// The period.
    #[command(flatten)]
    pub during: During,
    /// Also day by day; a period of more than a day has that anyway
    #[arg(long)]
    pub by_day: bool,
    /// Prints JSON
    #[arg(long)]
    pub json: bool,
}

/// Examples and exit codes of `history`.
pub fn history_help() -> String {
    format!(
        "\
What PureConnect showed of the agent, what Genesys Cloud was told and when, where the two differed, and the intervals in
which the feed was not to be relied on. Without a period it is the day that it is, up to now.

The agent is the PureConnect user id. A display name or an e-mail address is understood while the bridge runs, because the
journal has the ids only. Works while the bridge runs.

Examples:
  presence-bridge history jane.doe -c bridge.toml
  presence-bridge history \"Jane Doe\" -c bridge.toml --from yesterday --to today
  presence-bridge history jane.doe -c bridge.toml --from 10:30 --to 11:00 --zone Europe/Berlin
  presence-bridge history jane.doe --journal day.journal --from 2026-03-02 --json

{}",
        Exit::table()
    )
}

/// `history`.
#[derive(Debug, Args)]
pub struct History {
    /// The agent: PureConnect user id, or display name or e-mail address of one agent only
    #[arg(value_name = "AGENT")]
    pub agent: String,
    /// Which journal.
    #[command(flatten)]
    pub journal: Which,
    /// The period.
    #[command(flatten)]
    pub during: During,
    /// Prints JSON, as the API has it
    #[arg(long)]
    pub json: bool,
}

/// Examples and exit codes of `export`.
pub fn export_help() -> String {
    format!(
        "\
Rows for a spreadsheet or another program. Whole, with hashes, and to be read in again is `journal export`: that is for
moving a journal, this is for asking it.

  changes    one for each change: all times, delay, rule, status message, attempts, correlation id, what became of it
  statuses   one for each time that an agent was in a status message: which presence was wanted, by which rule
  intervals  one for each interval in which the feed was not to be relied on
  agents     one for each agent that the journal knows: what Genesys Cloud was told last, what is on its way

Changes count by when they happened; statuses and intervals are those that reach into the period. Agents are as they are
now: a period would have no meaning. Times have the offset of the zone. In CSV, a text that a spreadsheet would take for a
formula (it begins with = + - @, a tab or a line break) has an apostrophe before it. Columns are only ever added, at the
end. There are user ids and statuses in it, so treat it as personal data.

Examples:
  presence-bridge export -c bridge.toml --from yesterday --to today > changes.csv
  presence-bridge export -c bridge.toml --what intervals --format jsonl
  presence-bridge export -c bridge.toml --agent jane.doe --from 2026-03-02 --zone Europe/Berlin --output jane.csv
  presence-bridge export --journal day.journal --what agents

{}",
        Exit::table()
    )
}

/// `export`.
#[derive(Debug, Args)]
pub struct ExportRows {
    /// Which journal.
    #[command(flatten)]
    pub journal: Which,
    /// What there is a row for
    #[arg(long, value_enum, default_value_t = Rows::Changes, value_name = "ROWS")]
    pub what: Rows,
    /// How rows look
    #[arg(long, value_enum, default_value_t = Format::Csv, value_name = "FORMAT")]
    pub format: Format,
    /// The period.
    #[command(flatten)]
    pub during: During,
    /// Only of this agent, by the PureConnect user id
    #[arg(long, value_name = "AGENT")]
    pub agent: Option<String>,
    /// Writes this file instead of standard output; it is there when it is complete, and takes the place of an older one
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What there is a row for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Rows {
    /// Each change
    Changes,
    /// Each interval in which the feed was not to be relied on
    Intervals,
    /// Each time that an agent was in a status message
    Statuses,
    /// Each agent
    Agents,
}

/// How rows look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values with a heading
    Csv,
    /// A JSON object a line
    Jsonl,
}
