//! One talk at the bridge's end of the socket: hears a request, asks the links that are meant, writes the answer.
//!
//! What is asked of a link is taken over at once and written afterwards, a piece at a time: whoever reads slowly holds
//! up nobody but themselves, and not for long.

use std::collections::BTreeMap;
use std::io;

use replicator::Command;
use replicator::engine::{Confirmation, Doubt, Which};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::told::{self, Answer, Fault, Line, Reloaded, Request};
use super::{PATIENCE, REQUEST};
use console::shown::convert;

/// What is written at once: as much as the socket takes without waiting, about.
const PIECE: usize = 64 * 1_024;

/// The order to read the configuration again, and where to say what came of it.
pub type ReloadRequest = oneshot::Sender<Reloaded>;

/// Whom a request can be put through to.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The links by name; at least one.
    pub links: BTreeMap<String, mpsc::Sender<Command>>,
    /// Who reads the configuration again.
    pub reload: mpsc::Sender<ReloadRequest>,
}

/// Why a request is not done.
struct Refusal {
    kind: Fault,
    error: String,
}

impl Refusal {
    fn request(error: impl Into<String>) -> Self {
        Self { kind: Fault::Request, error: error.into() }
    }

    fn unavailable(error: &str) -> Self {
        Self { kind: Fault::Unavailable, error: error.to_owned() }
    }
}

/// Hears one request and answers it.
pub async fn talk(mut stream: UnixStream, desk: Desk) {
    let heard = match timeout(PATIENCE, hear(&mut stream)).await {
        Ok(heard) => heard,
        Err(_) => Err(Refusal::request("no request came")),
    };
    let mut answering = Answering { stream, piece: Vec::new(), lines: 0 };
    // Who does not wait for the answer does not want it.
    drop(answer(&mut answering, &desk, heard).await);
}

async fn answer(answering: &mut Answering, desk: &Desk, heard: Result<Request, Refusal>) -> io::Result<()> {
    let done = match heard {
        Ok(request) => perform(answering, desk, &request).await?,
        Err(refusal) => Err(refusal),
    };
    let last = match done {
        Ok(()) => Line::Complete { lines: answering.lines },
        Err(Refusal { kind, error }) => Line::Failed { kind, error },
    };
    answering.say(&last).await?;
    answering.flush().await
}

