//! The commands beside the running bridge: a word to it, and everything about its journal.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::exit::Exit;

/// Examples and exit codes of `confirm`.
pub fn confirm_help() -> String {
    format!(
        "\
Delivery freezes when PureConnect shows something that can hardly be right: no agents, many fewer than before, a fifth of
them going Offline at once. A good snapshot thaws it. This command does when it is right all the same. It is written into
the journal.

Examples:
  presence-bridge confirm -c /etc/presence-bridge/bridge.toml
  presence-bridge confirm -c bridge.toml --json

{}",
        Exit::table()
    )
}

/// `confirm`.
#[derive(Debug, Args)]
pub struct Confirm {
    /// The configuration file that the bridge runs with
    #[arg(short, long, value_name = "FILE")]
    pub config: PathBuf,
    /// The link, where several run
    #[arg(long, value_name = "NAME")]
    pub link: Option<String>,
    /// Prints the bridge's answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// Examples and exit codes of `reload`.
pub fn reload_help() -> String {
    format!(
        "\
The running bridge reads its configuration file again: mapping, scope, matches and log level are applied without dropping
a session. What needs a restart is listed and stays as it was. A configuration with a problem is refused as a whole.
SIGHUP does the same, and the log says what came of it.

Examples:
  presence-bridge reload -c /etc/presence-bridge/bridge.toml
  presence-bridge reload -c bridge.toml --json

{}",
        Exit::table()
    )
}

/// `reload`.
#[derive(Debug, Args)]
pub struct Reload {
    /// The configuration file that the bridge runs with
    #[arg(short, long, value_name = "FILE")]
    pub config: PathBuf,
    /// Prints the bridge's answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// Examples and exit codes of `users`.
pub fn users_help() -> String {
    format!(
        "\
Synced: Genesys Cloud shows what PureConnect shows. Pending: changes are on their way. Error: the platform refuses
something, or the status is unknown. Not synced: there is no user in Genesys Cloud for the agent, and the reason says why.

The running bridge is asked. Where none runs, both sides are looked at, which takes longer, and the journal says when
something last succeeded; the list says that it is not live, and which states it cannot know.

Users that are not synced are no failure of this command: it ends with 0 all the same.
In CSV, a text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a line break) has an
apostrophe before it. Times in CSV and JSON are UTC.

Examples:
  presence-bridge users -c bridge.toml
  presence-bridge users -c bridge.toml --state not-synced --csv > missing.csv
  presence-bridge users -c bridge.toml --workgroup Sales --filter lovelace
  presence-bridge users -c bridge.toml --json

{}",
        Exit::table()
    )
}

/// `users`.
#[derive(Debug, Args)]
pub struct Users {
    /// The configuration file
    #[arg(short, long, value_name = "FILE")]
    pub config: PathBuf,
    /// Only users in this state
    #[arg(long, value_enum, value_name = "STATE")]
    pub state: Option<UserState>,
    /// Only users with this text in user id, name, e-mail, Genesys Cloud user id or reason, without case
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Only members of this workgroup
    #[arg(long, value_name = "NAME")]
    pub workgroup: Option<String>,
    /// The link, where several are configured; without it all of them
    #[arg(long, value_name = "NAME")]
    pub link: Option<String>,
    /// Shows times in UTC instead of this computer's time zone
    #[arg(long)]
    pub utc: bool,
    /// Prints CSV
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// Prints JSON
    #[arg(long)]
    pub json: bool,
}

/// The synchronisation state, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UserState {
    /// Genesys Cloud shows what PureConnect shows
    Synced,
    /// Changes are on their way
    Pending,
    /// The platform refuses something, or the status is unknown
    Error,
    /// There is no user in Genesys Cloud for the agent
    NotSynced,
}

/// Which journal, and whose part of it.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").args(["config", "journal"]).required(true))]
pub struct Which {
    /// The configuration file that names the journal
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The journal itself, an SQLite file
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// The link, where the journal holds several; without it the configuration's own, or "default"
    #[arg(long, value_name = "NAME")]
    pub link: Option<String>,
}

