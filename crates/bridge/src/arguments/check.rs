//! The command line of `check`.

use std::path::PathBuf;

use clap::Args;

use crate::exit::Exit;

/// Examples and exit codes of `check`.
pub fn check_help() -> String {
    format!(
        "\
Looks at everything that has to be right, asks both sides at the same time, and says what to do
about the rest. It changes nothing: no presence source is made and nobody's primary source is
claimed. It works while the bridge runs. It needs the configuration of the service and what that
names: run it as the service's user.

Ends with 0 when the bridge can run, with or without warnings. Of several problems the one with the
highest exit code decides: the configuration, then permissions, then what is too old, then a journal
that cannot be written, then what is out of reach, then a journal that is damaged.

Examples:
  presence-bridge check -c bridge.toml
  presence-bridge check -c bridge.toml --link north
      one of several links
  presence-bridge check -c bridge.toml --json
      every finding with all its facts: all names of agents, all permissions
  sudo -u presence-bridge presence-bridge check -c /etc/presence-bridge/bridge.toml
      before the first start, and after every change

{}",
        Exit::table()
    )
}

/// `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The configuration file
    #[arg(short, long, value_name = "FILE")]
    pub config: PathBuf,
    /// Only this link, where there are several
    #[arg(long, value_name = "NAME")]
    pub link: Option<String>,
    /// Prints JSON
    #[arg(long)]
    pub json: bool,
}
