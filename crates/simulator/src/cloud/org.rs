//! The task that owns the organisation, what can be asked of it, and the handle that tests and the demo hold.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::channels::Frame;
use super::command::Command;
use super::control;
use super::fault::Fault;
use super::request::Request;
use super::state::{Outcome, State};
use super::subscriptions;
use super::truth::Truth;

/// Requests that wait for the owner. Each waiting one belongs to an open connection, so that a short queue is enough;
/// a full one slows clients down, as a busy server does.
const WAITING: usize = 256;

/// The server was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the simulated organisation was stopped")]
pub struct Stopped;

/// What the owner is asked.
pub(super) enum Message {
    Request(Box<Request>, bool, oneshot::Sender<Outcome>),
    Truth(oneshot::Sender<Truth>),
    Inject(Fault, oneshot::Sender<()>),
    ClearFaults(oneshot::Sender<()>),
    Command(Command, oneshot::Sender<Result<Value, String>>),
    /// Whether a notification channel is there.
    HasChannel(String, oneshot::Sender<bool>),
    Attach(String, mpsc::Sender<Frame>, oneshot::Sender<Option<u64>>),
    Detach(String, u64),
    /// What a client said over its socket, and who waits for the answer to it.
    Say(String, String, oneshot::Sender<Option<String>>),
    /// Whether sockets stay silent.
    IsMuted(oneshot::Sender<bool>),
}

/// A handle of a simulated organisation, as long as its server runs.
#[derive(Clone)]
pub struct Org {
    owner: mpsc::Sender<Message>,
}

impl Org {
    /// Makes the handle, and the task's own end of it.
    pub(super) fn channel() -> (Self, mpsc::Receiver<Message>) {
        let (owner, inbox) = mpsc::channel(WAITING);
        (Self { owner }, inbox)
    }

    /// Asks the owner.
    pub(super) async fn ask<T>(&self, message: impl FnOnce(oneshot::Sender<T>) -> Message) -> Result<T, Stopped> {
        let (answer, answered) = oneshot::channel();
        self.owner.send(message(answer)).await.map_err(|_| Stopped)?;
        answered.await.map_err(|_| Stopped)
    }

    /// Tells the owner.
    pub(super) async fn tell(&self, message: Message) -> Result<(), Stopped> {
        self.owner.send(message).await.map_err(|_| Stopped)
    }

    /// What the organisation really holds and what really reached it.
    pub async fn truth(&self) -> Result<Truth, Stopped> {
        self.ask(Message::Truth).await
    }

    /// Plants a fault.
    pub async fn inject(&self, fault: Fault) -> Result<(), Stopped> {
        self.ask(|answer| Message::Inject(fault, answer)).await
    }

    /// Takes back the faults that have not struck yet.
    pub async fn clear_faults(&self) -> Result<(), Stopped> {
        self.ask(Message::ClearFaults).await
    }

    /// Carries out a command; `Err` inside when it names something that is not there.
    pub async fn command(&self, command: Command) -> Result<Result<Value, String>, Stopped> {
        self.ask(|answer| Message::Command(command, answer)).await
    }

    /// What the OAuth client may do from now on; `None` is everything.
    pub async fn set_permissions(&self, permissions: Option<BTreeSet<String>>) -> Result<(), Stopped> {
        self.command(Command::SetPermissions { permissions, client: None }).await.map(|_| ())
    }

    /// What the OAuth client may not do from now on, whatever else it may.
    pub async fn withhold(&self, permissions: &[&str]) -> Result<(), Stopped> {
        let permissions = permissions.iter().map(|&name| name.to_owned()).collect();
        self.command(Command::Withhold { permissions, client: None }).await.map(|_| ())
    }

    /// Every token given out so far stops working.
    pub async fn revoke_tokens(&self) -> Result<(), Stopped> {
        self.command(Command::RevokeTokens).await.map(|_| ())
    }

    /// Closes every notification socket.
    pub async fn close_sockets(&self, code: u16) -> Result<(), Stopped> {
        self.command(Command::CloseSockets { code }).await.map(|_| ())
    }

    /// Adds a user, whose e-mail may be missing or somebody else's too.
    pub async fn add_user(&self, id: Uuid, name: &str, email: Option<&str>, state: &str) -> Result<(), Stopped> {
        let command = Command::AddUser {
            id: Some(id),
            name: name.to_owned(),
            email: email.map(str::to_owned),
            state: Some(state.to_owned()),
        };
        self.command(command).await.map(|_| ())
    }
}

/// Owns the organisation until the server stops, or until nobody can ask any more.
pub(super) async fn own(mut state: State, mut inbox: mpsc::Receiver<Message>, stopped: CancellationToken) {
    while let Some(Some(message)) = stopped.run_until_cancelled(inbox.recv()).await {
        match message {
            Message::Request(request, held, answer) => reply(answer, state.handle(&request, held)),
            Message::Truth(answer) => reply(answer, control::truth(&state)),
            Message::Inject(fault, answer) => {
                state.faults.add(fault);
                reply(answer, ());
            }
            Message::ClearFaults(answer) => {
                state.faults.clear();
                reply(answer, ());
            }
            Message::Command(command, answer) => reply(answer, control::carry_out(&mut state, command)),
            Message::HasChannel(id, answer) => {
                let at: Timestamp = state.clock.utc();
                reply(answer, state.channels.has(&id, at));
            }
            Message::Attach(id, frames, answer) => reply(answer, state.channels.attach(&id, frames)),
            Message::Detach(id, number) => state.channels.detach(&id, number),
            Message::Say(id, text, answer) => {
                let at = state.clock.utc();
                reply(answer, subscriptions::say(&mut state, &id, &text, at));
            }
            Message::IsMuted(answer) => reply(answer, state.channels.muted),
        }
    }
}

/// Answers, unless nobody waits for it any more.
fn reply<T>(answer: oneshot::Sender<T>, value: T) {
    if answer.send(value).is_err() {
        tracing::debug!("whoever asked the organisation is gone");
    }
}
