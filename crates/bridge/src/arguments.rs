//! The command line: commands, options and their help.

mod beside;
mod check;
mod mapping;
mod past;
mod sandbox;
mod top;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use jiff::SignedDuration;

pub use self::beside::{Confirm, Export, Import, Journal, Migrate, Reload, UserState, Users, Verify, Which};
pub use self::check::Check;
pub use self::mapping::{
    Catalogue, Explain, LintMapping, Mapping, PreviewMapping, RuleArguments, SaveCatalogue, ShowMapping, System,
};
pub use self::past::{ExportRows, Format, History, Report, Rows};
pub use self::sandbox::{CLEAR, CLOUD, Demo, Fault, ICWS, Sandbox, Simulate, url};
pub use self::top::Top;
use crate::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  presence-bridge demo
      both systems simulated on this computer, and the bridge between them
  presence-bridge config example > bridge.toml
  presence-bridge check -c bridge.toml
      is everything right, on both sides; and what to do about what is not
  presence-bridge run -c bridge.toml
  presence-bridge report -c bridge.toml
      when the feed could be relied on, how many changes, how late
  presence-bridge explain \"At Lunch\"
      which presence a status means, and why
";

/// Keeps agents' presence in Genesys Cloud in step with PureConnect.
#[derive(Debug, Parser)]
#[command(
    name = "presence-bridge",
    version,
    after_help = "`--help` also shows examples and exit codes.",
    after_long_help = after_long_help(),
    max_term_width = 110,
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

fn after_long_help() -> String {
    format!("{EXAMPLES}\n{}", Exit::table())
}

const RUN_EXAMPLES: &str = "\
Examples:
  presence-bridge config example > bridge.toml
  presence-bridge run -c bridge.toml
  presence-bridge run -c /etc/presence-bridge/bridge.toml
      as a service: SIGTERM delivers what is pending and logs off, within 5 s
";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the service until SIGTERM or Ctrl-C
    #[command(after_long_help = format!("{RUN_EXAMPLES}\n{}", Exit::table()))]
    Run(Run),
    /// Checks beforehand that everything is right: configuration, both sides, permissions, users, mapping, load
    #[command(after_long_help = check::check_help())]
    Check(Check),
    /// Simulates both systems and a working day, with the bridge between them
    #[command(after_long_help = sandbox::demo_help())]
    Demo(Demo),
    /// Simulates both systems alone, as a sandbox, until SIGTERM or Ctrl-C
    #[command(after_long_help = sandbox::SIMULATE_HELP)]
    Simulate(Simulate),
    /// Tells the running bridge that what PureConnect shows is right, so that frozen delivery goes on
    #[command(after_long_help = beside::confirm_help())]
    Confirm(Confirm),
    /// Tells the running bridge to read its configuration again and to apply what can be
    #[command(after_long_help = beside::reload_help())]
    Reload(Reload),
    /// Lists the users: who is synced, who is not, and why
    #[command(after_long_help = beside::users_help())]
    Users(Users),
    /// Shows the running bridge live: links, delay, budget, and agents who are not in step
    #[command(after_long_help = top::top_help())]
    Top(Top),
    /// Reports from the journal: when the feed could be relied on, how many changes, how late, how long wrong; by day
    #[command(after_long_help = past::report_help())]
    Report(Report),
    /// Shows what an agent did, what Genesys Cloud was told of it and when, and where the two differed
    #[command(after_long_help = past::history_help())]
    History(History),
    /// Writes changes, statuses, trust intervals or agents as CSV or JSON Lines, of a period
    #[command(after_long_help = past::export_help())]
    Export(ExportRows),
    /// The journal of everything that was decided and sent
    #[command(subcommand)]
    Journal(Journal),
    /// Explains which presence and routing status a status means, or how an agent stands
    #[command(after_long_help = mapping::EXPLAIN_EXAMPLES)]
    Explain(Explain),
    /// The mapping rules
    #[command(subcommand)]
    Mapping(Mapping),
    /// The status messages of the system
    #[command(subcommand)]
    Catalogue(Catalogue),
    /// The configuration file
    #[command(subcommand)]
    Config(Config),
}

/// `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The configuration file
    #[arg(short, long, value_name = "FILE")]
    pub config: PathBuf,
}

/// `config`.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Prints a configuration file with every key, its meaning and its default
    Example,
    /// Prints the JSON Schema of the configuration file
    Schema,
}

fn duration(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    parsed.filter(|duration| !duration.is_zero()).ok_or_else(|| "write 90s, 30m or 8h".to_owned())
}

