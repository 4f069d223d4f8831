//! What systemd, or another service manager that speaks its protocol, is told: that the program is ready, how it is, that
//! it makes progress, that it reads its configuration again, that it stops.
//!
//! `message` decides what is said and when; here is how it is sent. The watchdog is fed from the progress of the links'
//! loops and from nothing else, so that a program that hangs is started again. Who starts and stops the program is not
//! known here. See `sd_notify(3)`.

mod message;

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use console::{Pulse, Vitals};
use sd_notify::NotifyState;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use self::message::{Message, Messages, Moment};

/// How often the links are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How often the configuration was read again since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reloads {
    /// That it began.
    pub begun: u64,
    /// That it was done, whether or not something came of it.
    pub ended: u64,
}

/// The service manager that started the program, if one did.
#[derive(Debug)]
pub struct ServiceManager {
    socket: Option<UnixDatagram>,
    /// It wants to hear of progress this often.
    watchdog: Option<Duration>,
}

impl ServiceManager {
    /// Whoever is named in `NOTIFY_SOCKET`. One that cannot be reached is told nothing, which it will notice.
    pub fn from_environment() -> Self {
        let socket = std::env::var_os("NOTIFY_SOCKET").and_then(|name| match connected(&name) {
            Ok(socket) => Some(socket),
            Err(error) => {
                tracing::warn!(%error, "the service manager's socket in NOTIFY_SOCKET cannot be used");
                None
            }
        });
        Self { socket, watchdog: sd_notify::watchdog_enabled() }
    }

    /// Tells how the links are, until they have `ended`; from when they are told to stop, that the program stops.
    pub async fn follow(
        self,
        links: Vec<Pulse>,
        mut reloads: watch::Receiver<Reloads>,
        stopping: CancellationToken,
        ended: CancellationToken,
    ) {
        let Some(socket) = self.socket else { return };
        let mut vitals = Vitals::new(links, Instant::now());
        let mut messages = Messages::new(self.watchdog);
        let mut looks = looks(self.watchdog);
        loop {
            let is_stopping = tokio::select! {
                biased;
                () = stopping.cancelled() => true,
                () = ended.cancelled() => true,
                Ok(()) = reloads.changed() => false,
                _ = looks.tick() => false,
            };
            let (now, reloads) = (Instant::now(), *reloads.borrow_and_update());
            let moment = Moment { now, signs: &vitals.look(now), reloads, is_stopping };
            for message in messages.next(&moment) {
                send(&socket, &message);
            }
            if is_stopping {
                return;
            }
        }
    }
}

/// The watchdog is fed at looks, so a short one needs more of them.
fn looks(watchdog: Option<Duration>) -> Interval {
    let often = watchdog.map_or(LOOK, |watchdog| LOOK.min(watchdog / 4)).max(Duration::from_millis(1));
    let mut looks = tokio::time::interval(often);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks
}

/// A path, or with `@` in front a name without a file, as in containers.
fn connected(name: &OsStr) -> io::Result<UnixDatagram> {
    let address = match name.as_bytes() {
        [b'@', rest @ ..] => SocketAddr::from_abstract_name(rest)?,
        _ => SocketAddr::from_pathname(name)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.connect_addr(&address)?;
    // What the service manager does not take at once is said again soon; the links do not wait for it.
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn send(socket: &UnixDatagram, message: &Message) {
    let lines: Vec<String> = lines(message).iter().map(ToString::to_string).collect();
    if let Err(error) = socket.send(lines.join("\n").as_bytes()) {
        tracing::debug!(%error, ?message, "the service manager does not listen");
    }
}

/// A message in the protocol's words.
fn lines(message: &Message) -> Vec<NotifyState<'_>> {
    match message {
        Message::Ready => vec![NotifyState::Ready],
        Message::Status(status) => vec![NotifyState::Status(status)],
        Message::Progress => vec![NotifyState::Watchdog],
        // Since systemd 253 it does not go without the time.
        Message::Reloading => {
            [Some(NotifyState::Reloading), NotifyState::monotonic_usec_now().ok()].into_iter().flatten().collect()
        }
        Message::Stopping => vec![NotifyState::Stopping, NotifyState::Status("stops: delivers what is on its way")],
    }
}

#[cfg(test)]
mod tests;
