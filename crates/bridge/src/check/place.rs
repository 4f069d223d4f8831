//! This computer's part: the journal and the socket for the operator. Looks, and leaves nothing behind.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::net::TcpListener;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use store::{LinkState, Location, OpenFailure, Reader};

use super::code::Code;
use super::finding::{Finding, Severity, Trouble};
use crate::config;

/// Whoever wrote to a database so lately still runs: a running bridge writes at least every minute.
const ALIVE: Duration = Duration::from_secs(150);

/// The most that a path of a Unix socket may be long.
const SOCKET_PATH: usize = 107;

/// What is at the socket's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listener {
    /// A bridge that runs.
    Running,
    /// Nobody.
    Nobody,
}

/// Looks at the operator's socket, and whether a bridge runs here.
pub fn control(path: &Path) -> (Finding, Listener) {
    let shown = path.display().to_string();
    let unusable = |why: &str| {
        let fact = format!("The control socket {shown} cannot be opened: {why}.");
        let advice = "Name another path in [control], in a folder that exists and is writable.";
        Finding::problem(Code::ControlNotUsable, Trouble::Configuration, fact, advice).with("socket", shown.as_str())
    };
    if path.as_os_str().len() > SOCKET_PATH {
        return (unusable(&format!("its path is longer than {SOCKET_PATH} bytes")), Listener::Nobody);
    }
    let free = || match tempfile::tempfile_in(folder(path)) {
        Ok(_) => Finding::ok(Code::ControlFree, format!("The control socket {shown} can be opened.")),
        Err(error) => unusable(&format!("its folder cannot be written ({})", words(&error))),
    };
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return (free(), Listener::Nobody),
        Err(error) => return (unusable(&words(&error)), Listener::Nobody),
        Ok(found) => found,
    };
    if !found.file_type().is_socket() {
        return (unusable("something else is at its place"), Listener::Nobody);
    }
    match UnixStream::connect(path) {
        Ok(_) => {
            let fact = format!("A bridge runs here: it listens at {shown}.");
            (Finding::ok(Code::ControlRunning, fact).with("socket", shown.as_str()), Listener::Running)
        }
        // Left behind by a bridge that did not end in order; the next start replaces it.
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => (free(), Listener::Nobody),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            let fact = format!("The control socket {shown} belongs to another user.");
            let advice = "Run this as the user that the bridge runs as, or as root; or name another path in [control].";
            let finding = Finding::problem(Code::ControlNotUsable, Trouble::NotAuthorized, fact, advice);
            (finding.with("socket", shown.as_str()), Listener::Nobody)
        }
        Err(error) => (unusable(&words(&error)), Listener::Nobody),
    }
}

/// Looks whether the console can have its address.
pub fn console(config: Option<&config::Console>, listener: Listener) -> Finding {
    let Some(config::Console { listen, .. }) = config else {
        return Finding::ok(Code::ConsoleOff, "There is no console: [console] switches it off.".to_owned());
    };
    if listen.port() == 0 {
        return Finding::ok(Code::ConsoleFree, format!("The console takes a free port of {}.", listen.ip()));
    }
    let url = format!("http://{listen}/");
    let finding = match (TcpListener::bind(listen), listener) {
        (Ok(_), _) => Finding::ok(Code::ConsoleFree, format!("The console can listen at {url}.")),
        (Err(error), Listener::Running) if error.kind() == ErrorKind::AddrInUse => {
            Finding::ok(Code::ConsoleRunning, format!("The console's address {url} is the running bridge's."))
        }
        (Err(error), Listener::Nobody) if error.kind() == ErrorKind::AddrInUse => {
            let fact = format!("Another program listens at the console's address {url}.");
            let advice = "Name another address in [console] listen, or do without a console: enabled = false.";
            Finding::problem(Code::ConsoleTaken, Trouble::Configuration, fact, advice)
        }
        (Err(error), Listener::Running | Listener::Nobody) => {
            let fact = format!("The console cannot listen at {url}: {}.", words(&error));
            let advice =
                "Name an address of this computer in [console] listen, and a port that the bridge's user may have.";
            Finding::problem(Code::ConsoleNotUsable, Trouble::Configuration, fact, advice)
        }
    };
    finding.with("console", url.as_str())
}

/// Looks at the journal of a link.
pub async fn journal(options: &store::Options, listener: Listener, now: Timestamp) -> Vec<Finding> {
    let place = options.location.to_string();
    let looked = Reader::links(&options.location).await;
    let mut findings = match &options.location {
        Location::Sqlite(path) => vec![file(path, &place, looked, listener)],
        Location::Postgres(_) => vec![database(&options.link, &place, looked, listener, now)],
    };
    if let Location::Sqlite(path) = &options.location {
        findings.extend(space(path, options.retention.size));
    }
    findings
}

pub(super) type Looked = Result<Vec<LinkState>, OpenFailure>;

fn file(path: &Path, place: &str, looked: Looked, listener: Listener) -> Finding {
    let mut found = match looked {
        Ok(_) => usable(place),
        Err(OpenFailure::Missing { .. }) => new(place),
        Err(failure) => failed(place, failure),
    };
    if matches!(found.severity, Severity::Problem(_)) {
        return found;
    }
    if path.exists() && is_locked(path) {
        return in_use(place, listener);
    }
    if let Err(error) = writable(path) {
        let fact = format!("The journal {place} cannot be written: {}.", words(&error));
        let advice = "Name a file in [journal] that the bridge's user may write, in a folder where it may make files.";
        found = Finding::problem(Code::JournalNotUsable, Trouble::Journal, fact, advice).with("journal", place);
    }
    found
}

