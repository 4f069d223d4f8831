//! The commands that need no account: the demo, the simulators alone, and what breaks them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use simulator::faults::NAMED;

use super::{duration, factor};
use crate::exit::Exit;

/// Where the simulated PureConnect is, unless somebody says otherwise.
pub const ICWS: &str = "127.0.0.1:8018";

/// Where the simulated Genesys Cloud is, unless somebody says otherwise.
pub const CLOUD: &str = "127.0.0.1:8080";

/// Examples and exit codes of `demo`.
pub fn demo_help() -> String {
    format!(
        "\
It prints where its console is, what to look at there, and commands that break something while you watch.

Examples:
  presence-bridge demo
  presence-bridge demo --open
      the console comes up in the browser
  presence-bridge demo --agents 1000 --speed 60
  presence-bridge demo --exit-after 8h --json
      a day in four minutes, then both sides compared
  presence-bridge demo --trouble
      seven troubles in a day

{}",
        Exit::table()
    )
}

/// `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// How many agents work
    #[arg(long, default_value_t = 200, value_name = "NUMBER")]
    pub agents: usize,
    /// How many times as fast as the clock the day goes by
    #[arg(long, default_value_t = 120.0, value_name = "FACTOR", value_parser = factor)]
    pub speed: f64,
    /// The same seed is the same day
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    pub seed: u64,
    /// Ends after so much of the simulated day, such as 8h; without it at Ctrl-C
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub exit_after: Option<Duration>,
    /// Requests that the simulated Genesys Cloud allows in 60 s
    #[arg(long, default_value_t = 300, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: u32,
    /// The organisation is like most: its OAuth client may not inject events, so that presences are set directly
    #[arg(long, conflicts_with = "trouble")]
    pub direct: bool,
    /// Things go wrong: Genesys Cloud is down, PureConnect switches over, the bridge is killed, and more
    #[arg(long)]
    pub trouble: bool,
    /// Keeps the journal in this file, for `report` and `journal`; without it, it is gone at the end
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// Where the console listens; without it 127.0.0.1:8090, or a free port where that is taken
    #[arg(long, value_name = "ADDRESS")]
    pub console: Option<SocketAddr>,
    /// Does without the console
    #[arg(long, conflicts_with_all = ["console", "open"])]
    pub no_console: bool,
    /// Opens the console in the browser
    #[arg(long)]
    pub open: bool,
    /// Prints the summary as JSON, in the last line, and no tour
    #[arg(long)]
    pub json: bool,
}

/// What `simulate` prints, and examples.
pub const SIMULATE_HELP: &str = "\
Prints one line of JSON, and then serves:
  {\"icws\":URL, \"cloud\":URL, \"icws_user\":…, \"icws_password\":…, \"client_id\":…, \"client_secret\":…}
The cloud's login service is at the same address. Both servers have a control interface under /_simulator/.

Examples:
  presence-bridge simulate --icws 127.0.0.1:8018 --cloud 127.0.0.1:8080 --agents 200 --seed 1 --speed 60
  presence-bridge simulate --idle --agents 5
      quiet servers, which change only through their own interfaces
  presence-bridge simulate fault cloud-down --for 60s
      in another terminal: something goes wrong, and you see what comes of it
";

/// `simulate`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Simulate {
    /// Something to do with simulators that run already.
    #[command(subcommand)]
    pub sandbox: Option<Sandbox>,
    /// Where the simulated PureConnect listens; port 0 takes a free one
    #[arg(long, default_value = ICWS, value_name = "ADDRESS")]
    pub icws: SocketAddr,
    /// Where the simulated Genesys Cloud listens; port 0 takes a free one
    #[arg(long, default_value = CLOUD, value_name = "ADDRESS")]
    pub cloud: SocketAddr,
    /// How many agents there are
    #[arg(long, default_value_t = 200, value_name = "NUMBER")]
    pub agents: usize,
    /// The same seed is the same day
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    pub seed: u64,
    /// How many times as fast as the clock the day goes by
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR", value_parser = factor)]
    pub speed: f64,
    /// Nobody works: the servers change only through their own interfaces
    #[arg(long)]
    pub idle: bool,
    /// Requests that the simulated Genesys Cloud allows in 60 s
    #[arg(long, default_value_t = 300, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: u32,
    /// The OAuth client lacks the permissions to inject events, as in an ordinary organisation: delivery is direct
    #[arg(long)]
    pub without_events: bool,
}

/// What is done with simulators that run already.
#[derive(Debug, Subcommand)]
pub enum Sandbox {
    /// Lets something go wrong with the running simulators, those of the demo too
    #[command(after_long_help = fault_help())]
    Fault(Fault),
}

fn fault_help() -> String {
    format!(
        "\
A fault that happens in a moment is over by itself. Any other lasts until `simulate fault clear`, or as long as --for says:
of this computer's time, whatever the simulated day does meanwhile; Ctrl-C ends it sooner.

Examples:
  presence-bridge simulate fault --list
  presence-bridge simulate fault cloud-down --for 60s
  presence-bridge simulate fault many-logouts --icws http://127.0.0.1:9018
  presence-bridge simulate fault clear

{}",
        Exit::table()
    )
}

/// The word that ends all faults.
pub const CLEAR: &str = "clear";

/// `simulate fault`.
#[derive(Debug, Args)]
pub struct Fault {
    /// Which, such as cloud-down; `clear` ends all of them
    #[arg(required_unless_present = "list", value_parser = names(), hide_possible_values = true)]
    pub name: Option<String>,
    /// Lists them: what breaks, and what the bridge is expected to do
    #[arg(long, conflicts_with_all = ["name", "lasts"])]
    pub list: bool,
    /// Ends it after so much of this computer's time, such as 60s
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub lasts: Option<Duration>,
    /// Where the simulated PureConnect is
    #[arg(long, default_value_t = url(ICWS), value_name = "URL")]
    pub icws: String,
    /// Where the simulated Genesys Cloud is
    #[arg(long, default_value_t = url(CLOUD), value_name = "URL")]
    pub cloud: String,
    /// Prints the list as JSON
    #[arg(long, requires = "list")]
    pub json: bool,
}

/// The address as a browser would write it.
pub fn url(address: &str) -> String {
    format!("http://{address}")
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(NAMED.iter().map(|fault| fault.name).chain([CLEAR]))
}
