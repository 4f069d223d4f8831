//! The command `top`: the running bridge on a screen that follows it.
//!
//! Asks the control socket again and again; `state` keeps what was heard and what the keys did, `screen` draws it. The
//! terminal is given back as it was, however this ends.

mod delays;
mod screen;
mod state;
#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::StreamExt;
use ratatui::backend::TestBackend;
use ratatui::{DefaultTerminal, Terminal};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};

use self::state::{After, State};
use crate::control::{self, LinkAgents, Unanswered};
use crate::exit::{Exit, Failed};
use crate::problem::Problem;
use crate::{arguments, config, logging};

/// Agents of each link that are asked for: more than anybody reads, and an answer of some hundred kilobytes.
const AT_MOST: usize = 500;

/// The width of a picture that goes to no terminal.
const WIDTH: u16 = 120;

/// Shows the bridge until told to stop, or once.
pub fn top(arguments: &arguments::Top) -> Result<Exit, Failed> {
    let local = config::load_local(&arguments.config)?;
    let heard = control::not_in_step(&local.control, AT_MOST)?;
    let mut state = State::new();
    state.hear(heard);
    if let Some(link) = &arguments.link
        && !state.select(link)
    {
        let there = state.links.iter().map(|shown| format!("{:?}", shown.link.name)).collect::<Vec<_>>().join(", ");
        let problem = Problem::new(format!("there is no link {link:?}; there is {there}"));
        return Err(Failed::diagnosed(Exit::Usage, problem));
    }
    if arguments.once || !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return crate::print(&picture(&state));
    }
    let failed = |error| Failed::new(Exit::Internal, error);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    // From here on a panic gives the terminal back, too.
    let mut terminal = ratatui::try_init().map_err(failed)?;
    let ended = runtime.block_on(follow(&mut terminal, &local.control, arguments.every, state));
    ratatui::try_restore().map_err(failed)?;
    ended.map(|()| Exit::Success).map_err(failed)
}

/// Everything that there is, as text.
fn picture(state: &State) -> String {
    let height = screen::height_of_all(state);
    let backend = TestBackend::new(WIDTH, height);
    let drawn = Terminal::new(backend).map(|mut terminal| {
        let Ok(()) = terminal.draw(|frame| screen::draw(frame, state, false)).map(drop);
        let buffer = terminal.backend().buffer();
        let line = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        (0..buffer.area.height).map(|y| format!("{}\n", line(y).trim_end())).collect::<String>()
    });
    let Ok(text) = drawn;
    text
}

/// An answer on its way.
type Asking = JoinHandle<Result<Vec<LinkAgents>, Unanswered>>;

fn ask(socket: &Path) -> Asking {
    let socket: PathBuf = socket.to_owned();
    spawn_blocking(move || control::not_in_step(&socket, AT_MOST))
}

async fn follow(terminal: &mut DefaultTerminal, socket: &Path, every: Duration, mut state: State) -> io::Result<()> {
    let coloured = logging::colours(true);
    let mut keys = EventStream::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut turn = interval(every);
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut asking: Option<Asking> = None;
    loop {
        terminal.draw(|frame| screen::draw(frame, &state, coloured))?;
        tokio::select! {
            _ = terminate.recv() => break,
            _ = hangup.recv() => break,
            _ = interrupt.recv() => break,
            event = keys.next() => match event {
                Some(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => {
                    if state.press(key) == After::End {
                        break;
                    }
                }
                // The terminal has another size, for one: it is drawn anew.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => break,
            },
            answered = answer(&mut asking) => match answered {
                Ok(heard) => state.hear(heard),
                Err(failed) => state.lose(failed),
            },
            _ = turn.tick(), if asking.is_none() && !state.paused => asking = Some(ask(socket)),
        }
    }
    if let Some(asking) = asking {
        // It ends by itself: nobody waits long for a socket of this computer.
        drop(asking.await);
    }
    Ok(())
}

/// The answer that is on its way; for ever, where none is.
async fn answer(asking: &mut Option<Asking>) -> Result<Vec<LinkAgents>, String> {
    let Some(running) = asking else { return std::future::pending().await };
    let answered = running.await;
    *asking = None;
    match answered {
        Ok(Ok(heard)) => Ok(heard),
        Ok(Err(unanswered)) => Err(Failed::from(unanswered).cause.to_string()),
        Err(error) => Err(error.to_string()),
    }
}
