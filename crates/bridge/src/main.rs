//! The binary `presence-bridge`: understands the command line, runs the command and ends with its exit code.

mod arguments;
mod clock;
mod config;
mod demo;
mod exit;
mod explain;
mod journal;
mod link;
mod logging;
mod problem;
mod rules;
mod run;
mod signals;
mod simulate;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command, Config, Mapping};
use crate::exit::{Exit, Failed};

fn main() -> ExitCode {
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
        Command::Explain(arguments) => print(&explain::explain(&arguments)?),
        Command::Mapping(Mapping::Show(arguments)) => print(&explain::show_mapping(&arguments)?),
        Command::Config(Config::Example) => print(&config::example()),
        Command::Config(Config::Schema) => print(&format!("{:#}\n", config::schema())),
    }
}

/// Prints an answer; a reader that has seen enough and closed the pipe is no error.
fn print(answer: &str) -> Result<Exit, Failed> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(answer.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failed::new(Exit::Internal, error)),
        _ => Ok(Exit::Success),
    }
}
