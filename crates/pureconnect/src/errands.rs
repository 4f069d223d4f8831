//! What is asked of the server while its messages are listened to, one future each. Nothing is decided here.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::ids::AgentId;
use domain::source::StatusMessage;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use jiff::SignedDuration;
use replicator::ports::Clock;
use tokio::time::Instant;
use tracing::debug;

use crate::convert;
use crate::error::{Error, chain};
use crate::logon;
use crate::picture::UserPatch;
use crate::request::Request;
use crate::session::Session;
use crate::subscribe::{Asked, Asker};

/// What came of an errand.
pub(crate) enum Errand {
    /// Everything was asked for.
    Asked(Box<Asked>),
    /// The status messages, read again; `None` when the server would not.
    Catalogue(Option<Vec<StatusMessage>>),
    /// The users, read again; `None` when that failed.
    Users { list: Option<Vec<UserPatch>>, asked: Question },
    /// A sign of life was sent; whether another makes sense.
    Heartbeat { again: bool },
    /// How far the server's clock is from ours by now.
    Offset(SignedDuration),
}

/// When the users were asked for, and how much had been heard of them by then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    pub(crate) at: Instant,
    pub(crate) heard: u64,
}

/// Errands under way.
pub(crate) type Errands = FuturesUnordered<BoxFuture<'static, Result<Errand, Error>>>;

/// Reads the status messages again.
pub(crate) fn catalogue(session: Arc<Session>) -> BoxFuture<'static, Result<Errand, Error>> {
    async move {
        match session.ask(&Request::StatusMessages).await {
            Ok(reply) => convert::status_messages(&reply.body)
                .map(|list| Errand::Catalogue(Some(list)))
                .map_err(|error| Error::malformed(session.host(), "status messages", &error)),
            Err(error) if error.status().is_some_and(|status| status != 503) => {
                debug!(error = chain(&error), "failed to read the status messages again");
                Ok(Errand::Catalogue(None))
            }
            Err(error) => Err(error),
        }
    }
    .boxed()
}

/// Reads the users again. It is a safety net, so only the end of the session is an error.
pub(crate) fn users(
    asker: Asker,
    known: BTreeSet<AgentId>,
    asked: Question,
) -> BoxFuture<'static, Result<Errand, Error>> {
    async move {
        match asker.users_again(&known).await {
            Ok(list) => Ok(Errand::Users { list: Some(list), asked }),
            Err(error) if error.ends_session() => Err(error),
            Err(error) => {
                debug!(error = chain(&error), "failed to read the users again");
                Ok(Errand::Users { list: None, asked })
            }
        }
    }
    .boxed()
}

/// Measures the server's clock again: it may be put right at any time, and the times in messages jump with it.
pub(crate) fn clock(
    session: Arc<Session>,
    clock: Arc<dyn Clock>,
    known: SignedDuration,
) -> BoxFuture<'static, Result<Errand, Error>> {
    async move { Ok(Errand::Offset(logon::remeasured(&session.client, &session.place, &clock, known).await)) }.boxed()
}

/// Sends a sign of life. Newer servers only know it, and no source says what it is worth beside an open stream; so a
/// refusal ends it, and no answer says nothing.
pub(crate) fn heartbeat(session: Arc<Session>) -> BoxFuture<'static, Result<Errand, Error>> {
    async move {
        match session.ask(&Request::Heartbeat).await {
            Ok(_) | Err(Error::NoAnswer { .. } | Error::TooSlow { .. }) => Ok(Errand::Heartbeat { again: true }),
            Err(error) if matches!(error.status(), Some(400..=499 | 501)) => Ok(Errand::Heartbeat { again: false }),
            Err(error) if error.status() == Some(500) => Ok(Errand::Heartbeat { again: true }),
            Err(error) => Err(error),
        }
    }
    .boxed()
}
