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

/// One attempt to get ready, made of many requests.
pub(crate) struct Startup<'a> {
    client: &'a Client,
    clock: &'a dyn Clock,
    patience: Duration,
    deadline: Instant,
    failures: u32,
    pub(crate) spent: Spent,
    pub(crate) notes: Vec<String>,
}

/// Why a request of the start has no answer.
#[derive(Debug)]
pub(crate) enum Halt {
    /// Patience has ended.
    GaveUp(ConnectFailure),
    /// No retry can help.
    Refused(Trouble),
}

impl<'a> Startup<'a> {
    pub(crate) fn new(client: &'a Client, clock: &'a dyn Clock, patience: Duration) -> Self {
        let deadline = clock.now().instant + patience;
        Self { client, clock, patience, deadline, failures: 0, spent: Spent::default(), notes: Vec::new() }
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

    async fn settle<T>(&mut self, reply: Reply<T>) -> Result<Option<T>, Halt> {
        self.spent.add(reply.spent);
        match reply.result {
            Ok(answer) => Ok(Some(answer)),
            Err(trouble) if trouble.is_transient() => {
                self.pause(&trouble).await.map_err(Halt::GaveUp)?;
                Ok(None)
            }
            Err(trouble) => Err(Halt::Refused(trouble)),
        }
    }

    async fn pause(&mut self, trouble: &Trouble) -> Result<(), ConnectFailure> {
        self.failures += 1;
        let whom = self.whom(trouble);
        let wait = match &trouble.failure {
            Failure::Throttled { retry_after: Some(wait) } => *wait,
            _ => Backoff::SERVICE.wait(self.failures, fastrand::f64()),
        };
        let again = self.clock.now().instant + wait;
        if again > self.deadline {
            return Err(ConnectFailure {
                kind: FailureKind::Unreachable,
                message: format!("no usable answer from {whom} within {} seconds", self.patience.as_secs()),
                cause: Some(Box::new(trouble.failure.clone())),
            });
        }
        if self.failures == 1 {
            tracing::warn!(whom, cause = %trouble.failure, "Genesys Cloud does not answer yet; trying again");
        }
        self.clock.sleep_until(again).await;
        Ok(())
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
            Halt::GaveUp(failure) => return failure,
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

    fn explain_login(&self, trouble: &Trouble) -> (FailureKind, String) {
        let (whom, reason) = (self.whom(trouble), trouble.reason());
        if trouble.is_misdirected() {
            let advice = "check the region or login_base_url";
            let message = format!("{whom} does not answer like one ({reason}); {advice}");
            return (FailureKind::Configuration, message);
        }
        let advice = "check client_id and the client secret, and that the client is active and its grant type is \
                      Client Credentials";
        (FailureKind::NotAuthorized, format!("{whom} did not accept the OAuth client ({reason}); {advice}"))
    }

    fn explain_api(&self, trouble: &Trouble, what: &str, permission: &str) -> (FailureKind, String) {
        let (whom, reason) = (self.whom(trouble), trouble.reason());
        match &trouble.failure {
            Failure::Unauthorized { .. } => {
                let advice = "check that both URLs are of the same region, and which addresses the client allows";
                let message = format!("failed to {what}: {whom} did not accept the token ({reason}); {advice}");
                (FailureKind::NotAuthorized, message)
            }
            Failure::Unsupported { .. } => {
                let advice = "add it to a role of the OAuth client";
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

    /// The name of the organisation that the OAuth client belongs to.
    pub(crate) async fn organisation(&mut self) -> Result<String, ConnectFailure> {
        let told = match self.get::<TokenInfo>(&["tokens", "me"], &[]).await {
            Ok(info) => info.organization.and_then(|organisation| organisation.name),
            Err(halt) => self.excuse(halt)?,
        };
        let name = match told {
            Some(name) => Some(name),
            None => match self.get::<Named>(&["organizations", "me"], &[]).await {
                Ok(organisation) => organisation.name,
                Err(halt) => self.excuse(halt)?,
            },
        };
        Ok(name.unwrap_or_else(|| {
            self.notes.push("the name of the organisation may not be read by this OAuth client".to_owned());
            "(unknown organisation)".to_owned()
        }))
    }

    /// A name is a comfort: whatever refuses it alone does not stop the start.
    fn excuse<T>(&self, halt: Halt) -> Result<Option<T>, ConnectFailure> {
        match halt {
            Halt::Refused(trouble)
                if matches!(trouble.status, Some(400 | 403 | 404)) && trouble.origin == Origin::Api =>
            {
                Ok(None)
            }
            halt => Err(self.explain(halt, "read the organisation", "")),
        }
    }
}
