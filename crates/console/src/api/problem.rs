//! What is answered instead of what was asked for: a problem in the words of RFC 9457.
//!
//! Each kind has a name that stays, so that a program can tell one from the other; whatever has none is told by its status.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::history::Unreadable;
use crate::model::Unavailable;

/// The media type of a problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// Before the name of a kind.
const KINDS: &str = "urn:presence-bridge:problem:";

/// So many seconds until a link or a journal is worth another try.
const LATER: u64 = 5;

/// What went wrong, for a program and for a person (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// The kind, which stays: `urn:presence-bridge:problem:…`, or `about:blank` where the status says it all.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// What happened here, and what to do about it.
    pub detail: String,
    /// The path that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri-reference")]
    pub instance: Option<String>,
    /// The names that there are, where one was given that there is not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub known: Vec<String>,
    #[serde(skip)]
    #[schema(ignore)]
    retry_after: Option<u64>,
}

/// Kinds of problems that have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    UnknownLink,
    UnknownAgent,
    UnknownParameter,
    InvalidParameter,
    InvalidBody,
    LinkNotRunning,
    LinkBusy,
    JournalUnreadable,
    DeliveryFrozen,
    NotConfirmable,
    NoCloudUser,
}

impl Kind {
    /// All of them, for the guide's test.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 11] = [
        Self::UnknownLink,
        Self::UnknownAgent,
        Self::UnknownParameter,
        Self::InvalidParameter,
        Self::InvalidBody,
        Self::LinkNotRunning,
        Self::LinkBusy,
        Self::JournalUnreadable,
        Self::DeliveryFrozen,
        Self::NotConfirmable,
        Self::NoCloudUser,
    ];

    /// The name, which stays.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::UnknownLink => "unknown-link",
            Self::UnknownAgent => "unknown-agent",
            Self::UnknownParameter => "unknown-parameter",
            Self::InvalidParameter => "invalid-parameter",
            Self::InvalidBody => "invalid-body",
            Self::LinkNotRunning => "link-not-running",
            Self::LinkBusy => "link-busy",
            Self::JournalUnreadable => "journal-unreadable",
            Self::DeliveryFrozen => "delivery-frozen",
            Self::NotConfirmable => "not-confirmable",
            Self::NoCloudUser => "no-cloud-user",
        }
    }

    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::UnknownLink | Self::UnknownAgent => StatusCode::NOT_FOUND,
            Self::UnknownParameter | Self::InvalidParameter | Self::InvalidBody => StatusCode::BAD_REQUEST,
            Self::LinkNotRunning | Self::LinkBusy | Self::JournalUnreadable => StatusCode::SERVICE_UNAVAILABLE,
            Self::DeliveryFrozen | Self::NotConfirmable | Self::NoCloudUser => StatusCode::CONFLICT,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::UnknownLink => "There is no such link",
            Self::UnknownAgent => "There is no such agent",
            Self::UnknownParameter => "There is no such parameter",
            Self::InvalidParameter => "A parameter cannot be understood",
            Self::InvalidBody => "The body cannot be understood",
            Self::LinkNotRunning => "The link does not run",
            Self::LinkBusy => "The link does not answer",
            Self::JournalUnreadable => "The journal cannot be read",
            Self::DeliveryFrozen => "Delivery is frozen",
            Self::NotConfirmable => "This cannot be confirmed",
            Self::NoCloudUser => "The agent has no cloud user",
        }
    }
}

impl Problem {
    /// A problem of a kind that has a name.
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let status = kind.status();
        Self {
            kind: format!("{KINDS}{}", kind.name()),
            title: kind.title().to_owned(),
            retry_after: (status == StatusCode::SERVICE_UNAVAILABLE).then_some(LATER),
            ..Self::of(status, detail)
        }
    }

    /// A problem that its status tells.
    pub(crate) fn of(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or("Problem").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            instance: None,
            known: Vec::new(),
            retry_after: None,
        }
    }

    /// With the names that there are.
    pub(crate) fn knowing(self, known: Vec<String>) -> Self {
        Self { known, ..self }
    }

    fn body(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| String::from("{}"))
    }
}

impl From<Unavailable> for Problem {
    fn from(unavailable: Unavailable) -> Self {
        let kind = match unavailable {
            Unavailable::NotRunning { .. } => Kind::LinkNotRunning,
            Unavailable::NoAnswer { .. } => Kind::LinkBusy,
        };
        Self::new(kind, unavailable.to_string())
    }
}

impl From<Unreadable> for Problem {
    fn from(unreadable: Unreadable) -> Self {
        Self::new(Kind::JournalUnreadable, unreadable.in_words())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, self.body()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // For `place`, which knows the path.
        response.extensions_mut().insert(self);
        response
    }
}

/// Says in each problem which path was asked for. The outermost one to see a request, so that no problem is without.
pub(crate) async fn place(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let problem = Problem { instance: Some(path), ..problem };
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(problem.body());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own_and_is_an_error() {
        let mut names: Vec<&str> = Kind::ALL.into_iter().map(Kind::name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            let problem = Problem::new(kind, "what happened");
            let status = kind.status();
            assert!(status.is_client_error() || status.is_server_error(), "{kind:?}");
            assert_eq!(problem.status, status.as_u16());
            assert_eq!(problem.kind, format!("urn:presence-bridge:problem:{}", kind.name()));
        }
    }

    #[test]
    fn the_guide_knows_every_kind() {
        let guide = include_str!("../../../../docs/api.md");
        for kind in Kind::ALL {
            assert!(guide.contains(&format!("| `{}` | {} |", kind.name(), kind.status().as_u16())), "{}", kind.name());
        }
    }
}
