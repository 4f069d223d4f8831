//! Log lines on standard error, as text or JSON.

use std::io::{self, IsTerminal};

use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::exit::{Exit, Failed};

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Which levels of which crates.
    pub level: Targets,
    /// How a line looks.
    pub format: Format,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

/// Starts logging to standard error, for the rest of the program.
pub fn start(options: &Options) -> Result<(), Failed> {
    let lines = match options.format {
        Format::Text => tracing_subscriber::fmt::layer()
            .with_writer(io::stderr)
            .with_ansi(colours(io::stderr().is_terminal()))
            .boxed(),
        Format::Json => tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(io::stderr).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(options.level.clone()))
        .try_init()
        .map_err(|error| Failed::new(Exit::Internal, error))
}

/// Whether to use colours: on a terminal only, and not when `NO_COLOR` says no.
pub fn colours(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_no_colours_without_a_terminal() {
        assert!(!colours(false));
    }
}