pub(super) fn database(link: &str, place: &str, looked: Looked, listener: Listener, now: Timestamp) -> Finding {
    let links = match looked {
        Ok(links) => links,
        Err(OpenFailure::Missing { .. }) => return new(place),
        Err(failure) => return failed(place, failure),
    };
    let Some(state) = links.iter().find(|state| state.name == link) else { return new(place) };
    let lately = state.alive.is_some_and(|alive| now.duration_since(alive).unsigned_abs() < ALIVE);
    if lately { in_use(place, listener) } else { usable(place) }
}

fn usable(place: &str) -> Finding {
    let fact = format!("The journal {place} can be opened and written, and nobody uses it.");
    Finding::ok(Code::JournalUsable, fact).with("journal", place)
}

fn new(place: &str) -> Finding {
    let fact = format!("There is no journal at {place} yet; the first start makes it.");
    Finding::ok(Code::JournalNew, fact).with("journal", place)
}

fn in_use(place: &str, listener: Listener) -> Finding {
    match listener {
        Listener::Running => {
            let fact = format!("The journal {place} is in use by the running bridge.");
            Finding::ok(Code::JournalInUse, fact).with("journal", place)
        }
        Listener::Nobody => {
            let fact = format!(
                "The journal {place} is in use by another bridge, which does not listen at this control socket."
            );
            let advice = "Stop the other one, or give each its own [journal] and [control]; one that was killed a moment ago \
                          needs a few seconds.";
            Finding::problem(Code::JournalTaken, Trouble::Journal, fact, advice).with("journal", place)
        }
    }
}

/// A journal that an older program left is no problem; everything else is.
fn failed(place: &str, failure: OpenFailure) -> Finding {
    let said = failure.to_string();
    let fact = format!("The journal cannot be used: {said}.");
    let problem = |code, trouble, advice: &str| Finding::problem(code, trouble, &fact, advice).with("journal", place);
    match failure {
        OpenFailure::Older { found, known, .. } => {
            let fact =
                format!("The journal {place} has schema version {found}; the next start leads it to version {known}.");
            let advice =
                "Keep a copy of it if the older program may have to be used again, or see `journal migrate --down`.";
            Finding::note(Code::JournalOlder, fact, advice).with("journal", place)
        }
        OpenFailure::NotOurs { .. } => problem(
            Code::JournalNotOurs,
            Trouble::BadJournal,
            "Name another place in [journal]; what is there was left as it is.",
        ),
        OpenFailure::Corrupt { .. } => problem(
            Code::JournalNotOurs,
            Trouble::BadJournal,
            "Move it away and start with a new one, or put a backup in its place.",
        ),
        OpenFailure::Newer { .. } => problem(
            Code::JournalNotOurs,
            Trouble::BadJournal,
            "Run the newer program, or let that one lead the journal back: `journal migrate --down`.",
        ),
        OpenFailure::InUse { .. }
        | OpenFailure::Missing { .. }
        | OpenFailure::UnknownLink { .. }
        | OpenFailure::Unusable { .. } => problem(
            Code::JournalNotUsable,
            Trouble::Journal,
            "Look whether its place exists, whether the bridge's user may write there, and whether the database answers.",
        ),
    }
}

/// Whether a bridge holds the journal: it locks a file beside it for as long as it runs. The lock is tried for a moment,
/// for which a starting bridge waits.
fn is_locked(path: &Path) -> bool {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let Ok(file) = File::open(Path::new(&beside)) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Whether the file can be written, or made where it is not there yet: asked with a file without a name, which is gone
/// at once.
fn writable(path: &Path) -> io::Result<()> {
    match OpenOptions::new().append(true).open(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(_) | Err(_) => {}
    }
    // Also for a file that is there: the database makes others beside it.
    tempfile::tempfile_in(folder(path)).map(drop)
}

/// The folder of a file; a bare name is in the current one.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether the disk has room for as much as the journal may grow to.
fn space(path: &Path, wanted: u64) -> Option<Finding> {
    let disk = rustix::fs::statvfs(folder(path)).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let size = fs::metadata(path).map_or(0, |file| file.len());
    Some(room(free, wanted.saturating_sub(size)))
}

pub(super) fn room(free: u64, wanted: u64) -> Finding {
    let (shown, needed) = (gibibytes(free), gibibytes(wanted));
    let finding = if free >= wanted {
        Finding::ok(Code::JournalSpace, format!("{shown} are free for the journal, which may grow by {needed}."))
    } else {
        let fact = format!("Only {shown} are free for the journal, which may grow by {needed}.");
        let advice =
            "Make room, or let it keep less: keep_size and keep in [journal]. When the disk is full the bridge ends.";
        Finding::warning(Code::JournalSpaceLittle, fact, advice)
    };
    finding.with("free_bytes", free).with("wanted_bytes", wanted)
}

fn gibibytes(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
}

/// An error in its own words, without the number of the system.
fn words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}
