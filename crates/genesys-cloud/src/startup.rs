//! Connecting: asks for what is needed to work, waits out what is transient, and explains what is not.
//!
//! Knows how long to be patient and how to put a refusal into words that an operator can act on. Changes nothing in the
//! organisation; that is `sources`' business.

use std::time::Duration;

use domain::time::Instant;
use replicator::backoff::Backoff;
use replicator::ports::{Clock, Failure, FailureKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::{Client, Reply, Spent};
use crate::error::{ConnectFailure, Origin, Trouble};
use crate::wire::{Named, TokenInfo};

/// How long transient trouble is waited out: until one time for everything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    length: Duration,
    deadline: Instant,
}

impl Patience {
    /// From now on.
    pub(crate) fn begin(clock: &dyn Clock, length: Duration) -> Self {
        Self { length, deadline: clock.now().instant + length }
    }

    /// From now on, and not for longer than this.
    pub(crate) fn at_most(self, clock: &dyn Clock, length: Duration) -> Self {
        Self { deadline: self.deadline.min(clock.now().instant + length), ..self }
    }
}

/// One attempt to get ready with one token, made of many requests.
pub(crate) struct Startup<'a> {
    client: &'a Client,
    clock: &'a dyn Clock,
    patience: Patience,
    failures: u32,
    /// The OAuth client, as it is called in messages.
    whose: String,
    pub(crate) spent: Spent,
    pub(crate) notes: Vec<String>,
}

/// Why a request of the start has no answer.
#[derive(Debug)]
pub(crate) enum Halt {
    /// Patience has ended, with this.
    GaveUp(Trouble),
    /// No retry can help.
    Refused(Trouble),
}

impl Halt {
    /// What it was in the end.
    pub(crate) fn trouble(&self) -> &Trouble {
        match self {
            Self::GaveUp(trouble) | Self::Refused(trouble) => trouble,
        }
    }
}

/// The organisation, as far as it was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Organisation {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
}

impl Organisation {
    /// For people.
    pub(crate) fn shown(&self) -> String {
        let (name, id) = (self.name.as_deref().unwrap_or_default(), self.id.as_deref().unwrap_or_default());
        format!("\"{name}\" ({id})")
    }
}

impl<'a> Startup<'a> {
    /// `one_of_several`: whether messages have to say which OAuth client they are about.
    pub(crate) fn new(client: &'a Client, clock: &'a dyn Clock, patience: Patience, one_of_several: bool) -> Self {
        let named = || format!("the OAuth client \"{}\"", client.oauth_client);
        let whose = if one_of_several { named() } else { "the OAuth client".to_owned() };
        Self { client, clock, patience, failures: 0, whose, spent: Spent::default(), notes: Vec::new() }
    }

    /// The OAuth client, as it is called in messages.
    pub(crate) fn whose(&self) -> &str {
        &self.whose
    }

