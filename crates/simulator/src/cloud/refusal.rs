//! Errors as the platform words them: status, code, message, and the envelope around them.
//!
//! The codes and the message templates are those of the vendor's API description. The envelope's `contextId` is the
//! correlation id of the answer, which whoever sends it adds.

use serde_json::{Value, json};

use super::request::Reply;

/// A request that was not carried out.
#[derive(Debug)]
pub(super) struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
    /// Seconds for the `Retry-After` header.
    pub retry_after: Option<u64>,
    /// The limit that was passed, for 429.
    pub limit: Option<Value>,
}

impl Refusal {
    /// Any status, code and message.
    pub fn new(status: u16, code: &str, message: &str) -> Self {
        Self { status, code: code.to_owned(), message: message.to_owned(), retry_after: None, limit: None }
    }

    /// 400: the body is not what the endpoint takes.
    pub fn bad_request(message: &str) -> Self {
        Self::new(400, "bad.request", message)
    }

    /// 400: a rule of the endpoint is broken.
    pub fn constraint(message: &str) -> Self {
        Self::new(400, "constraint.validation", message)
    }

    /// 400: a required property is missing.
    pub fn missing(field: &str) -> Self {
        Self::constraint(&format!("{field} may not be null"))
    }

    /// 400: a property has a value that it cannot have.
    pub fn value(value: &str, kind: &str, allowed: &str) -> Self {
        let message = format!("Value [{value}] is not valid for field type [{kind}]. Allowable values are: {allowed}");
        Self::new(400, "invalid.value", &message)
    }

    /// 400: a query parameter has a value that it cannot have.
    pub fn query(value: &str, parameter: &str, allowed: &str) -> Self {
        let message =
            format!("Value [{value}] is not valid for parameter [{parameter}]. Allowable values are: {allowed}");
        Self::new(400, "invalid.query.param.value", &message)
    }

    /// 400: a date that cannot be read.
    pub fn date() -> Self {
        let message = "Dates must be specified as ISO-8601 strings. For example: yyyy-MM-ddTHH:mm:ss.SSSZ";
        Self::new(400, "invalid.date", message)
    }

    /// 401: the token is unknown, expired or revoked.
    pub fn bad_credentials() -> Self {
        Self::new(401, "bad.credentials", "Invalid login credentials.")
    }

    /// 403: none of the permissions that would do is there.
    pub fn permission(any_of: &str) -> Self {
        let message = format!(
            "Unable to perform the requested action. You must have at least one of the following permissions assigned: \
             [{any_of}]"
        );
        Self::new(403, "missing.any.permissions", &message)
    }

    /// 404 in general.
    pub fn not_found() -> Self {
        Self::new(404, "not.found", "The requested resource was not found.")
    }

    /// 404 of the directory.
    pub fn no_user() -> Self {
        Self::new(404, "general.resource.not.found", "Unable to find a user with that userId")
    }

    /// 404 of the presence service.
    pub fn no_presence_user() -> Self {
        Self::new(404, "presenceservice.usernotfound", "The specified user was not found")
    }

    /// 409 of the presence service: an update of the same user still runs.
    pub fn presence_conflict() -> Self {
        Self::new(409, "presenceservice.conflict", "A previous update request has not yet completed")
    }

    /// 409 in general.
    pub fn request_conflict() -> Self {
        Self::new(409, "request.conflict", "The request conflicts with the current state of the target resource.")
    }

    /// 413: the body is over the limit.
    pub fn too_large() -> Self {
        let message = format!("The request is over the size limit. Maximum bytes: {}", super::BODY_LIMIT);
        Self::new(413, "request.entity.too.large", &message)
    }

    /// 415: the body is not JSON.
    pub fn media_type() -> Self {
        let message = "Unsupported Media Type - Unsupported or incorrect media type, such as an incorrect Content-Type \
                       value in the header.";
        Self::new(415, "unsupported.media.type", message)
    }

    /// 429 in its newer form, with `Retry-After`.
    pub fn throttled(seconds: u64, allowed: u32) -> Self {
        let message = format!("Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds");
        Self {
            retry_after: Some(seconds),
            limit: Some(limit(allowed)),
            ..Self::new(429, "too.many.requests.retry.after", &message)
        }
    }

    /// 429 in its older form, which does not say for how long.
    pub fn throttled_silently(allowed: u32) -> Self {
        let message = format!("Rate limit exceeded the maximum [{allowed}] requests within [60] seconds");
        Self { limit: Some(limit(allowed)), ..Self::new(429, "too.many.requests", &message) }
    }

    /// The answer, with the envelope.
    pub fn reply(self, correlation: &str) -> Reply {
        let body = json!({
            "message": self.message,
            "code": self.code,
            "status": self.status,
            "contextId": correlation,
            "details": [],
            "errors": [],
            "limit": self.limit,
        });
        let mut reply = Reply::json(self.status, body);
        if let Some(seconds) = self.retry_after {
            reply.headers.push(("retry-after", seconds.to_string()));
        }
        reply
    }
}

fn limit(allowed: u32) -> Value {
    json!({"key": "client.credentials.token.rate.per.minute", "namespace": "platform.api", "value": allowed})
}
