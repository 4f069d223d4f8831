//! Who asks: what a request has proved, and what handlers may demand of it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;

use super::refusal::{self, Refusal};
use crate::server::App;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// May see everything.
    Viewer,
    /// May also confirm and resync.
    Admin,
}

/// Somebody who was let in. The guard puts it into each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub role: Role,
    pub by: By,
    /// What a form of this caller carries, so that no other site can send it.
    pub form_token: String,
}

/// By what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum By {
    /// The address is open to everybody on this computer.
    Loopback,
    /// A session that began with a token; the key by which it is found.
    Session(super::sessions::Key),
    /// A token in this request.
    Bearer,
    /// A proxy, which gave this name.
    Proxy(String),
}

impl Caller {
    /// Who it is, for logs and for the journal.
    pub(crate) fn name(&self) -> &str {
        match &self.by {
            By::Loopback => "somebody on this computer",
            By::Session(_) => match self.role {
                Role::Viewer => "a session of a viewer",
                Role::Admin => "a session of an administrator",
            },
            By::Bearer => match self.role {
                Role::Viewer => "a viewer's token",
                Role::Admin => "an administrator's token",
            },
            By::Proxy(name) => name,
        }
    }

    /// Whether there is something to log out of.
    pub(crate) fn has_session(&self) -> bool {
        matches!(self.by, By::Session(_))
    }
}

/// Whoever may look. Extracting it says that the handler shows what only people who were let in may see.
#[derive(Debug, Clone)]
pub(crate) struct Viewer(pub Caller);

/// Whoever may confirm and resync.
#[derive(Debug, Clone)]
pub(crate) struct Admin(pub Caller);

impl FromRequestParts<App> for Viewer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        match parts.extensions.get::<Caller>() {
            Some(caller) => Ok(Self(caller.clone())),
            None => Err(refusal::answer(Refusal::Unknown, parts)),
        }
    }
}

impl FromRequestParts<App> for Admin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let Viewer(caller) = Viewer::from_request_parts(parts, app).await?;
        match caller.role {
            Role::Admin => Ok(Self(caller)),
            Role::Viewer => Err(refusal::answer(Refusal::NotAdmin, parts)),
        }
    }
}
