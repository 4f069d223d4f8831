//! One channel, and the task that owns it: makes it, subscribes it, listens, and says so when it is gone.
//!
//! Knows when the same channel can be used again and when a new one is needed. Does not try again by itself: whoever
//! subscribes decides when. Only where the server announces that it goes away is the socket moved without a word.

use std::future::pending;
use std::time::Duration;

use domain::ids::CloudUserId;
use domain::target::Observation;
use replicator::ports::{Answer, Failure, FeedEvent};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Shared;
use super::notification::{self, Notice};
use super::socket::{Ended, Socket, Unopened, secrets};
use crate::client::{Spent, hide};
use crate::error::{Trouble, shorten};
use crate::wire::{self, ChannelTopic, ChannelTopicListing, NewTopic};

const CHANNELS: [&str; 2] = ["notifications", "channels"];

/// How long the old socket is listened to after the new one is open: the platform closes it at once.
const FAREWELL: Duration = Duration::from_secs(2);

/// A question to the owner of a channel.
pub(super) struct Ask {
    pub(super) users: Vec<CloudUserId>,
    pub(super) reply: oneshot::Sender<Answer<()>>,
}

/// The owner of a channel.
pub(super) struct Keeper {
    number: usize,
    shared: Shared,
    asks: mpsc::Receiver<Ask>,
    events: mpsc::Sender<FeedEvent>,
    channel: Option<Channel>,
    socket: Option<Socket>,
    /// Whether somebody relies on the channel.
    subscribed: bool,
    /// How many users were not permitted when last subscribed.
    rejected: usize,
    /// That the channel is gone, until there is room to say so.
    lost: Option<String>,
    /// Whether there was no room for the last hint.
    crowded: bool,
}

/// A channel of the platform. Whoever knows its id or its address may listen.
pub(crate) struct Channel {
    id: SecretString,
    uri: SecretString,
}

/// Why a channel cannot be subscribed.
enum Halt {
    /// It does not exist any more; another one will do.
    Gone(String),
    Failed(Failure),
}

enum Happened {
    Asked(Option<Ask>),
    Room,
    Heard(Result<Utf8Bytes, Ended>),
}

impl Keeper {
    pub(super) fn new(
        number: usize,
        shared: Shared,
        asks: mpsc::Receiver<Ask>,
        events: mpsc::Sender<FeedEvent>,
    ) -> Self {
        let (channel, socket, lost) = (None, None, None);
        Self { number, shared, asks, events, channel, socket, subscribed: false, rejected: 0, lost, crowded: false }
    }

