//! One HTTP exchange: TLS, proxies, time-outs, and a bound on what is read.
//!
//! Knows nothing of tokens or of the platform. Neither repeats nor follows redirects. Proxies are those of the
//! environment (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use replicator::ports::{Failure, FailureKind};
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, StatusCode, redirect};
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::config::Config;
use crate::error::{ConnectFailure, chain};

/// The most that is read of an answer: many times what the platform sends. Lists in it are bounded besides.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;

/// Below the time after which the platform closes an idle connection, so that a request seldom meets a dying one.
const POOL_IDLE: Duration = Duration::from_secs(20);

/// To be told quickly that nobody is there.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// Builds the client that every request goes through.
pub(crate) fn build(config: &Config) -> Result<reqwest::Client, ConnectFailure> {
    let builder = reqwest::Client::builder();
    let builder = if config.proxy { builder } else { builder.no_proxy() };
    builder
        .tls_backend_preconfigured(tls(config)?)
        .user_agent(concat!("presence-bridge/", env!("CARGO_PKG_VERSION")))
        .default_headers(HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]))
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_PATIENCE)
        .timeout(config.request_timeout)
        .pool_idle_timeout(POOL_IDLE)
        .build()
        .map_err(|error| misconfigured("failed to prepare connections to Genesys Cloud".to_owned(), error))
}

/// Trusts what the platform that we run on trusts, and the configured certificates besides.
fn tls(config: &Config) -> Result<ClientConfig, ConnectFailure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let extra = match &config.ca_file {
        Some(file) => certificates(file)?,
        None => Vec::new(),
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| misconfigured("failed to prepare TLS".to_owned(), error))?;
    let encrypted = [&config.api_base_url, &config.login_base_url].iter().any(|url| url.scheme() == "https");
    if !encrypted {
        // A simulator on this computer needs no certificate, and a slim container has none.
        return Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    let verifier = verifier(extra, provider)?;
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn verifier(
    extra: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, ConnectFailure> {
    let verifier = Verifier::new_with_extra_roots(extra, provider)
        .map_err(|error| misconfigured("failed to load this computer's trusted certificates".to_owned(), error))?;
    Ok(Arc::new(verifier))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, ConnectFailure> {
    let shown = file.display();
    let found: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error| misconfigured(format!("failed to read certificates (PEM) from {shown}"), error))?;
    if found.is_empty() {
        let message = format!("there is no certificate in {shown}; it must be a file in PEM format");
        return Err(ConnectFailure { kind: FailureKind::Configuration, message, cause: None });
    }
    Ok(found)
}

fn misconfigured(message: String, cause: impl std::error::Error + Send + Sync + 'static) -> ConnectFailure {
    ConnectFailure { kind: FailureKind::Configuration, message, cause: Some(Box::new(cause)) }
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// All of it, or why it could not be read to the end.
    pub(crate) body: Result<Vec<u8>, String>,
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(crate) struct NoAnswer {
    pub(crate) reason: String,
    /// Whether the request may have arrived all the same.
    pub(crate) maybe_applied: bool,
    /// Whether the other side's certificate is not trusted.
    pub(crate) untrusted: bool,
}

impl NoAnswer {
    pub(crate) fn failure(&self) -> Failure {
        Failure::Unavailable { reason: self.reason.clone(), maybe_applied: self.maybe_applied }
    }
}

/// Sends a request and reads the answer.
pub(crate) async fn exchange(request: RequestBuilder) -> Result<Received, NoAnswer> {
    let mut response = request.send().await.map_err(no_answer)?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let body = read(response).await;
    Ok(Received { status, headers, body })
}

/// What a request for another protocol on the same connection is answered with.
pub(crate) enum Upgrade {
    /// The connection, and the headers of the answer.
    Accepted(HeaderMap, reqwest::Upgraded),
    /// Something else than the switch.
    Refused(Received),
}

/// Sends a request that asks for another protocol. Certificates, proxy and time-outs are those of any other request.
pub(crate) async fn upgrade(request: RequestBuilder) -> Result<Upgrade, NoAnswer> {
    let mut response = request.send().await.map_err(no_answer)?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    if status == StatusCode::SWITCHING_PROTOCOLS {
        return Ok(Upgrade::Accepted(headers, response.upgrade().await.map_err(no_answer)?));
    }
    let body = read(response).await;
    Ok(Upgrade::Refused(Received { status, headers, body }))
}

async fn read(mut response: reqwest::Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(part)) if body.len() + part.len() > LARGEST_ANSWER => {
                return Err(format!("the answer is larger than {LARGEST_ANSWER} bytes"));
            }
            Ok(Some(part)) => body.extend_from_slice(&part),
            Ok(None) => return Ok(body),
            Err(error) => return Err(chain(&error.without_url())),
        }
    }
}

fn no_answer(error: reqwest::Error) -> NoAnswer {
    // Nothing was sent when there is no connection, or no request could be made of what was given.
    let maybe_applied = !(error.is_connect() || error.is_builder());
    let error = error.without_url();
    let (reason, untrusted) = (chain(&error), blames_certificate(&error));
    let reason = if untrusted { format!("the server's certificate is not trusted ({reason})") } else { reason };
    NoAnswer { reason, maybe_applied, untrusted }
}

fn blames_certificate(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref::<rustls::Error>() {
        return true;
    }
    // An I/O error hides what it wraps from `source`, which skips to the cause of the wrapped one.
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    match (wrapped, error.source()) {
        (Some(inner), _) => blames_certificate(inner),
        (None, Some(cause)) => blames_certificate(cause),
        (None, None) => false,
    }
}
