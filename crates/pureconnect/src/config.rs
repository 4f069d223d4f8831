//! What the adapter has to be told. It knows no defaults and reads no files but the CA file, which `tls` does.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

/// One PureConnect system, a switchover pair counting as one, and how to talk to it.
#[derive(Debug, Clone)]
pub struct Config {
    /// Hosts such as `cic1.example.com`, tried in this order; the first that accepts the logon wins.
    pub hosts: Vec<String>,
    /// Where ICWS is, with a slot for the host: `https://{host}:8019`, or `https://proxy.example.com/api/{host}`.
    /// Without the slot there is one server only, and alternate hosts cannot be followed. A forward proxy is used when
    /// `HTTPS_PROXY` or `HTTP_PROXY` says so, but never for loopback addresses.
    pub base_url: String,
    /// The service user.
    pub user: String,
    /// Its password.
    pub password: SecretString,
    /// As shown in PureConnect's list of sessions.
    pub application_name: String,
    /// `Accept-Language`, such as `en-us`; status texts come in it.
    pub language: String,
    /// How the server's certificate is checked.
    pub tls: Tls,
    /// How long trouble that may pass is retried before the first snapshot, until it counts as unreachable.
    pub start_patience: Duration,
    /// How long one request may take. Missing subscription messages are waited for four times as long.
    pub request_timeout: Duration,
    /// A stream of server-sent events without any byte, pings included, for this long is dead. Heartbeats are sent as
    /// often, at least every 30 s.
    pub silence_limit: Duration,
    /// How often messages are fetched where the server has no server-sent events; at most 1 s is used.
    pub poll_interval: Duration,
    /// How many users' queues one subscription watches.
    pub queue_chunk: usize,
    /// How often the users are read again, whatever their subscription reports; at most 45 s is used, so that who is
    /// new, has left or has another e-mail is known within a minute.
    pub users_interval: Duration,
    /// How often everything is subscribed again as a safety net, since ICWS delivers at most once.
    pub resync_interval: Duration,
}

/// How the server's certificate is checked; at most one of the three. With none, the operating system's roots count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tls {
    /// PEM file with the certificate authorities that are trusted instead of the system's, or with the server's own
    /// certificate.
    pub ca_file: Option<PathBuf>,
    /// SHA-256 of the server's certificate, in hexadecimal, with or without colons. Name and expiry do not matter then.
    pub fingerprint_sha256: Option<String>,
    /// Trust anybody. Logged loudly at every logon.
    pub danger_accept_invalid_certificates: bool,
}
