//! Answers: status, headers and body as ICWS has them, and its errors.

use axum::http::StatusCode;
use serde_json::{Value, json};

/// The media type of every body; vendors' clients parse no other.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.inin.icws+JSON;charset=utf-8";

/// What follows the headers.
pub(crate) enum Body {
    /// Nothing, and no content type: clients that parse by content type would choke on an empty text.
    Empty,
    /// JSON.
    Json(String),
    /// The event stream with this number of a session.
    Events { session: String, stream: OpenStream },
    /// The connection breaks.
    Broken,
}

/// A stream that its session knows already.
pub(crate) struct OpenStream {
    pub(crate) number: u64,
    pub(crate) alive: std::sync::Arc<()>,
    pub(crate) wake: std::sync::Arc<tokio::sync::Notify>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, body: Body) -> Self {
        Self { status: status.as_u16(), headers: Vec::new(), body }
    }

    pub(crate) fn ok(value: &Value) -> Self {
        Self::new(StatusCode::OK, Body::Json(value.to_string()))
    }

    pub(crate) fn json(status: StatusCode, value: &Value) -> Self {
        Self::new(status, Body::Json(value.to_string()))
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self::new(status, Body::Empty)
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// An error body. Only `message` is required by the schema; `errorCode` is seen on real servers beside it.
    pub(crate) fn error(status: StatusCode, id: Option<&str>, code: Option<i64>, message: &str) -> Self {
        let mut body = json!({"message": message});
        if let Some(id) = id {
            body["errorId"] = json!(id);
        }
        if let Some(code) = code {
            body["errorCode"] = json!(code);
        }
        Self::json(status, &body)
    }

    /// 400 for a property that is not there.
    pub(crate) fn missing(property: &str) -> Self {
        let body = json!({"__type": "urn:inin.com:common:missingPropertyError",
            "errorId": "error.request.invalidRepresentation.missingProperty", "propertyName": property,
            "message": format!("The property '{property}' is required.")});
        Self::json(StatusCode::BAD_REQUEST, &body)
    }

    /// 400 for a property that cannot be understood.
    pub(crate) fn invalid(property: &str) -> Self {
        let body = json!({"__type": "urn:inin.com:common:invalidPropertyError",
            "errorId": "error.request.invalidRepresentation.invalidProperty", "propertyName": property,
            "message": format!("The value of the property '{property}' is not valid.")});
        Self::json(StatusCode::BAD_REQUEST, &body)
    }

    /// 400 for a body that is no JSON object.
    pub(crate) fn unreadable() -> Self {
        let id = "error.request.invalidRepresentation";
        Self::error(StatusCode::BAD_REQUEST, Some(id), None, "The representation of the request could not be read.")
    }

    /// 401: the number says what was missing. 1 the session, 2 the CSRF token, 4 the cookie.
    pub(crate) fn unauthorized(id: Option<&str>, code: i64, message: &str) -> Self {
        Self::error(StatusCode::UNAUTHORIZED, id, Some(code), message)
            .with("WWW-Authenticate", r#"ICWS realm="ICWS" location="/ICWS/connection""#)
    }

    /// 403: a right is missing.
    pub(crate) fn no_right() -> Self {
        let id = "error.request.accessDenied";
        Self::error(StatusCode::FORBIDDEN, Some(id), None, "The user does not have the right to do this.")
    }

    /// 404 with the number that real servers give, as a text.
    pub(crate) fn not_found() -> Self {
        Self::error(StatusCode::NOT_FOUND, Some("-2147221496"), None, "The requested object was not found.")
    }

    /// 405.
    pub(crate) fn wrong_verb(allowed: &str) -> Self {
        let id = "error.request.accessDenied.httpMethodNotAllowed";
        let message = "The HTTP method is not allowed for this resource.";
        Self::error(StatusCode::METHOD_NOT_ALLOWED, Some(id), None, message).with("Allow", allowed)
    }

    /// 503 with other hosts to try.
    pub(crate) fn go_elsewhere(hosts: &[String]) -> Self {
        let body = json!({"alternateHostList": hosts, "errorId": "error.server.notAcceptingConnections",
            "message": "This Session Manager is not currently accepting connections."});
        Self::json(StatusCode::SERVICE_UNAVAILABLE, &body)
    }

    /// The error for an injected status.
    pub(crate) fn injected(status: u16, hosts: &[String]) -> Self {
        match status {
            401 => Self::unauthorized(
                Some("error.request.connection.authenticationFailure"),
                -2_147_221_499,
                "The session is no longer valid.",
            ),
            503 => Self::go_elsewhere(hosts),
            other => {
                let status = StatusCode::from_u16(other).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                Self::error(status, None, Some(-2_147_467_259), "The server failed on purpose.")
            }
        }
    }
}
