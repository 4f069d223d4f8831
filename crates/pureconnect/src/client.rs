//! Sends requests, one attempt each, and looks at every status: the only place that talks HTTP.
//!
//! It knows the headers of ICWS, time limits and size limits. It does not know what an answer means.

use std::time::Duration;

use replicator::ports::SourceFailure;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, RANGE};
use reqwest::{Method, Response, StatusCode, redirect};
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

use crate::convert;
use crate::error::{Error, misconfigured};
use crate::limits;
use crate::request::Request;
use crate::tls;

/// Below the keep-alive of common servers, so that no request is written into a connection that is just being closed.
const IDLE_CONNECTION: Duration = Duration::from_secs(15);

/// Where a request goes.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The host, for people.
    pub(crate) host: String,
    /// The base URL.
    pub(crate) base: String,
}

/// What a session's requests carry.
pub(crate) struct Credentials {
    /// The session's id, a segment of every path.
    pub(crate) session: String,
    /// Goes back as it came.
    pub(crate) cookie: SecretString,
    /// Goes with every request but those for messages.
    pub(crate) csrf: SecretString,
}

/// A successful answer.
pub(crate) struct Reply {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// The HTTP client.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    language: HeaderValue,
    limit: Duration,
}

impl Client {
    /// `local` means that no proxy is used.
    pub(crate) fn new(tls: ClientConfig, local: bool, language: &str, limit: Duration) -> Result<Self, SourceFailure> {
        let language = HeaderValue::from_str(language)
            .map_err(|error| misconfigured(format!("`{language}` is no language"), Some(Box::new(error))))?;
        let mut builder = reqwest::Client::builder()
            .http1_only()
            // A redirection could lead the password to another server.
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(limit.min(Duration::from_secs(5)))
            .pool_idle_timeout(IDLE_CONNECTION)
            .user_agent(concat!("presence-bridge/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(tls);
        if local {
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|error| misconfigured("failed to set up the HTTP client".to_owned(), Some(Box::new(error))))?;
        Ok(Self { http, language, limit })
    }

    /// Sends a request and reads its answer to the end. Any status that is no success is an error.
    pub(crate) async fn ask(
        &self,
        place: &Place,
        credentials: Option<&Credentials>,
        request: &Request<'_>,
    ) -> Result<Reply, Error> {
        let exchange = async {
            let response = self.send(place, credentials, request).await?;
            let status = response.status();
            let headers = response.headers().clone();
            let body = read_all(response, place, request.name()).await?;
            if status.is_success() {
                return Ok(Reply { headers, body });
            }
            Err(refused(place, credentials.is_some(), request.name(), status, &body))
        };
        match timeout(self.limit, exchange).await {
            Ok(result) => result,
            Err(_) => Err(Error::TooSlow { host: place.host.clone(), operation: request.name(), after: self.limit }),
        }
    }

    /// Opens the stream of messages and leaves it open. The caller limits the time.
    pub(crate) async fn open(&self, place: &Place, credentials: &Credentials) -> Result<Response, Error> {
        let request = Request::Stream;
        let response = self.send(place, Some(credentials), &request).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = read_all(response, place, request.name()).await?;
        Err(refused(place, true, request.name(), status, &body))
    }

    async fn send(
        &self,
        place: &Place,
        credentials: Option<&Credentials>,
        request: &Request<'_>,
    ) -> Result<Response, Error> {
        let session = credentials.map_or("", |credentials| &credentials.session);
        let url = format!("{}{}", place.base, request.path(session));
        let mut builder = self
            .http
            .request(request.method(), url)
            .header(ACCEPT, request.accept())
            .header(ACCEPT_LANGUAGE, self.language.clone());
        if let Some((from, to)) = request.range() {
            builder = builder.header(RANGE, format!("items={from}-{to}"));
        }
        if let Some(credentials) = credentials {
            if !credentials.cookie.expose_secret().is_empty() {
                builder = builder.header(COOKIE, secret(place, &credentials.cookie)?);
            }
            if request.needs_token() {
                builder = builder.header("ININ-ICWS-CSRF-Token", secret(place, &credentials.csrf)?);
            }
        }
        builder = match request.body() {
            Some(body) => builder.header(CONTENT_TYPE, "application/vnd.inin.icws+JSON;charset=utf-8").body(body),
            // The library would leave it out, and servers on Windows answer 411 to a PUT or POST without.
            None if matches!(request.method(), Method::PUT | Method::POST) => builder.header(CONTENT_LENGTH, 0),
            None => builder,
        };
        builder.send().await.map_err(|error| no_answer(place, request.name(), error))
    }
}

fn secret(place: &Place, text: &SecretString) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(text.expose_secret()).map_err(|_| Error::Malformed {
        host: place.host.clone(),
        what: "session",
        problem: "cookie or token hold what no header can".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn no_answer(place: &Place, operation: &'static str, error: reqwest::Error) -> Error {
    let host = place.host.clone();
    match tls::untrusted(&error) {
        Some((why, fingerprint)) => Error::Untrusted { host, why, fingerprint: fingerprint.to_string() },
        None => Error::NoAnswer { host, base: place.base.clone(), operation, cause: error.without_url() },
    }
}

/// Reads a body up to the limit.
pub(crate) async fn read_all(mut response: Response, place: &Place, operation: &'static str) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= limits::BODY => body.extend_from_slice(&chunk),
            Ok(Some(_)) => {
                return Err(Error::TooLarge { host: place.host.clone(), what: "answer", limit: limits::BODY });
            }
            Ok(None) => return Ok(body),
            Err(error) => return Err(no_answer(place, operation, error)),
        }
    }
}

fn refused(place: &Place, in_session: bool, operation: &'static str, status: StatusCode, body: &[u8]) -> Error {
    let host = place.host.clone();
    if status == StatusCode::UNAUTHORIZED && in_session {
        return Error::SessionGone { host, operation };
    }
    Error::Refused { host, operation, status, refusal: Box::new(convert::refusal(body)) }
}
