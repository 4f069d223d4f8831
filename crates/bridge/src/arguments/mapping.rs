//! The commands about what statuses mean: `explain`, `mapping` and `catalogue`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::beside::time;

/// Examples of `explain`.
pub const EXPLAIN_EXAMPLES: &str = "\
With -c the name is an agent (user id, display name or e-mail address) or a status message of your system. The running
bridge is asked; where none runs, PureConnect is, which needs its password. Your rules are those of the configuration.

Examples:
  presence-bridge explain \"At Lunch\"
      a status that PureConnect comes with, by name
  presence-bridge explain jane.doe -c bridge.toml
      what an agent's status means, and what Genesys Cloud was told
  presence-bridge explain Coaching --catalogue saved.json -m rules.toml
      a status of a saved catalogue, with your own rules
  presence-bridge explain --message \"Coaching\" --group Training
  presence-bridge explain --message \"Coaching\" --dnd -m rules.toml
  presence-bridge explain --acd --json
";

/// `explain`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("status").args(["name", "message", "group", "acd", "acw", "dnd"]).required(true).multiple(true))]
pub struct Explain {
    /// A status by its id or text, or with -c an agent
    #[arg(conflicts_with_all = ["message", "group", "acd", "acw", "dnd"])]
    pub name: Option<String>,
    /// The message's text or id
    #[arg(long, value_name = "TEXT")]
    pub message: Option<String>,
    /// The status group
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,
    /// "Status allows ACD calls" is ticked
    #[arg(long)]
    pub acd: bool,
    /// "Status is ACW" (after call work) is ticked
    #[arg(long)]
    pub acw: bool,
    /// "Status is Do Not Disturb" is ticked
    #[arg(long)]
    pub dnd: bool,
    /// Where the names are looked up.
    #[command(flatten)]
    pub system: System,
    /// The rules.
    #[command(flatten)]
    pub rules: RuleArguments,
    /// Prints JSON
    #[arg(long)]
    pub json: bool,
}

/// Which system's status messages, and whose rules.
#[derive(Debug, Args, Default)]
pub struct System {
    /// The configuration of the bridge that is asked, or of the systems
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The link, where several are configured
    #[arg(long, value_name = "NAME")]
    pub link: Option<String>,
    /// Status messages that `catalogue save` wrote, instead of asking
    #[arg(long, value_name = "FILE")]
    pub catalogue: Option<PathBuf>,
}

/// `mapping`.
#[derive(Debug, Subcommand)]
pub enum Mapping {
    /// Prints the rules in their order: your own, then the vendor's table
    Show(ShowMapping),
    /// Says what about the rules and the status messages is probably not meant
    #[command(after_long_help = LINT_EXAMPLES)]
    Lint(LintMapping),
    /// Says who would move from what to what by other rules, now and by a journal of the past
    #[command(after_long_help = PREVIEW_EXAMPLES)]
    Preview(PreviewMapping),
}

/// `mapping show`.
#[derive(Debug, Args)]
pub struct ShowMapping {
    /// The rules.
    #[command(flatten)]
    pub rules: RuleArguments,
    /// Prints JSON
    #[arg(long)]
    pub json: bool,
}

const LINT_EXAMPLES: &str = "\
Without -c and --catalogue the status messages are those that PureConnect comes with. Findings are no errors: this ends
with 0 when there are any. A rule that is wrong is an error, such as one that names a status message that there is not.

Examples:
  presence-bridge mapping lint -c bridge.toml
  presence-bridge mapping lint -c bridge.toml -m new.toml
      your new rules on the status messages of the system
  presence-bridge mapping lint --catalogue saved.json -m rules.toml --json
";

/// `mapping lint`.
#[derive(Debug, Args)]
pub struct LintMapping {
    /// The status messages.
    #[command(flatten)]
    pub system: System,
    /// The rules.
    #[command(flatten)]
    pub rules: RuleArguments,
    /// Prints JSON
    #[arg(long)]
    pub json: bool,
}

