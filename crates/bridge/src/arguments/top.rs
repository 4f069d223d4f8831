//! The command `top`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::exit::Exit;

/// Keys, examples and exit codes.
pub fn top_help() -> String {
    format!(
        "\
Asks the running bridge again and again: the links with state, delay, budget and what waits, and the agents whom Genesys
Cloud does not show as PureConnect does, with the reason and since when. When the bridge stops, the screen says so and goes
on as soon as one runs again. Times are UTC, by the clock of the link.

Keys:
  q, Ctrl-C       ends it                    /  finds agents; Enter keeps, Esc forgets
  Tab, Shift-Tab  the next link, the one before
  arrows, PgUp, PgDn, Home, End  through the agents
  p               pauses and goes on         ?  help

Examples:
  presence-bridge top -c bridge.toml
  presence-bridge top -c bridge.toml --once
      one picture as text, for a ticket or a script; also when the output is no terminal

{}",
        Exit::table()
    )
}

/// `top`.
#[derive(Debug, Args)]
pub struct Top {
    /// The configuration file that the bridge runs with
    #[arg(short, long, value_name = "FILE")]
    pub config: PathBuf,
    /// The link to begin with
    #[arg(long, value_name = "NAME")]
    pub link: Option<String>,
    /// How often the bridge is asked, such as 2s
    #[arg(long, default_value = "1s", value_name = "DURATION", value_parser = super::duration)]
    pub every: Duration,
    /// Prints one picture as text and ends
    #[arg(long)]
    pub once: bool,
}