fn factor(text: &str) -> Result<f64, String> {
    let parsed: Option<f64> = text.parse().ok();
    parsed.filter(|factor| factor.is_finite() && *factor > 0.0).ok_or_else(|| "expected a number above 0".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_help_shows_examples_and_every_exit_code() {
        let help = Arguments::command().render_long_help().to_string();
        assert!(help.contains("presence-bridge run -c bridge.toml"), "{help}");
        for exit in Exit::ALL {
            let row = format!("{:>3}  {}", exit.code(), exit.meaning());
            assert!(help.contains(&row), "{row} in {help}");
        }
    }

    #[test]
    fn a_wrong_command_line_ends_with_the_code_for_it() {
        let wrong = ["presence-bridge", "explain"];
        let error = Arguments::try_parse_from(wrong).unwrap_err();
        assert_eq!(error.exit_code(), i32::from(Exit::Usage.code()));
        let both = ["presence-bridge", "explain", "At Lunch", "--acd"];
        assert!(Arguments::try_parse_from(both).is_err());
    }

    #[test]
    fn the_commands_of_the_documentation_are_understood() {
        let commands = [
            "run -c bridge.toml",
            "check -c bridge.toml --link north --json",
            "demo --agents 200 --speed 120 --exit-after 8h --json",
            "demo --trouble --agents 1000 --speed 60",
            "demo --direct --exit-after 8h --json",
            "simulate --icws 127.0.0.1:8018 --cloud 127.0.0.1:8080 --agents 200 --seed 1 --speed 60",
            "simulate --idle --rate 300",
            "simulate fault --list --json",
            "simulate fault cloud-down --for 60s --cloud http://127.0.0.1:9090",
            "simulate fault switchover --icws 127.0.0.1:9018",
            "simulate fault clear",
            "demo --open",
            "demo --console 127.0.0.1:9000 --agents 20",
            "demo --no-console --exit-after 8h",
            "explain AtLunch",
            "explain --message X --group Y --acd --acw --dnd -m rules.toml --precedence message-first --json",
            "explain jane.doe -c bridge.toml --link north --json",
            "explain Coaching --catalogue saved.json -m rules.toml",
            "mapping show -m rules.toml --json",
            "mapping lint -m rules.toml --catalogue saved.json --json",
            "mapping lint -c bridge.toml --link north",
            "mapping preview -m new.toml -c bridge.toml --from 2026-03-02 --to 2026-03-09",
            "mapping preview -m new.toml --journal a.journal --journal b.journal --catalogue saved.json --json",
            "mapping preview --precedence message-first --catalogue saved.json --old rules.toml",
            "catalogue save -c bridge.toml --link north -o saved.json",
            "confirm -c bridge.toml --json",
            "confirm -c bridge.toml --link north",
            "reload -c bridge.toml --json",
            "users -c bridge.toml --state not-synced --filter ada --workgroup Sales --link north --csv",
            "users -c bridge.toml --json --utc",
            "report -c bridge.toml --from 2026-03-02 --to 2026-03-02T08:00+01:00 --link north --json",
            "report --journal day.journal --from yesterday --to today --zone Europe/Berlin --by-day",
            "history jane.doe -c bridge.toml",
            "history jane.doe --journal day.journal --from 10:30 --to 11:00 --zone Europe/Berlin --json",
            "export -c bridge.toml --from yesterday --to today",
            "export -c bridge.toml --what intervals --format jsonl --agent jane.doe --output jane.csv",
            "top -c bridge.toml --once --link north --every 2s",
            "journal verify -c bridge.toml --json",
            "journal export -c bridge.toml --output journal.jsonl",
            "journal import -c bridge.toml --input journal.jsonl",
            "journal migrate --down -c bridge.toml",
            "demo --exit-after 8h --journal day.journal",
            "config example",
            "config schema",
        ];
        for command in commands {
            let words = std::iter::once("presence-bridge").chain(command.split(' '));
            assert!(Arguments::try_parse_from(words).is_ok(), "{command}");
        }
    }

    #[test]
    fn a_fault_is_named_and_one_that_is_not_known_is_a_mistake() {
        let wrong = [
            "simulate fault",
            "simulate fault cloud-dwn",
            "simulate fault clear --list",
            "simulate fault --json",
            "simulate --idle fault cloud-down",
            "demo --no-console --open",
        ];
        for command in wrong {
            let words = std::iter::once("presence-bridge").chain(command.split(' '));
            assert!(Arguments::try_parse_from(words).is_err(), "{command}");
        }
        let misspelt = Arguments::try_parse_from(["presence-bridge", "simulate", "fault", "cloud-dwn"]).unwrap_err();
        assert!(misspelt.to_string().contains("cloud-down"), "{misspelt}");
    }

    #[test]
    fn a_duration_is_longer_than_nothing_and_a_factor_above_zero() {
        assert_eq!(duration("8h"), Ok(Duration::from_secs(8 * 3600)));
        assert!(duration("0s").is_err() && duration("-8h").is_err() && duration("soon").is_err());
        assert_eq!(factor("0.5"), Ok(0.5));
        assert!(factor("0").is_err() && factor("inf").is_err() && factor("fast").is_err());
    }
}
