//! What goes wrong with PureConnect: a variant per operation that failed, and what follows from it.
//!
//! No variant carries a body, a URL, a cookie, a token or the password.

use std::error::Error as StdError;
use std::time::Duration;

use domain::source::Release;
use jiff::Timestamp;
use replicator::ports::{FailureKind, SourceFailure};
use reqwest::StatusCode;
use thiserror::Error;

use crate::convert::Refusal;
use crate::request::LOG_ON;

/// What went wrong.
#[derive(Debug, Error)]
pub(crate) enum Error {
    /// Nothing came back.
    #[error("failed to {operation} at {base}")]
    NoAnswer {
        host: String,
        /// The base URL.
        base: String,
        operation: &'static str,
        #[source]
        cause: reqwest::Error,
    },
    /// It took too long.
    #[error("failed to {operation} at {host}: no answer within {after:?}")]
    TooSlow { host: String, operation: &'static str, after: Duration },
    /// The server's certificate is not trusted.
    #[error("the certificate of {host} is not trusted ({why}); its SHA-256 fingerprint is {fingerprint}")]
    Untrusted { host: String, why: String, fingerprint: String },
    /// A status that is no success.
    #[error("{host} refused to {operation} with {status}{}", told(.refusal))]
    Refused { host: String, operation: &'static str, status: StatusCode, refusal: Box<Refusal> },
    /// The session is over: 401 in a session.
    #[error("{host} does not know the session any more (asked to {operation})")]
    SessionGone { host: String, operation: &'static str },
    /// Something answers that is not PureConnect.
    #[error("{host} does not speak ICWS: {found}")]
    NotIcws { host: String, found: String },
    /// A release from before this replication.
    #[error("{host} runs PureConnect {release}; {} or later is needed", Release::FIRST_SUPPORTED)]
    TooOld { host: String, release: Release },
    /// User or password are wrong.
    #[error("{host} does not accept the password of user {user}, or does not know the user")]
    WrongPassword { host: String, user: String, refusal: Box<Refusal> },
    /// A right is missing without which nothing works.
    #[error("{host} does not let user {user} {operation}")]
    Forbidden { host: String, user: String, operation: &'static str },
    /// No host took the logon.
    #[error("no host accepts a logon; tried {tried}")]
    NoHost { tried: String },
    /// A body or message that does not decode.
    #[error("failed to read the {what} of {host}: {problem}")]
    Malformed { host: String, what: &'static str, problem: String },
    /// A body or message beyond the limit.
    #[error("the {what} of {host} is larger than {limit} bytes")]
    TooLarge { host: String, what: &'static str, limit: usize },
    /// A list that has no end.
    #[error("the list of {host} has more than {limit} pages (asked to {operation})")]
    Endless { host: String, operation: &'static str, limit: usize },
    /// The stream ended.
    #[error("{host} closed the message stream")]
    StreamClosed { host: String },
    /// The stream broke.
    #[error("the message stream of {host} broke: {problem}")]
    StreamBroken {
        host: String,
        problem: String,
        /// When something came last, by our clock.
        heard: Timestamp,
    },
    /// The stream has been silent, without even a ping.
    #[error("the message stream of {host} was silent for {after:?}")]
    Silent {
        host: String,
        after: Duration,
        /// When something came last, by our clock.
        heard: Timestamp,
    },
    /// The server says that the session is down.
    #[error("{host} ended the session: {reason}")]
    Down {
        host: String,
        reason: String,
        /// Whether it wants us back.
        again: bool,
    },
    /// Subscriptions did not answer.
    #[error("{host} did not report its {missing} within {after:?}")]
    Incomplete { host: String, missing: String, after: Duration },
}

fn told(refusal: &Refusal) -> String {
    let id = if refusal.id.is_empty() { &refusal.code } else { &refusal.id };
    match (refusal.message.is_empty(), id.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!(" ({id})"),
        (false, true) => format!(": {}", refusal.message),
        (false, false) => format!(": {} ({id})", refusal.message),
    }
}

impl Error {
    /// A document that could not be read. Only where, not what: it may hold personal data.
    pub(crate) fn malformed(host: &str, what: &'static str, error: &serde_json::Error) -> Self {
        let problem = format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column());
        Self::Malformed { host: host.to_owned(), what, problem: problem.to_lowercase() }
    }

    /// The kind of mistake that no retry mends; `None` when time may.
    pub(crate) fn fatal(&self) -> Option<FailureKind> {
        match self {
            Self::Untrusted { .. } => Some(FailureKind::Configuration),
            Self::WrongPassword { .. } | Self::Forbidden { .. } => Some(FailureKind::NotAuthorized),
            Self::TooOld { .. } | Self::NotIcws { .. } => Some(FailureKind::Unsupported),
            Self::Refused { status, .. } => match status.as_u16() {
                400 | 401 | 403 | 407 => Some(FailureKind::NotAuthorized),
                404 | 405 | 410 | 501 => Some(FailureKind::Unsupported),
                _ => None,
            },
            Self::NoAnswer { .. }
            | Self::TooSlow { .. }
            | Self::SessionGone { .. }
            | Self::NoHost { .. }
            | Self::Malformed { .. }
            | Self::TooLarge { .. }
            | Self::Endless { .. }
            | Self::StreamClosed { .. }
            | Self::StreamBroken { .. }
            | Self::Silent { .. }
            | Self::Down { .. }
            | Self::Incomplete { .. } => None,
        }
    }

    /// Whether only a person can mend it.
    pub(crate) fn needs_a_person(&self) -> bool {
        match self {
            Self::Untrusted { .. } | Self::WrongPassword { .. } | Self::Forbidden { .. } | Self::TooOld { .. } => true,
            Self::Refused { operation, .. } => *operation == LOG_ON && self.fatal().is_some(),
            // A proxy says strange things while the server behind it is being switched over.
            Self::NotIcws { .. }
            | Self::NoAnswer { .. }
            | Self::TooSlow { .. }
            | Self::SessionGone { .. }
            | Self::NoHost { .. }
            | Self::Malformed { .. }
            | Self::TooLarge { .. }
            | Self::Endless { .. }
            | Self::StreamClosed { .. }
            | Self::StreamBroken { .. }
            | Self::Silent { .. }
            | Self::Down { .. }
            | Self::Incomplete { .. } => false,
        }
    }

    /// Whether trying again soon does harm: it locks the account, or throws out whoever is wanted instead of us.
    pub(crate) fn is_harmed_by_insisting(&self) -> bool {
        match self {
            Self::Down { again, .. } => !again,
            // A handshake or a question for the version locks nothing.
            Self::Untrusted { .. } | Self::TooOld { .. } => false,
            other => other.needs_a_person(),
        }
    }

    /// Whether only the stream is gone, so that the session may be worth another one.
    pub(crate) fn is_of_stream(&self) -> bool {
        matches!(self, Self::StreamClosed { .. } | Self::StreamBroken { .. } | Self::Silent { .. })
    }

    /// Whether the server has forgotten the session already, so that there is nothing to log off from.
    pub(crate) fn ends_session(&self) -> bool {
        matches!(self, Self::SessionGone { .. } | Self::Down { .. })
    }

    /// The status that was answered, if one was.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(status.as_u16()),
            _ => None,
        }
    }

    /// Where the server sends us instead.
    pub(crate) fn alternates(&self) -> &[String] {
        match self {
            Self::Refused { status, refusal, .. } if status.as_u16() == 503 => &refusal.alternates,
            _ => &[],
        }
    }

    /// When the server was last heard of, where that was noticed later.
    pub(crate) fn heard(&self) -> Option<Timestamp> {
        match self {
            Self::StreamBroken { heard, .. } | Self::Silent { heard, .. } => Some(*heard),
            _ => None,
        }
    }

    /// What to check.
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Self::NoAnswer { .. } | Self::TooSlow { .. } => {
                "check host name, port (8018 for http, 8019 for https), firewall and that the session manager runs"
            }
            Self::Untrusted { .. } => {
                "either name the certificate authority with `ca_file`, or pin this certificate with \
                 `fingerprint_sha256`, or, for a trial only, set `danger_accept_invalid_certificates`"
            }
            Self::NotIcws { .. } => "check `base_url`: it has to lead to the ICWS port of a CIC server or its proxy",
            Self::TooOld { .. } => "upgrade PureConnect",
            Self::WrongPassword { .. } => "check user and password, and that the account is not locked or expired",
            Self::Forbidden { .. } => {
                "give the service user the access control rights (View) for users, user queues, workgroups and status \
                 columns in Interaction Administrator"
            }
            Self::Refused { .. } | Self::NoHost { .. } => {
                "check the licence I3_FEATURE_ICWS_SDK, the service user's rights and which server is active"
            }
            Self::Malformed { .. } | Self::TooLarge { .. } | Self::Endless { .. } => {
                "check what is between this computer and PureConnect"
            }
            Self::SessionGone { .. }
            | Self::StreamClosed { .. }
            | Self::StreamBroken { .. }
            | Self::Silent { .. }
            | Self::Down { .. }
            | Self::Incomplete { .. } => "check the session manager's log and any proxy's buffering and time-outs",
        }
    }

    /// The end of a start.
    pub(crate) fn into_failure(self, kind: FailureKind) -> SourceFailure {
        let message = format!("{}; {}", chain(&self), self.advice());
        // The message holds the whole chain already.
        SourceFailure { kind, message, cause: None }
    }
}

/// An error and everything behind it, in one line.
pub(crate) fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

/// A configuration that cannot work.
pub(crate) fn misconfigured(message: String, cause: Option<Box<dyn StdError + Send + Sync>>) -> SourceFailure {
    SourceFailure { kind: FailureKind::Configuration, message, cause }
}
