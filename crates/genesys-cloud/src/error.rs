//! What a refusal means, in one place: the table of statuses and codes (genesys-cloud.md §1.4), as reactions.
//!
//! Knows nothing of how answers arrive, and repeats nothing.

use std::time::Duration;

use replicator::ports::{Failure, FailureKind};
use thiserror::Error;

use crate::list::List;
use crate::wire::ErrorBody;

/// Why the organisation cannot be used as configured.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct ConnectFailure {
    /// Which kind of mistake, for the exit code.
    pub kind: FailureKind,
    /// What is wrong, where, and what to do. No secrets.
    pub message: String,
    /// What it was caused by.
    #[source]
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Who said no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The login service, which gives tokens.
    Login,
    /// The Platform API, or something on the way to it.
    Api,
}

/// Why a request has no answer, with what the few callers that look closer need.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    /// The reaction.
    pub(crate) failure: Failure,
    /// Who said no.
    pub(crate) origin: Origin,
    /// The status, when there was an answer.
    pub(crate) status: Option<u16>,
    /// The platform's code, when the answer had one.
    pub(crate) code: Option<String>,
    /// Whether the other side's certificate is not trusted, which no retry can mend.
    pub(crate) untrusted: bool,
}

impl Trouble {
    /// Whether the same request may succeed later without anybody's help.
    pub(crate) fn is_transient(&self) -> bool {
        if self.untrusted || self.is_misdirected() {
            return false;
        }
        match &self.failure {
            Failure::Throttled { .. } | Failure::Unavailable { .. } | Failure::Deferred { .. } => true,
            Failure::Refused { .. } | Failure::Unauthorized { .. } | Failure::Unsupported { .. } => false,
        }
    }

    /// Whether what answers is probably no login service at all. While running that may pass; when starting it is
    /// rather a mistake in the configuration.
    pub(crate) fn is_misdirected(&self) -> bool {
        let answered = matches!(self.failure, Failure::Unavailable { .. });
        self.is_login() && answered && matches!(self.status, Some(402..=406 | 410..=428 | 430..=499))
    }

    /// Whether the Platform API itself refused: something with its code, and not a page of something on the way.
    pub(crate) fn is_refusal(&self) -> bool {
        self.origin == Origin::Api
            && self.status.is_some_and(|status| (400..500).contains(&status))
            && self.code.is_some()
    }

    /// Whether the platform says that the thing asked for is not there.
    pub(crate) fn is_not_found(&self) -> bool {
        self.origin == Origin::Api && self.status == Some(404)
    }

    /// Whether the login service said it.
    pub(crate) fn is_login(&self) -> bool {
        self.origin == Origin::Login
    }

    /// The platform's words.
    pub(crate) fn reason(&self) -> &str {
        match &self.failure {
            Failure::Throttled { .. } => "throttled",
            Failure::Unavailable { reason, .. }
            | Failure::Deferred { reason }
            | Failure::Refused { reason }
            | Failure::Unauthorized { reason }
            | Failure::Unsupported { reason } => reason,
        }
    }
}

/// What to do about an answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The token is not accepted: get a new one and repeat, once.
    RenewToken {
        /// The platform's code and message.
        reason: String,
    },
    /// This is how it failed.
    Failed(Failure),
}

/// Waited after a 429 that does not say for how long: the length of the platform's window.
const WINDOW: Duration = Duration::from_secs(60);

/// Judges an answer of the Platform API whose status is not a success.
///
/// `wait` is what the answer's headers say about when to come back.
pub(crate) fn judge(status: u16, body: &ErrorBody, wait: Option<Duration>) -> Verdict {
    let reason = reason(status, body);
    let code = body.code.as_deref().unwrap_or_default();
    Verdict::Failed(match status {
        // Redirects are not followed: a token must not travel to wherever something on the way points.
        300..=399 | 407 => Failure::Unavailable { reason, maybe_applied: false },
        400 if code == "client.failed.request" => Failure::Unavailable { reason, maybe_applied: false },
        401 if code == "ip.not.authorized" => Failure::Unauthorized { reason },
        401 => return Verdict::RenewToken { reason },
        // Not the client but the user lacks something: the permission to be on queue.
        403 if code == "presence.not.authorized.update.on.queue" => Failure::Refused { reason },
        403 => Failure::Unsupported { reason },
        408 => Failure::Unavailable { reason, maybe_applied: true },
        409 if code == "presenceservice.conflict" || code == "request.conflict" => Failure::Deferred { reason },
        413 => Failure::Refused { reason: format!("too large: {reason}") },
        429 => Failure::Throttled { retry_after: Some(wait.unwrap_or(WINDOW)) },
        500..=599 => Failure::Unavailable { reason, maybe_applied: true },
        // 400 in general, 404, 409 in general, 415, and whatever the table does not list: as it is, never.
        _ => Failure::Refused { reason },
    })
}

/// The platform's code and message, for people; of a body that is not the platform's, the status alone.
fn reason(status: u16, body: &ErrorBody) -> String {
    let mut text = status.to_string();
    for part in [body.code.as_deref(), body.message.as_deref()].into_iter().flatten().filter(|part| !part.is_empty()) {
        text.push_str(if text.len() == 3 { " " } else { ": " });
        text.push_str(part);
    }
    let fields: Vec<&str> =
        body.details.iter().flat_map(List::iter).filter_map(|detail| detail.field_name.as_deref()).collect();
    if !fields.is_empty() {
        text.push_str(&format!(" (fields: {})", fields.join(", ")));
    }
    shorten(&text)
}

/// At most as much of a foreign text as belongs into a log line.
pub(crate) fn shorten(text: &str) -> String {
    const MOST: usize = 600;
    let mut short: String = text.chars().take(MOST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// An error and what caused it, in one line: a [`Failure`] has room for words only.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    shorten(&text)
}

#[cfg(test)]
mod tests;