/// `journal`.
#[derive(Debug, Subcommand)]
pub enum Journal {
    /// Checks the journal: is every attempt preceded by its intent, is anything missing, out of order or damaged
    #[command(after_long_help = VERIFY_EXAMPLES)]
    Verify(Verify),
    /// Writes every entry as a line of JSON
    #[command(after_long_help = EXPORT_EXAMPLES)]
    Export(Export),
    /// Reads entries as `export` wrote them, into an empty journal
    #[command(after_long_help = IMPORT_EXAMPLES)]
    Import(Import),
    /// Leads the journal back to the schema of the program before this one; nothing is lost
    #[command(after_long_help = MIGRATE_EXAMPLES)]
    Migrate(Migrate),
}

const VERIFY_EXAMPLES: &str = "\
Ends with 0 when nothing was found and with 65 when something was. Works while the bridge runs.

Examples:
  presence-bridge journal verify -c bridge.toml
  presence-bridge journal verify -c bridge.toml --json
";

/// `journal verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Which journal.
    #[command(flatten)]
    pub journal: Which,
    /// Prints JSON
    #[arg(long)]
    pub json: bool,
}

const EXPORT_EXAMPLES: &str = "\
The whole journal as it is, for moving it and for audits: every entry with its place and hash, which `journal import` reads
and checks. Rows for a spreadsheet or another program, of a period, are what `presence-bridge export` writes.

Works while the bridge runs. There are no secrets in it; there are user ids and statuses, so treat it as personal data.

Examples:
  presence-bridge journal export -c bridge.toml > journal.jsonl
  presence-bridge journal export -c bridge.toml --output journal.jsonl
";

/// `journal export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Which journal.
    #[command(flatten)]
    pub journal: Which,
    /// Writes this file, which must not exist yet, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

const IMPORT_EXAMPLES: &str = "\
All entries or none. To move a journal from SQLite to PostgreSQL, or to another computer: stop the bridge, export, change
[journal] in the configuration, import.

Examples:
  presence-bridge journal import -c new.toml --input journal.jsonl
  presence-bridge journal export -c old.toml | presence-bridge journal import -c new.toml
";

/// `journal import`.
#[derive(Debug, Args)]
pub struct Import {
    /// Which journal.
    #[command(flatten)]
    pub journal: Which,
    /// Reads this file instead of standard input
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
}

const MIGRATE_EXAMPLES: &str = "\
Forwards it goes by itself, when the bridge starts. Stop the bridge first.

Examples:
  presence-bridge journal migrate --down -c bridge.toml
      before the older program is started again
";

/// `journal migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Which journal.
    #[command(flatten)]
    pub journal: Which,
    /// By one version
    #[arg(long, required = true)]
    pub down: bool,
}

/// A time, or a date for its midnight; UTC unless it says otherwise.
pub fn time(text: &str) -> Result<Timestamp, String> {
    let exact = || text.parse::<Timestamp>().ok();
    let midnight = || text.parse::<Date>().ok().map(DateTime::from);
    let civil = || text.parse::<DateTime>().ok().or_else(midnight);
    let in_utc = || civil()?.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp());
    exact().or_else(in_utc).ok_or_else(|| "write 2026-03-02, 2026-03-02T08:00 or 2026-03-02T08:00+01:00".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_unless_they_say_otherwise() {
        let cases = [
            ("2026-03-02", "2026-03-02T00:00:00Z"),
            ("2026-03-02T08:00", "2026-03-02T08:00:00Z"),
            ("2026-03-02 08:00:30", "2026-03-02T08:00:30Z"),
            ("2026-03-02T08:00+01:00", "2026-03-02T07:00:00Z"),
            ("2026-03-02T08:00:00Z", "2026-03-02T08:00:00Z"),
        ];
        for (text, utc) in cases {
            assert_eq!(time(text).map(|time| time.to_string()).as_deref(), Ok(utc), "{text}");
        }
        assert!(time("noon").unwrap_err().contains("2026-03-02T08:00"));
    }
}