    pub(super) async fn run(mut self, stop: CancellationToken) {
        loop {
            let happened = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                ask = self.asks.recv() => Happened::Asked(ask),
                room = self.events.reserve(), if self.lost.is_some() => {
                    if let (Ok(room), Some(reason)) = (room, self.lost.take()) {
                        room.send(FeedEvent::Lost { channel: self.number, reason });
                    }
                    Happened::Room
                }
                heard = hear(&mut self.socket) => Happened::Heard(heard),
            };
            let handled = async {
                match happened {
                    Happened::Asked(Some(ask)) => self.handle_asked(ask).await,
                    Happened::Heard(Ok(text)) => self.handle_text(&text).await,
                    Happened::Heard(Err(ended)) => self.handle_ended(ended).await,
                    Happened::Room => {}
                    Happened::Asked(None) => return false,
                }
                true
            };
            let goes_on = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                goes_on = handled => goes_on,
            };
            if !goes_on {
                break;
            }
        }
        if let Some(socket) = self.socket {
            socket.close().await;
        }
    }

    async fn handle_asked(&mut self, ask: Ask) {
        let mut spent = Spent::default();
        let result = self.subscribe(&ask.users, &mut spent).await;
        if result.is_ok() {
            // Whatever was not yet said to be lost is there again.
            self.lost = None;
            self.subscribed = !ask.users.is_empty();
            tracing::debug!(channel = self.number, users = ask.users.len(), "subscribed to notifications");
        }
        // Whoever asked may have gone, which is no loss.
        let _ = ask.reply.send(spent.answer(result));
    }

    async fn subscribe(&mut self, users: &[CloudUserId], spent: &mut Spent) -> Result<(), Failure> {
        if users.is_empty() {
            self.subscribed = false;
            self.leave(String::new()).await;
            return Ok(());
        }
        let had = self.channel.is_some();
        let mut result = self.attempt(users, spent).await;
        if let (Err(Halt::Gone(reason)), true) = (&result, had) {
            let reason = reason.clone();
            tracing::debug!(channel = self.number, reason, "the notification channel is gone; making a new one");
            self.leave(reason).await;
            result = self.attempt(users, spent).await;
        }
        match result {
            Ok(()) => Ok(()),
            Err(Halt::Failed(failure)) => Err(failure),
            Err(Halt::Gone(reason)) => {
                self.leave(reason.clone()).await;
                Err(Failure::Unavailable { reason, maybe_applied: false })
            }
        }
    }

    /// Listens before it subscribes, so that nothing happens between the two.
    async fn attempt(&mut self, users: &[CloudUserId], spent: &mut Spent) -> Result<(), Halt> {
        let channel = match &mut self.channel {
            Some(channel) => channel,
            none => none.insert(create(&self.shared, spent).await?),
        };
        if self.socket.is_none() {
            self.socket = Some(channel.open(&self.shared).await?);
        }
        let topics: Vec<NewTopic> = users.iter().copied().map(topic).collect();
        let id = channel.id.expose_secret();
        let path = [CHANNELS[0], CHANNELS[1], id, "subscriptions"];
        // One user who left the organisation, or may not be seen, must not take the others' notifications away.
        let query = [("ignoreErrors", "true")];
        let reply = self.shared.client.put_secretly::<ChannelTopicListing>(&path, &query, &topics, id).await;
        spent.add(reply.spent);
        let listing = reply.result.map_err(Halt::of)?;
        let rejected: Vec<ChannelTopic> =
            listing.entities.into_iter().flatten().filter(ChannelTopic::is_rejected).collect();
        match rejected.first() {
            Some(first) if rejected.len() >= users.len() => return Err(Halt::Failed(first.failure())),
            Some(first) if rejected.len() != self.rejected => tracing::warn!(
                channel = self.number,
                users = rejected.len(),
                cause = %first.failure(),
                "some users cannot be subscribed to; their changes are found by reading back"
            ),
            Some(_) | None => {}
        }
        self.rejected = rejected.len();
        Ok(())
    }

    async fn handle_text(&mut self, text: &str) {
        match notification::read(text, &self.shared.ours, &self.shared.logged) {
            Notice::Shown(seen) => self.tell(seen),
            Notice::Closing => self.move_socket().await,
            Notice::Ended(reason) => self.handle_ended(Ended { reason, for_good: true }).await,
            Notice::Nothing => {}
        }
    }

    async fn handle_ended(&mut self, ended: Ended) {
        self.part(&ended.reason).await;
        if ended.for_good {
            self.channel = None;
        }
    }

    /// Gives the channel up.
    async fn leave(&mut self, reason: String) {
        self.part(&reason).await;
        self.channel = None;
    }

    /// Gives the socket up, and remembers to say so to whoever relied on it.
    async fn part(&mut self, reason: &str) {
        let reason = match &self.channel {
            Some(channel) => channel.hide(reason),
            None => reason.to_owned(),
        };
        if let Some(socket) = self.socket.take() {
            socket.close().await;
        }
        if std::mem::take(&mut self.subscribed) {
            tracing::debug!(channel = self.number, reason, "the notification channel is lost");
            self.lost = Some(reason);
        }
    }

    /// Opens another socket of the same channel, which displaces the old one. Where that fails the old one is kept to
    /// its end.
    async fn move_socket(&mut self) {
        let Some(channel) = &self.channel else { return };
        let new = match channel.open(&self.shared).await {
            Ok(new) => new,
            Err(halt) => {
                tracing::debug!(channel = self.number, reason = halt.reason(), "the socket could not be moved");
                return;
            }
        };
        let Some(mut old) = self.socket.replace(new) else { return };
        // What the old one still has to say was said before anything that the new one says.
        let farewell = Instant::now() + FAREWELL;
        while let Ok(Ok(text)) = timeout_at(farewell, old.next()).await {
            if let Notice::Shown(seen) = notification::read(&text, &self.shared.ours, &self.shared.logged) {
                self.tell(seen);
            }
        }
        old.close().await;
    }

    /// Passes a hint on; one for which there is no room is let go.
    fn tell(&mut self, seen: Observation) {
        let told = self.events.try_send(FeedEvent::Shown(seen));
        let crowded = matches!(told, Err(TrySendError::Full(_)));
        if crowded && !self.crowded {
            tracing::warn!(channel = self.number, "notifications come faster than they are dealt with");
        }
        self.crowded = crowded;
    }
}