/// Does what is asked. The outer error is the socket's.
async fn perform(answering: &mut Answering, desk: &Desk, request: &Request) -> io::Result<Result<(), Refusal>> {
    let agents = match agents_asked_for(request) {
        Ok(agents) => agents,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match request.command {
        told::Command::Confirm => match desk.the_one(request) {
            Ok(commands) => told(answering, Ok(Line::Confirmation(confirm(commands).await))).await,
            Err(refusal) => Ok(Err(refusal)),
        },
        told::Command::Reload if request.link.is_some() => {
            Ok(Err(Refusal::request("a reload is of the whole configuration, not of one link")))
        }
        told::Command::Reload => told(answering, desk.reload().await.map(Line::Reloaded)).await,
        told::Command::Catalogue => match desk.the_one(request) {
            Ok(commands) => catalogue(answering, commands).await,
            Err(refusal) => Ok(Err(refusal)),
        },
        told::Command::Report | told::Command::Agents => match desk.meant(request) {
            Ok(links) => {
                for (name, commands) in links {
                    link(answering, name, commands, agents).await?;
                    // The next link may take its time.
                    answering.flush().await?;
                }
                Ok(Ok(()))
            }
            Err(refusal) => Ok(Err(refusal)),
        },
    }
}

/// Which agents are asked for, if any are.
fn agents_asked_for(request: &Request) -> Result<Option<Which>, Refusal> {
    match (request.command, request.only, request.at_most) {
        (told::Command::Agents, Some(told::Only::NotInStep), at_most) => {
            Ok(Some(Which::NotInStep { at_most: at_most.unwrap_or(usize::MAX) }))
        }
        (told::Command::Agents, None, None) => Ok(Some(Which::All)),
        (told::Command::Agents, None, Some(_)) => Err(Refusal::request("\"at_most\" goes with \"only\"")),
        (_, None, None) => Ok(None),
        (command, _, _) => {
            let problem = format!("\"only\" and \"at_most\" are about agents, not for {:?}", command.name());
            Err(Refusal::request(problem))
        }
    }
}

async fn told(answering: &mut Answering, line: Result<Line, Refusal>) -> io::Result<Result<(), Refusal>> {
    match line {
        Ok(line) => answering.say(&line).await.map(Ok),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// How a link stands, and its agents, if they are asked for. A link that cannot say is no reason to keep silent about
/// the others.
async fn link(
    answering: &mut Answering,
    name: &str,
    commands: &mpsc::Sender<Command>,
    agents: Option<Which>,
) -> io::Result<()> {
    let asked = async {
        let report = ask(commands, Command::Report).await?;
        let agents = match agents {
            Some(which) => ask(commands, |told| Command::Agents(which, told)).await?,
            None => Vec::new(),
        };
        Ok((report, agents))
    };
    match asked.await {
        Ok((report, agents)) => {
            answering.say(&Line::Link(Box::new(convert::link(name, &report)))).await?;
            for agent in agents {
                answering.say(&Line::Agent(Box::new(convert::agent(agent)))).await?;
            }
            Ok(())
        }
        Err(Refusal { error, .. }) => {
            let silent = convert::silent(name, error);
            answering.say(&Line::Link(Box::new(silent))).await
        }
    }
}

async fn catalogue(answering: &mut Answering, commands: &mpsc::Sender<Command>) -> io::Result<Result<(), Refusal>> {
    match ask(commands, Command::Catalogue).await {
        Ok(catalogue) if catalogue.is_empty() => {
            Ok(Err(Refusal::unavailable("PureConnect has not told its status messages yet")))
        }
        Ok(catalogue) => {
            for message in catalogue.iter() {
                answering.say(&Line::StatusMessage(convert::status_message(message))).await?;
            }
            Ok(Ok(()))
        }
        Err(refusal) => Ok(Err(refusal)),
    }
}

impl Desk {
    /// The links that are meant: the named one, or all.
    fn meant(&self, request: &Request) -> Result<Vec<(&str, &mpsc::Sender<Command>)>, Refusal> {
        let all = || self.links.iter().map(|(name, commands)| (name.as_str(), commands));
        match &request.link {
            None => Ok(all().collect()),
            Some(wanted) => {
                let found: Vec<_> = all().filter(|(name, _)| name == wanted).collect();
                if found.is_empty() {
                    return Err(Refusal::request(format!("there is no link {wanted:?}; there is {}", self.names())));
                }
                Ok(found)
            }
        }
    }

    /// The link that is meant, where it can be one only.
    fn the_one(&self, request: &Request) -> Result<&mpsc::Sender<Command>, Refusal> {
        match self.meant(request)?.as_slice() {
            [(_, one)] => Ok(*one),
            [] => Err(Refusal::unavailable("no link runs")),
            [_, _, ..] => Err(Refusal::request(format!("which link? name one of {}", self.names()))),
        }
    }

    fn names(&self) -> String {
        self.links.keys().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
    }

    /// Not to be hurried: it reads files and asks every link.
    async fn reload(&self) -> Result<Reloaded, Refusal> {
        let (told, outcome) = oneshot::channel();
        let asked = async {
            self.reload.send(told).await.ok()?;
            outcome.await.ok()
        };
        match timeout(PATIENCE * 2, asked).await {
            Ok(Some(reloaded)) => Ok(reloaded),
            Ok(None) => Err(Refusal::unavailable("the bridge is stopping")),
            Err(_) => {
                Err(Refusal::unavailable("the configuration is still being read; its log will say what came of it"))
            }
        }
    }
}

/// Asks a link's loop.
async fn ask<T>(
    commands: &mpsc::Sender<Command>,
    command: impl FnOnce(oneshot::Sender<T>) -> Command,
) -> Result<T, Refusal> {
    let (told, answered) = oneshot::channel();
    let asked = async {
        commands.send(command(told)).await.ok()?;
        answered.await.ok()
    };
    match timeout(PATIENCE, asked).await {
        Ok(Some(answer)) => Ok(answer),
        Ok(None) => Err(Refusal::unavailable("this link does not run at the moment")),
        Err(_) => Err(Refusal::unavailable("this link is still connecting")),
    }
}

async fn confirm(commands: &mpsc::Sender<Command>) -> Answer {
    match ask(commands, Command::Confirm).await {
        Ok(Confirmation::NothingFrozen) => Answer::NothingFrozen,
        Ok(Confirmation::Confirmed(doubt)) => Answer::Confirmed { doubt: doubt.to_string() },
        Ok(Confirmation::NotConfirmable(doubt)) => {
            Answer::NotConfirmable { doubt: doubt.to_string(), advice: advice(&doubt).to_owned() }
        }
        Err(Refusal { error, .. }) => Answer::Failed { error },
    }
}

/// What ends a doubt that no word of an operator can end.
fn advice(doubt: &Doubt) -> &'static str {
    match doubt {
        Doubt::NoCatalogue => {
            "without status messages no status can be mapped: give the bridge's user in PureConnect the right to view \
             them (Access Control, Status Messages); delivery goes on with the next good snapshot"
        }
        Doubt::FewerAgents { .. }
        | Doubt::MissingStatuses { .. }
        | Doubt::OlderStatuses { .. }
        | Doubt::OlderThanTold { .. }
        | Doubt::UnknownStatuses { .. }
        | Doubt::OfflineWave { .. } => {
            "PureConnect shows nothing that could be delivered: see why in its log; delivery goes on with the next good \
             snapshot"
        }
    }
}

async fn hear(stream: &mut UnixStream) -> Result<Request, Refusal> {
    let mut line = String::new();
    let heard = BufReader::new(stream.take(REQUEST as u64)).read_line(&mut line).await;
    match heard {
        Ok(_) if line.ends_with('\n') => parse(line.trim_end()),
        Ok(REQUEST) => Err(Refusal::request(format!("the request is longer than {REQUEST} bytes"))),
        Ok(_) => Err(Refusal::request("the request ended before its line did")),
        Err(error) => Err(Refusal::request(format!("failed to read the request: {error}"))),
    }
}

fn parse(line: &str) -> Result<Request, Refusal> {
    let request: serde_json::Value =
        serde_json::from_str(line).map_err(|error| Refusal::request(format!("the request is not JSON: {error}")))?;
    let Some(name) = request.get("command").and_then(serde_json::Value::as_str) else {
        return Err(Refusal::request("the request names no command"));
    };
    let names = told::Command::ALL.map(told::Command::name);
    if !names.contains(&name) {
        return Err(Refusal::request(format!("unknown command; this bridge knows {}", names.join(", "))));
    }
    serde_json::from_value(request).map_err(|error| Refusal::request(format!("not a request: {error}")))
}

/// An answer on its way out.
struct Answering {
    stream: UnixStream,
    piece: Vec<u8>,
    lines: u64,
}

impl Answering {
    /// Adds a line, and writes when a piece is full.
    async fn say(&mut self, line: &Line) -> io::Result<()> {
        serde_json::to_writer(&mut self.piece, line)?;
        self.piece.push(b'\n');
        self.lines += 1;
        if self.piece.len() >= PIECE { self.flush().await } else { Ok(()) }
    }

    /// Writes what there is; whoever does not take it in time is left.
    async fn flush(&mut self) -> io::Result<()> {
        timeout(PATIENCE, self.stream.write_all(&self.piece)).await??;
        self.piece.clear();
        Ok(())
    }
}
