//! SIGTERM and Ctrl-C: the first one asks for an orderly end, the second one ends the program at once. SIGHUP: whoever
//! wants to hear of it does.

use std::convert::Infallible;
use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::exit::{Exit, Failed};
use crate::problem::Problem;

/// Runs a command that is told to stop by the first signal, to its end.
pub fn run_until_told<F>(command: impl FnOnce(CancellationToken) -> F) -> Result<Exit, Failed>
where
    F: Future<Output = Result<Exit, Failed>>,
{
    let failed = |error| Failed::diagnosed(Exit::Internal, Problem::new("failed to start").because(error));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let signals = Signals::catch().map_err(failed)?;
        let shutdown = CancellationToken::new();
        tokio::select! {
            ended = command(shutdown.clone()) => ended,
            never = signals.watch(shutdown) => match never {},
        }
    })
}

/// SIGHUP, caught from now on: it no longer ends the program.
pub struct Hangups(Signal);

impl Hangups {
    /// Catches it. To be called within the runtime.
    pub fn catch() -> Result<Self, Failed> {
        let failed = |error| Failed::diagnosed(Exit::Internal, Problem::new("failed to start").because(error));
        signal(SignalKind::hangup()).map(Self).map_err(failed)
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        // `None` comes only when the runtime is shutting down, and then nobody polls this any more.
        let _ = self.0.recv().await;
    }
}

/// Both signals, caught from now on.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    /// Caught and not looked at, so that a file size limit is a failed write, which is told, and not a silent death.
    _file_size: Signal,
}

/// `SIGXFSZ`, which is sent for a write beyond the limit of a file's size; its number on Linux.
const FILE_SIZE: SignalKind = SignalKind::from_raw(25);

impl Signals {
    /// Catches the signals. From here on they no longer end the program by themselves.
    fn catch() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            _file_size: signal(FILE_SIZE)?,
        })
    }

    /// Cancels `shutdown` at the first signal and ends the program at the second. Never returns; poll it beside the
    /// work and drop it with the work.
    async fn watch(mut self, shutdown: CancellationToken) -> Infallible {
        let name = self.next().await.name();
        tracing::info!(signal = name, "stopping; a second signal ends at once");
        shutdown.cancel();
        let second = self.next().await;
        tracing::warn!(signal = second.name(), "ended at once, without logging off");
        std::process::exit(second.exit_code())
    }

    async fn next(&mut self) -> Caught {
        // `recv` answers `None` only when the runtime is shutting down, and then nobody polls this any more.
        tokio::select! {
            _ = self.terminate.recv() => Caught::Terminate,
            _ = self.interrupt.recv() => Caught::Interrupt,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Caught {
    Terminate,
    Interrupt,
}

impl Caught {
    fn name(self) -> &'static str {
        match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
        }
    }

    /// What a shell reports for a program that the signal ended.
    fn exit_code(self) -> i32 {
        match self {
            Self::Terminate => 128 + 15,
            Self::Interrupt => 128 + 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_runs_to_its_end_when_nobody_says_stop() {
        let ended = run_until_told(|shutdown| async move {
            assert!(!shutdown.is_cancelled());
            Ok(Exit::AgentsDiffer)
        });
        assert_eq!(ended.unwrap(), Exit::AgentsDiffer);
    }

    #[test]
    fn the_codes_of_a_forced_end_are_those_of_the_shell() {
        assert_eq!(Caught::Interrupt.exit_code(), 130);
        assert_eq!(Caught::Terminate.exit_code(), 143);
    }
}
