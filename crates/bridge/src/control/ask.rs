//! The operator's end of the socket.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use domain::source::Catalogue;

use super::told::{Agent, Answer, Command, Fault, Line, Link, Only, Reloaded, Request};
use super::{LINE, PATIENCE};
use crate::exit::{Exit, Failed};
use crate::problem::Problem;

/// A link with its agents.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkAgents {
    /// The link, and how it stands.
    pub link: Link,
    /// Its agents in scope, or those that were asked for, in the order of their ids; none where the link has trouble.
    pub agents: Vec<Agent>,
}

/// Why there is no answer.
pub enum Unanswered {
    /// Nobody listens: no bridge runs here.
    Nobody(Failed),
    /// A bridge runs, or something else does, and did not answer as it should.
    Otherwise(Failed),
}

impl From<Unanswered> for Failed {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Nobody(failed) | Unanswered::Otherwise(failed) => failed,
        }
    }
}

impl fmt::Debug for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody(failed) => write!(f, "nobody: {failed:?}"),
            Self::Otherwise(failed) => write!(f, "otherwise: {failed:?}"),
        }
    }
}

/// Tells the bridge that listens at this socket that what PureConnect shows is right.
pub fn confirm(socket: &Path, link: Option<&str>) -> Result<Answer, Unanswered> {
    let mut came = None;
    ask(socket, &Request::new(Command::Confirm, link), &mut |line| {
        let Line::Confirmation(answer) = line else { return false };
        came.replace(answer).is_none()
    })?;
    came.ok_or_else(|| stranger(socket))
}

/// Tells it to read its configuration again.
pub fn reload(socket: &Path) -> Result<Reloaded, Unanswered> {
    let mut came = None;
    ask(socket, &Request::new(Command::Reload, None), &mut |line| {
        let Line::Reloaded(reloaded) = line else { return false };
        came.replace(reloaded).is_none()
    })?;
    came.ok_or_else(|| stranger(socket))
}

/// How the links stand: one, or all.
#[cfg(test)]
pub fn report(socket: &Path, link: Option<&str>) -> Result<Vec<Link>, Unanswered> {
    let mut links = Vec::new();
    ask(socket, &Request::new(Command::Report, link), &mut |line| {
        let Line::Link(link) = line else { return false };
        links.push(*link);
        true
    })?;
    Ok(links)
}

/// How the agents of a link stand, or of all links.
pub fn agents(socket: &Path, link: Option<&str>) -> Result<Vec<LinkAgents>, Unanswered> {
    links_with_agents(socket, &Request::new(Command::Agents, link))
}

/// The links, each with so many at most of the agents who are not in step.
pub fn not_in_step(socket: &Path, at_most: usize) -> Result<Vec<LinkAgents>, Unanswered> {
    let all = Request::new(Command::Agents, None);
    links_with_agents(socket, &Request { only: Some(Only::NotInStep), at_most: Some(at_most), ..all })
}

fn links_with_agents(socket: &Path, request: &Request) -> Result<Vec<LinkAgents>, Unanswered> {
    let mut links: Vec<LinkAgents> = Vec::new();
    ask(socket, request, &mut |line| {
        if let Line::Link(link) = line {
            links.push(LinkAgents { link: *link, agents: Vec::new() });
            return true;
        }
        let (Line::Agent(agent), Some(last)) = (line, links.last_mut()) else { return false };
        last.agents.push(*agent);
        true
    })?;
    Ok(links)
}

/// The status messages of a link's PureConnect. Where several links run, one has to be named.
pub fn catalogue(socket: &Path, link: Option<&str>) -> Result<Catalogue, Unanswered> {
    let mut messages = Vec::new();
    ask(socket, &Request::new(Command::Catalogue, link), &mut |line| {
        let Line::StatusMessage(message) = line else { return false };
        messages.push(message);
        true
    })?;
    Ok(messages.iter().map(domain::source::StatusMessage::from).collect())
}

/// Asks, and hands over every line but the last. `take` says whether a line of this kind was to come.
fn ask(socket: &Path, request: &Request, take: &mut dyn FnMut(Line) -> bool) -> Result<(), Unanswered> {
    let stream = UnixStream::connect(socket).map_err(|error| nobody(socket, error))?;
    let silent = |error| {
        let problem = Problem::new(format!("the bridge at {} did not answer", socket.display()));
        let problem = problem.because(error).help("its log says what it is doing");
        Unanswered::Otherwise(Failed::diagnosed(Exit::Unreachable, problem))
    };
    let mut lines = send(stream, request).map_err(silent)?;
    let mut came = 0;
    let mut text = String::new();
    loop {
        text.clear();
        (&mut lines).take(LINE).read_line(&mut text).map_err(silent)?;
        if text.is_empty() && came > 0 {
            let cut = io::Error::new(io::ErrorKind::UnexpectedEof, format!("it was cut off after {came} lines"));
            return Err(silent(cut));
        }
        match serde_json::from_str::<Line>(&text) {
            Ok(Line::Complete { lines }) if lines == came => return Ok(()),
            Ok(Line::Complete { lines }) => {
                let lost = format!("it has {came} lines and should have {lines}");
                return Err(silent(io::Error::new(io::ErrorKind::InvalidData, lost)));
            }
            Ok(Line::Failed { kind, error }) => return Err(failed(kind, &error)),
            Ok(line) => {
                if !take(line) {
                    return Err(stranger(socket));
                }
                came += 1;
            }
            Err(_) => return Err(stranger(socket)),
        }
    }
}

fn send(mut stream: UnixStream, request: &Request) -> io::Result<BufReader<UnixStream>> {
    // Longer than the bridge itself waits for its loops, so that its own explanation arrives.
    stream.set_read_timeout(Some(PATIENCE * 3))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let line = format!("{}\n", serde_json::to_string(request)?);
    stream.write_all(line.as_bytes())?;
    Ok(BufReader::new(stream))
}

fn failed(kind: Fault, error: &str) -> Unanswered {
    let exit = match kind {
        Fault::Request => Exit::Usage,
        Fault::Unavailable => Exit::Unreachable,
    };
    Unanswered::Otherwise(Failed::diagnosed(exit, Problem::new(format!("the bridge says: {error}"))))
}

fn stranger(socket: &Path) -> Unanswered {
    let problem = Problem::new(format!("what listens at {} is no Presence Bridge", socket.display()));
    let help = "or it is of another version: use the same program as the service";
    Unanswered::Otherwise(Failed::diagnosed(Exit::Unreachable, problem.help(help)))
}

/// Why the socket cannot be spoken to, and what to do.
fn nobody(socket: &Path, error: io::Error) -> Unanswered {
    let shown = socket.display();
    if error.kind() == io::ErrorKind::PermissionDenied {
        let problem = Problem::new(format!("the socket {shown} belongs to another user")).because(error);
        let problem = problem.help("run this as the user that the bridge runs as, or as root");
        return Unanswered::Otherwise(Failed::diagnosed(Exit::NotAuthorized, problem));
    }
    let problem = Problem::new(format!("no bridge is running here: nobody listens at {shown}")).because(error);
    let problem = problem.help(
        "give the configuration file that it runs with; a service of systemd may have its socket in \
         $RUNTIME_DIRECTORY, which is not set here, unless [control] names one",
    );
    Unanswered::Nobody(Failed::diagnosed(Exit::Unreachable, problem))
}
