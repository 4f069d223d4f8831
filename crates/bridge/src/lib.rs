//! The program `presence-bridge`: understands the command line, runs the command and ends with its exit code.
//!
//! A library, so that its parts can be fuzzed; nobody else builds upon it.

mod agent;
mod arguments;
mod catalogue;
mod check;
mod clock;
mod config;
mod confirm;
mod console_host;
mod control;
mod demo;
mod durations;
mod exit;
mod explain;
mod export;
#[doc(hidden)]
pub mod fuzzing;
mod history;
mod journal;
mod link;
mod logging;
mod mapping_lint;
mod mapping_preview;
mod period;
mod problem;
mod reload;
mod report;
mod rules;
mod run;
mod service_manager;
mod signals;
mod simulate;
mod top;
mod users;
mod when;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;

use crate::arguments::{Arguments, Catalogue, Command, Config, Journal, Mapping};
use crate::catalogue::Saved;
use crate::exit::{Exit, Failed};

/// Does what the command line says.
#[must_use]
pub fn main() -> ExitCode {
    let exit = match perform(Arguments::parse().command) {
        Ok(exit) => exit,
        Err(failed) => failed.report(),
    };
    exit.into()
}

fn perform(command: Command) -> Result<Exit, Failed> {
    match command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Demo(arguments) => demo::demo(&arguments),
        Command::Simulate(arguments) => simulate::simulate(&arguments),
        Command::Check(arguments) => {
            let (told, exit) = complete(check::check(&arguments))?;
            print(&told).map(|_| exit)
        }
        Command::Confirm(arguments) => {
            let (told, exit) = confirm::confirm(&arguments)?;
            print(&told).map(|_| exit)
        }
        Command::Reload(arguments) => {
            let (told, exit) = control::reload(&arguments)?;
            print(&told).map(|_| exit)
        }
        Command::Users(arguments) => print(&complete(users::users(&arguments))?),
        Command::Top(arguments) => top::top(&arguments),
        Command::History(arguments) => print(&complete(history::history(&arguments, Timestamp::now()))?),
        Command::Export(arguments) => complete(export::export(&arguments, Timestamp::now())),
        Command::Report(arguments) => print(&complete(report::report(&arguments, Timestamp::now()))?),
        Command::Journal(Journal::Verify(arguments)) => {
            let (told, exit) = complete(journal::verify(&arguments))?;
            print(&told).map(|_| exit)
        }
        Command::Journal(Journal::Export(arguments)) => complete(journal::export(&arguments)),
        Command::Journal(Journal::Import(arguments)) => complete(journal::import(&arguments)),
        Command::Journal(Journal::Migrate(arguments)) => complete(journal::migrate(&arguments)),
        Command::Explain(arguments) => print(&complete(explain::explain(&arguments))?),
        Command::Mapping(Mapping::Show(arguments)) => print(&explain::show_mapping(&arguments)?),
        Command::Mapping(Mapping::Lint(arguments)) => print(&complete(mapping_lint::lint(&arguments))?),
        Command::Mapping(Mapping::Preview(arguments)) => {
            print(&complete(mapping_preview::show(&arguments, Timestamp::now()))?)
        }
        Command::Catalogue(Catalogue::Save(arguments)) => {
            match complete(catalogue::save(&arguments, Timestamp::now()))? {
                Saved::Text(text) => print(&text),
                Saved::Written(told) => print(&told),
            }
        }
        Command::Config(Config::Example) => print(&config::example()),
        Command::Config(Config::Schema) => print(&format!("{:#}\n", config::schema())),
    }
}

/// Runs a command that needs no order to stop: a signal ends it at once.
fn complete<T>(command: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failed::new(Exit::Internal, error))?.block_on(command)
}

/// Prints an answer; a reader that has seen enough and closed the pipe is no error.
fn print(answer: &str) -> Result<Exit, Failed> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(answer.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failed::new(Exit::Internal, error)),
        _ => Ok(Exit::Success),
    }
}
