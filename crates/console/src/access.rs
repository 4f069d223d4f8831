//! Who may come in, and as what: tokens, sessions, and the rules that each request is held against before a page or the API
//! sees it.
//!
//! Every route is behind [`guard()`], which refuses by default; a handler asks for a [`Viewer`] or an [`Admin`] to say what it
//! needs. Knows nothing of what is shown.

mod caller;
mod door;
mod failures;
mod forms;
mod guard;
mod hosts;
mod login;
mod names;
mod refusal;
mod sessions;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};

use secrecy::{ExposeSecret, SecretString};

pub(crate) use caller::{Admin, Caller, Role, Viewer};
pub(crate) use door::{Door, Doorkeeper};
pub(crate) use guard::{FORM_TOKEN, Peer, guard};
pub(crate) use login::router;
pub(crate) use names::value as cookie;

use crate::server::ListenFailure;

/// A token is guessed by trying; with fewer characters than this it would be worth a try.
const SHORTEST_TOKEN: usize = 16;

/// Who may come in.
#[derive(Debug)]
pub struct Access {
    /// Whoever has one of these may see everything. Without any, and on a loopback address, everybody on this computer may.
    pub viewer_tokens: Vec<SecretString>,
    /// Whoever has one of these may also confirm and resync.
    pub admin_tokens: Vec<SecretString>,
    /// A header by which a proxy in front says whom it let in.
    pub trusted_header: Option<TrustedHeader>,
    /// Names, with or without a port, by which browsers may reach the console. Names of the loopback interface always
    /// may. Empty on an address that is not loopback: any name.
    pub hosts: Vec<String>,
}

/// A header by which a proxy in front says whom it let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedHeader {
    /// Its name, such as `X-Forwarded-User`.
    pub name: String,
    /// Where the proxy is. From anybody else the header means nothing.
    pub peers: Vec<IpAddr>,
    /// The names in the header that are administrators; all others are viewers.
    pub admins: Vec<String>,
}

impl Access {
    /// Refuses what would let in people whom nobody meant to let in.
    pub(crate) fn check(&self, listen: SocketAddr) -> Result<(), ListenFailure> {
        let tokens = || self.viewer_tokens.iter().chain(&self.admin_tokens);
        if tokens().any(|token| token.expose_secret().chars().count() < SHORTEST_TOKEN) {
            return Err(ListenFailure::ShortToken { least: SHORTEST_TOKEN });
        }
        if let Some(header) = &self.trusted_header {
            let name = axum::http::HeaderName::try_from(&header.name);
            name.map_err(|_| ListenFailure::HeaderName { name: header.name.clone() })?;
            if header.peers.is_empty() {
                return Err(ListenFailure::NoPeers { name: header.name.clone() });
            }
        }
        let closed = tokens().next().is_some() || self.trusted_header.is_some();
        if !is_loopback(listen.ip()) && !closed {
            return Err(ListenFailure::Open { address: listen });
        }
        Ok(())
    }

    /// Whether everybody who reaches the address may look.
    fn is_open(&self, listen: SocketAddr) -> bool {
        is_loopback(listen.ip()) && self.viewer_tokens.is_empty() && self.trusted_header.is_none()
    }
}

/// Also in the form that a socket for both families gives to addresses of version 4.
fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