    /// The way to the API that is asked through.
    pub(crate) fn client(&self) -> &'a Client {
        self.client
    }

    /// Gets a token, if there is none yet.
    pub(crate) async fn token(&mut self) -> Result<(), Halt> {
        loop {
            let result = self.client.tokens.get(None).await.map(drop);
            if let Some(()) = self.settle(Reply { result, spent: Spent::default() }).await? {
                return Ok(());
            }
        }
    }

    /// Reads, and tries again while that can help.
    pub(crate) async fn get<T: DeserializeOwned>(
        &mut self,
        segments: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, Halt> {
        loop {
            let reply = self.client.get(segments, query).await;
            if let Some(result) = self.settle(reply).await? {
                return Ok(result);
            }
        }
    }

    /// Posts once; `None` when it failed in a way that may pass, after a pause. Whoever asks looks first whether it
    /// was done all the same.
    pub(crate) async fn post<T: DeserializeOwned>(
        &mut self,
        segments: &[&str],
        body: &impl Serialize,
    ) -> Result<Option<T>, Halt> {
        let reply = self.client.post(segments, body).await;
        self.settle(reply).await
    }

    /// Puts what may be put as often as one likes, and tries again while that can help.
    pub(crate) async fn put<T: DeserializeOwned>(
        &mut self,
        segments: &[&str],
        body: &impl Serialize,
    ) -> Result<T, Halt> {
        loop {
            let reply = self.client.put(segments, body).await;
            if let Some(result) = self.settle(reply).await? {
                return Ok(result);
            }
        }
    }

    /// Takes what came of a request: `None` when it may be repeated, after a pause.
    pub(crate) async fn settle<T>(&mut self, reply: Reply<T>) -> Result<Option<T>, Halt> {
        self.spent.add(reply.spent);
        match reply.result {
            Ok(answer) => Ok(Some(answer)),
            Err(trouble) if trouble.is_transient() => match self.pause(&trouble).await {
                true => Ok(None),
                false => Err(Halt::GaveUp(trouble)),
            },
            Err(trouble) => Err(Halt::Refused(trouble)),
        }
    }

    /// Waits before the next attempt; `false` when patience would end before.
    async fn pause(&mut self, trouble: &Trouble) -> bool {
        self.failures += 1;
        let wait = match &trouble.failure {
            Failure::Throttled { retry_after: Some(wait) } => *wait,
            _ => Backoff::SERVICE.wait(self.failures, fastrand::f64()),
        };
        let again = self.clock.now().instant + wait;
        if again > self.patience.deadline {
            return false;
        }
        if self.failures == 1 {
            let whom = self.whom(trouble);
            tracing::warn!(whom, cause = %trouble.failure, "Genesys Cloud does not answer yet; trying again");
        }
        self.clock.sleep_until(again).await;
        true
    }

    /// Whom the trouble came from.
    fn whom(&self, trouble: &Trouble) -> String {
        match trouble.origin {
            Origin::Api => format!("Genesys Cloud at {}", self.client.api),
            Origin::Login => format!("the login service of Genesys Cloud at {}", self.client.login),
        }
    }

    /// Puts into words why the start ends: what failed, and which permission it needs.
    pub(crate) fn explain(&self, halt: Halt, what: &str, permission: &str) -> ConnectFailure {
        let trouble = match halt {
            Halt::GaveUp(trouble) => return self.explain_silence(trouble),
            Halt::Refused(trouble) => trouble,
        };
        let (kind, message) = match trouble.origin {
            _ if trouble.untrusted => {
                let (whom, reason) = (self.whom(&trouble), trouble.reason());
                let advice = "set ca_file to the certificate of the authority that signed it";
                let message = format!("{whom} was not sent anything: {reason}; {advice}");
                (FailureKind::Configuration, message)
            }
            Origin::Login => self.explain_login(&trouble),
            Origin::Api => self.explain_api(&trouble, what, permission),
        };
        // The message says the reason already.
        ConnectFailure { kind, message, cause: None }
    }

    fn explain_silence(&self, trouble: Trouble) -> ConnectFailure {
        let (whom, seconds) = (self.whom(&trouble), self.patience.length.as_secs());
        ConnectFailure {
            kind: FailureKind::Unreachable,
            message: format!("no usable answer from {whom} within {seconds} seconds"),
            cause: Some(Box::new(trouble.failure)),
        }
    }

    fn explain_login(&self, trouble: &Trouble) -> (FailureKind, String) {
        let (whom, whose, reason) = (self.whom(trouble), &self.whose, trouble.reason());
        if trouble.is_misdirected() {
            let advice = "check the region or login_base_url";
            let message = format!("{whom} does not answer like one ({reason}); {advice}");
            return (FailureKind::Configuration, message);
        }
        let advice = "check client_id and the client secret, and that the client is active and its grant type is \
                      Client Credentials";
        (FailureKind::NotAuthorized, format!("{whom} did not accept {whose} ({reason}); {advice}"))
    }

    fn explain_api(&self, trouble: &Trouble, what: &str, permission: &str) -> (FailureKind, String) {
        let (whom, whose, reason) = (self.whom(trouble), &self.whose, trouble.reason());
        match &trouble.failure {
            Failure::Unauthorized { .. } => {
                let advice = "check that both URLs are of the same region, and which addresses the client allows";
                let message = format!("failed to {what}: {whom} did not accept the token ({reason}); {advice}");
                (FailureKind::NotAuthorized, message)
            }
            Failure::Unsupported { .. } => {
                let advice = format!("add it to a role of {whose}");
                let message = format!("failed to {what}: permission {permission} is missing ({reason}); {advice}");
                (FailureKind::NotAuthorized, message)
            }
            Failure::Refused { .. }
            | Failure::Throttled { .. }
            | Failure::Unavailable { .. }
            | Failure::Deferred { .. } => {
                let advice = "check that it is the Platform API of Genesys Cloud";
                let message = format!("failed to {what}: {whom} refused the request ({reason}); {advice}");
                (FailureKind::Unsupported, message)
            }
        }
    }

    /// The organisation that the OAuth client belongs to. Its id is asked for only where it matters.
    pub(crate) async fn organisation(&mut self, with_id: bool) -> Result<Organisation, Halt> {
        let organisation = |named: Named| Organisation { id: named.id, name: named.name };
        let mut found = match self.get::<TokenInfo>(&["tokens", "me"], &[]).await {
            Ok(info) => info.organization.map(organisation).unwrap_or_default(),
            Err(halt) => excuse(halt)?,
        };
        if found.name.is_none() || (with_id && found.id.is_none()) {
            let more = match self.get::<Named>(&["organizations", "me"], &[]).await {
                Ok(named) => organisation(named),
                Err(halt) => excuse(halt)?,
            };
            found = Organisation { id: found.id.or(more.id), name: found.name.or(more.name) };
        }
        Ok(found)
    }
}

/// Name and id are a comfort: whatever refuses them alone does not stop the start.
fn excuse(halt: Halt) -> Result<Organisation, Halt> {
    match halt {
        Halt::Refused(trouble) if matches!(trouble.status, Some(400 | 403 | 404)) && trouble.origin == Origin::Api => {
            Ok(Organisation::default())
        }
        halt => Err(halt),
    }
}