const PREVIEW_EXAMPLES: &str = "\
Nothing is changed. What is compared with: the rules of the configuration; without -c the vendor's, or those of --old.
With -c the running bridge is asked who is in which status (PureConnect, where none runs), and its journal is read: what
would have been different yesterday, in this computer's time zone, or in the period given. Times in it are UTC.
With --catalogue nobody is asked. --journal is the file of a journal, and may be given several times.

Examples:
  presence-bridge mapping preview -m new.toml -c bridge.toml
  presence-bridge mapping preview -m new.toml -c bridge.toml --from 2026-03-02 --to 2026-03-09
  presence-bridge mapping preview -m new.toml --journal day.journal --catalogue saved.json --from 2026-03-02
  presence-bridge mapping preview -m new.toml --catalogue saved.json --old rules.toml --json
  presence-bridge mapping preview --precedence message-first -c bridge.toml
      your rules as they are, with the other precedence
";

/// `mapping preview`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("new").args(["file", "precedence"]).required(true).multiple(true))]
#[command(group = ArgGroup::new("where").args(["config", "catalogue", "journal"]).required(true).multiple(true))]
pub struct PreviewMapping {
    /// The new rules; without them, the old ones with another precedence
    #[arg(short = 'm', long = "mapping", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Which row counts where the vendor's rows overlap; without it, as it is
    #[arg(long, value_enum)]
    pub precedence: Option<Precedence>,
    /// The rules to compare with, instead of those of the configuration
    #[arg(long, value_name = "FILE")]
    pub old: Option<PathBuf>,
    /// Where the status messages and the agents are.
    #[command(flatten)]
    pub system: System,
    /// A journal, an SQLite file, instead of the configuration's
    #[arg(long, value_name = "FILE")]
    pub journal: Vec<PathBuf>,
    /// Since when in the journal: a date or time, UTC unless it says otherwise
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub from: Option<Timestamp>,
    /// Until when; a date is its midnight, so that the day before is the last one
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub to: Option<Timestamp>,
    /// Prints JSON
    #[arg(long)]
    pub json: bool,
}

/// `catalogue`.
#[derive(Debug, Subcommand)]
pub enum Catalogue {
    /// Saves the status messages of the system for use without it
    #[command(after_long_help = SAVE_EXAMPLES)]
    Save(SaveCatalogue),
}

const SAVE_EXAMPLES: &str = "\
The running bridge is asked; where none runs, PureConnect is, which needs its password. A file that is there already is
replaced if it is a saved catalogue, and left alone if it is anything else.

Examples:
  presence-bridge catalogue save -c bridge.toml -o saved.json
  presence-bridge catalogue save -c bridge.toml > saved.json
";

/// `catalogue save`.
#[derive(Debug, Args)]
pub struct SaveCatalogue {
    /// The configuration of the bridge that is asked, or of PureConnect
    #[arg(short, long, value_name = "FILE")]
    pub config: PathBuf,
    /// The link, where several are configured
    #[arg(long, value_name = "NAME")]
    pub link: Option<String>,
    /// Writes this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Which rules.
#[derive(Debug, Args)]
pub struct RuleArguments {
    /// Your own rules, which come before the vendor's
    #[arg(short = 'm', long = "mapping", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Which row counts where the vendor's rows overlap: the configuration's choice, or as printed
    #[arg(long, value_enum)]
    pub precedence: Option<Precedence>,
}

/// Which row counts where the vendor's rows overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Precedence {
    /// The first one as printed
    Printed,
    /// One that names the message before one that names the group
    MessageFirst,
}

impl From<Precedence> for mapping::Precedence {
    fn from(precedence: Precedence) -> Self {
        match precedence {
            Precedence::Printed => Self::Printed,
            Precedence::MessageFirst => Self::MessageFirst,
        }
    }
}
