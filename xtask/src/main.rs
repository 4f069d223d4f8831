//! Developer commands: `cargo xtask` lists them.
//!
//! Knows the names of the commands and the exit codes: 0 done, 1 failed, 2 not a command. What a command does is in
//! the module of its name.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks to its terminal")]

use std::process::ExitCode;

mod dist;
mod findings;
mod fuzz;
mod images;
mod layers;
mod lint;
mod metadata;
mod postgres;
mod shell;
mod simulate;
mod test;
mod tidy;

/// What there is to run.
struct Command {
    name: &'static str,
    about: &'static str,
    run: Run,
}

/// How it is run.
enum Run {
    Plain(fn() -> Result<(), shell::Failure>),
    /// With what follows its name.
    With(fn(&[String]) -> Result<(), shell::Failure>),
}

static COMMANDS: [Command; 8] = [
    Command {
        name: "lint",
        about: "format, clippy, layers, tidy, documentation, licences",
        run: Run::Plain(lint::run),
    },
    Command { name: "test", about: "build everything and run every test", run: Run::Plain(test::run) },
    Command { name: "layers", about: "check who may use whom", run: Run::Plain(layers::run) },
    Command {
        name: "tidy",
        about: "check the house rules that the compiler does not know",
        run: Run::Plain(tidy::run),
    },
    Command {
        name: "fuzz",
        about: "fuzz every target for a while (nightly and cargo-fuzz)",
        run: Run::Plain(fuzz::run),
    },
    Command {
        name: "simulate",
        about: "play seeds of the simulation (--seeds N, --first N, --seed N)",
        run: Run::With(simulate::run),
    },
    Command {
        name: "images",
        about: "take the documentation's pictures of the console anew, into docs/images",
        run: Run::Plain(images::run),
    },
    Command { name: "dist", about: "release archive with a checksum, in target/dist", run: Run::Plain(dist::run) },
];

/// What was asked for.
enum Asked {
    Help,
    Run(&'static Command, Vec<String>),
    Nonsense(String),
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match asked(&arguments) {
        Asked::Help => {
            help();
            ExitCode::SUCCESS
        }
        Asked::Nonsense(why) => {
            eprintln!("xtask: {why}; `cargo xtask` lists what there is");
            ExitCode::from(2)
        }
        Asked::Run(command, arguments) => match command.run.with(&arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                eprintln!("xtask {}: {}", command.name, shell::chain(&failure));
                ExitCode::FAILURE
            }
        },
    }
}

impl Run {
    fn with(&self, arguments: &[String]) -> Result<(), shell::Failure> {
        match self {
            Self::Plain(run) => run(),
            Self::With(run) => run(arguments),
        }
    }
}

fn asked(arguments: &[String]) -> Asked {
    match arguments {
        [] => Asked::Help,
        [word] if ["help", "--help", "-h"].contains(&word.as_str()) => Asked::Help,
        [name, rest @ ..] => match COMMANDS.iter().find(|command| command.name == name) {
            Some(Command { run: Run::Plain(_), .. }) if !rest.is_empty() => {
                Asked::Nonsense(format!("`{name}` takes no arguments"))
            }
            Some(command) => Asked::Run(command, rest.to_vec()),
            None => Asked::Nonsense(format!("no command `{name}`")),
        },
    }
}

fn help() {
    println!("Usage: cargo xtask <command>\n");
    for Command { name, about, .. } in &COMMANDS {
        println!("  {name:8} {about}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(arguments: &[&str]) -> String {
        match asked(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>()) {
            Asked::Help => "help".to_owned(),
            Asked::Run(command, rest) => {
                [&["run", command.name], &rest.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat().join(" ")
            }
            Asked::Nonsense(why) => why,
        }
    }

    #[test]
    fn each_command_is_found_by_its_name_and_nothing_else_is_run() {
        for command in &COMMANDS {
            assert_eq!(answer(&[command.name]), format!("run {}", command.name));
        }
        assert_eq!(answer(&[]), "help");
        assert_eq!(answer(&["--help"]), "help");
        assert_eq!(answer(&["lnit"]), "no command `lnit`");
        assert_eq!(answer(&["test", "fast"]), "`test` takes no arguments");
        assert_eq!(answer(&["simulate", "--seed", "7"]), "run simulate --seed 7");
    }
}
