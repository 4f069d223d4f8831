//! Ways into the decoders for those who feed them nonsense: the targets below `fuzz/`, and the test that replays their
//! corpus. They need no network and no server.
//!
//! No part of the program calls anything here, and what is here promises nothing to anybody else. It is public because
//! a fuzzing target is a crate of its own.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{AgentId, InteractionId};
use domain::source::{Interaction, Scope, Update};
use jiff::SignedDuration;
use reqwest::header::HeaderMap;

use crate::convert::{self, Content, Message};
use crate::gathering::{Fate, Gathering};
use crate::limits;
use crate::picture::Picture;
use crate::{stream as messages_of, wire};

/// What a stream of server-sent events held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framed {
    /// The messages, in order.
    pub messages: Vec<String>,
    /// What ended them before their time.
    pub problem: Option<String>,
}

/// Reads server-sent events that arrive in pieces of these sizes, again and again; a size of zero counts as one, and no
/// sizes mean all at once.
///
/// # Panics
/// When what was read is more than what was given, or depends on the pieces.
pub fn stream(bytes: &[u8], sizes: &[usize]) -> Framed {
    let whole = framed(vec![bytes.to_vec()]);
    let read: usize = whole.messages.iter().map(String::len).sum();
    assert!(read <= bytes.len(), "{read} bytes were read out of {}", bytes.len());
    if sizes.is_empty() {
        return whole;
    }
    let mut rest = bytes;
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, next) = rest.split_at((*size).clamp(1, rest.len()));
        pieces.push(piece.to_vec());
        rest = next;
    }
    let sliced = framed(pieces);
    // What is too large is noticed at the end of a piece, so in one piece nothing before it is read.
    if bytes.len() <= limits::BODY {
        assert_eq!(sliced, whole, "the pieces made a difference");
    }
    sliced
}

fn framed(pieces: Vec<Vec<u8>>) -> Framed {
    let (messages, end) = messages_of::frame(pieces);
    Framed { messages, problem: end.map(|error| error.to_string()) }
}

/// What came of a sequence of messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// How many messages were understood.
    pub understood: usize,
    /// How many were not.
    pub malformed: usize,
    /// How many changes they made.
    pub updates: usize,
    /// About how much memory the picture takes in the end.
    pub weight: usize,
}

/// Reads the lines of a text as messages or arrays of messages, each of them also as the answer to every request there
/// is, and puts a picture together out of them.
///
/// # Panics
/// When who hears all changes knows something else than the picture shows.
pub fn messages(text: &str) -> Read {
    let mut read = Read::default();
    let mut assembly = Assembly::new();
    for line in text.lines() {
        answers(line.as_bytes());
        let Ok(parts) = wire::split(line) else {
            read.malformed += 1;
            continue;
        };
        for part in parts {
            match convert::message(&part, SignedDuration::from_secs(1)) {
                Ok(message) => {
                    read.understood += 1;
                    read.updates += assembly.take_in(message, part.len());
                }
                Err(_) => read.malformed += 1,
            }
        }
    }
    read.weight = assembly.finish();
    read
}

/// Every answer, whatever it was asked for.
fn answers(body: &[u8]) {
    let headers = HeaderMap::new();
    let refusal = convert::refusal(body);
    assert!(refusal.message.chars().count() <= limits::SAID && refusal.alternates.len() <= limits::ALTERNATES);
    let _ = convert::version(body);
    let _ = convert::logged_on(&headers, body);
    let _ = convert::messaging(body);
    let _ = convert::server_time(body);
    let _ = convert::users(body);
    let _ = convert::workgroups(body);
    let _ = convert::has_feature_licence(body, "I3_FEATURE");
    let _ = convert::status_messages(body);
}

/// A picture, and somebody who hears what changes in it.
struct Assembly {
    picture: Picture,
    gathering: Gathering,
    heard: BTreeMap<(InteractionId, AgentId), Interaction>,
}

impl Assembly {
    fn new() -> Self {
        let mut picture = Picture::new(Scope::default());
        let watched = |users: &[&str]| users.iter().map(|id| AgentId::new(id)).collect::<BTreeSet<_>>();
        let layout = [("queues-0".to_owned(), watched(&["a", "b"])), ("queues-1".to_owned(), watched(&["c"]))];
        picture.set_layout(&layout.into());
        let now = tokio::time::Instant::now();
        let gathering = Gathering::new(now, std::time::Duration::from_secs(60), std::time::Duration::ZERO);
        Self { picture, gathering, heard: BTreeMap::new() }
    }

    fn take_in(&mut self, message: Message, bytes: usize) -> usize {
        match message {
            Message::Report { whole, content } => self.apply(whole, content, bytes),
            Message::Subscription { detail, .. } => {
                assert!(detail.chars().count() <= limits::SAID);
                0
            }
            Message::Down { reason, .. } => {
                assert!(reason.chars().count() <= limits::SAID);
                0
            }
            Message::Unknown { kind } => {
                assert!(kind.chars().count() <= limits::SAID);
                0
            }
            Message::Connection { .. } => 0,
        }
    }

    fn apply(&mut self, whole: bool, content: Content, bytes: usize) -> usize {
        let is_growth = !whole && self.picture.is_growth(&content);
        if self.gathering.fate(whole, &content, is_growth, tokio::time::Instant::now()) == Fate::Hold {
            self.gathering.hold(jiff::Timestamp::UNIX_EPOCH, content.clone(), bytes);
        }
        let updates = self.picture.apply(whole, content);
        let count = updates.len();
        updates.into_iter().for_each(|update| self.hear(update));
        count
    }

    fn hear(&mut self, update: Update) {
        match update {
            Update::Interaction(agent, interaction) => {
                self.heard.insert((interaction.id.clone(), agent), interaction);
            }
            Update::InteractionLeft(agent, id) => {
                self.heard.remove(&(id, agent)).expect("only what was there leaves");
            }
            Update::Catalogue(_)
            | Update::Workgroups(_)
            | Update::Agents(_)
            | Update::Rescoped(_)
            | Update::Status(..) => {}
        }
    }

    fn finish(self) -> usize {
        let lists = self.picture.lists();
        let shown: BTreeMap<_, _> =
            lists.interactions.into_iter().map(|(agent, shown)| ((shown.id.clone(), agent), shown)).collect();
        assert_eq!(shown, self.heard, "the changes do not add up to the picture");
        self.picture.unknown_statuses();
        self.picture.is_covered();
        let weight = self.picture.weight() + self.gathering.weight();
        self.gathering.into_held();
        weight
    }
}
