//! Log lines on standard error, as text or JSON.

use std::io::{self, IsTerminal};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, reload};

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

/// By which the level of what is logged is changed later.
#[derive(Clone)]
pub struct Level(reload::Handle<Targets, Registry>);

impl Level {
    /// Logs this much from now on.
    pub fn set(&self, level: Targets) -> Result<(), Failed> {
        self.0.reload(level).map_err(|error| Failed::new(Exit::Internal, error))
    }
}

/// Starts logging to standard error, for the rest of the program.
pub fn start(options: &Options) -> Result<Level, Failed> {
    let lines = match options.format {
        Format::Text => tracing_subscriber::fmt::layer()
            .with_writer(io::stderr)
            .with_ansi(colours(io::stderr().is_terminal()))
            .boxed(),
        Format::Json => tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            // One span has it all: the link's.
            .with_span_list(false)
            .with_writer(io::stderr)
            .boxed(),
    };
    let (level, handle) = reload::Layer::new(options.level.clone());
    tracing_subscriber::registry()
        .with(lines.with_filter(level))
        .try_init()
        .map_err(|error| Failed::new(Exit::Internal, error))?;
    Ok(Level(handle))
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