/// What the socket says next; nothing ever where there is none.
async fn hear(socket: &mut Option<Socket>) -> Result<Utf8Bytes, Ended> {
    match socket {
        Some(socket) => socket.next().await,
        None => pending().await,
    }
}

/// All three facets in one topic; what comes are the ordinary topics.
fn topic(user: CloudUserId) -> NewTopic {
    NewTopic { id: format!("v2.users.{user}?presence&routingStatus&outofoffice") }
}

async fn create(shared: &Shared, spent: &mut Spent) -> Result<Channel, Halt> {
    let reply = shared.client.post_nothing::<wire::Channel>(&CHANNELS).await;
    spent.add(reply.spent);
    let wire = reply.result.map_err(|trouble| Halt::Failed(trouble.failure))?;
    usable(wire, shared.plain).map_err(|reason| Halt::Failed(Failure::Unavailable { reason, maybe_applied: true }))
}

/// The channel that was made, or why it is of no use.
pub(crate) fn usable(wire: wire::Channel, plain: bool) -> Result<Channel, String> {
    let (id, uri) = (wire.id.unwrap_or_default(), wire.connect_uri.unwrap_or_default());
    // As it is written in paths: nothing that would have to be written in another way there, and be hidden in two.
    let speakable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if id.is_empty() || !id.chars().all(speakable) {
        return Err("a notification channel without an id that can be used".to_owned());
    }
    let parsed = Url::parse(&uri).map_err(|_| "a notification channel without an address".to_owned())?;
    match parsed.scheme() {
        "wss" => {}
        "ws" if plain => {}
        "ws" => return Err("a notification channel whose address is not encrypted".to_owned()),
        _ => return Err("a notification channel whose address is no WebSocket's".to_owned()),
    }
    if parsed.host_str().is_none() {
        return Err("a notification channel whose address has no host".to_owned());
    }
    Ok(Channel { id: id.into(), uri: uri.into() })
}

impl Channel {
    async fn open(&self, shared: &Shared) -> Result<Socket, Halt> {
        let uri = Url::parse(self.uri.expose_secret()).expect("it was parsed when the channel was made");
        Socket::open(&shared.client.http, &uri).await.map_err(|unopened| match unopened {
            Unopened::Gone(reason) => Halt::Gone(reason),
            Unopened::Failed(failure) => Halt::Failed(failure),
        })
    }

    /// The text without what nobody else may know.
    fn hide(&self, text: &str) -> String {
        let uri = Url::parse(self.uri.expose_secret()).expect("it was parsed when the channel was made");
        let mut secrets = secrets(&uri);
        secrets.push(self.id.expose_secret());
        hide(text, &secrets)
    }
}

impl Halt {
    fn of(trouble: Trouble) -> Self {
        let is_gone =
            trouble.is_not_found() || trouble.code.as_deref() == Some("notification.unable.to.get.channel.id");
        if is_gone { Self::Gone(trouble.reason().to_owned()) } else { Self::Failed(trouble.failure) }
    }

    fn reason(&self) -> String {
        match self {
            Self::Gone(reason) => reason.clone(),
            Self::Failed(failure) => failure.to_string(),
        }
    }
}

impl ChannelTopic {
    fn is_rejected(&self) -> bool {
        self.state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("rejected"))
    }

    fn failure(&self) -> Failure {
        let reason = shorten(self.rejection_reason.as_deref().unwrap_or("the topic was rejected, without a reason"));
        let missing: Vec<&str> =
            self.missing_permissions.iter().flat_map(|missing| missing.iter()).map(String::as_str).collect();
        if missing.is_empty() {
            return Failure::Refused { reason };
        }
        Failure::Unsupported { reason: shorten(&format!("{reason} (missing permissions: {})", missing.join(", "))) }
    }
}
