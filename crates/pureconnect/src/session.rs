//! A session on one host: who we are there, and asking within it. It does not know how it was come by (`logon`) or what
//! it is used for.

use std::time::Duration;

use domain::source::Release;
use jiff::SignedDuration;
use reqwest::Response;
use tokio::time::timeout;
use tracing::debug;

use crate::client::{Client, Credentials, Place, Reply};
use crate::error::{Error, chain};
use crate::request::Request;

/// Logging off is a courtesy that must not delay anything for long.
const FAREWELL: Duration = Duration::from_secs(2);

/// A session.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) place: Place,
    pub(crate) credentials: Credentials,
    pub(crate) release: Release,
    /// Whether messages can come as server-sent events.
    pub(crate) can_stream: bool,
    /// The server's clock minus ours.
    pub(crate) offset: SignedDuration,
}

impl Session {
    /// The host, for people.
    pub(crate) fn host(&self) -> &str {
        &self.place.host
    }

    /// Asks within the session.
    pub(crate) async fn ask(&self, request: &Request<'_>) -> Result<Reply, Error> {
        self.client.ask(&self.place, Some(&self.credentials), request).await
    }

    /// Opens the stream of messages.
    pub(crate) async fn open(&self) -> Result<Response, Error> {
        self.client.open(&self.place, &self.credentials).await
    }

    /// Ends the session, if the server still cares.
    pub(crate) async fn log_off(&self) {
        match timeout(FAREWELL, self.ask(&Request::LogOff)).await {
            Ok(Ok(_)) => debug!(host = self.host(), "logged off from PureConnect"),
            Ok(Err(error)) => debug!(host = self.host(), error = chain(&error), "failed to log off from PureConnect"),
            Err(_) => debug!(host = self.host(), "logging off from PureConnect took too long"),
        }
    }
}
