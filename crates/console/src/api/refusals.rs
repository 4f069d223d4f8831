//! The problems that an operation may answer with, for its description.

use utoipa::IntoResponses;

use super::problem::Problem;

/// What every operation may answer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it only describes")]
pub(super) enum Any {
    /// A parameter is not known or cannot be understood.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(Problem),
    /// It takes a token.
    #[response(status = 401, content_type = "application/problem+json")]
    NotLoggedIn(Problem),
    /// The request is not let through.
    #[response(status = 403, content_type = "application/problem+json")]
    NotAllowed(Problem),
    /// This path does not take the method.
    #[response(status = 405, content_type = "application/problem+json")]
    NotTaken(Problem),
    /// Too many wrong tokens came from this address.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
}

/// What an operation may answer that names a link, and perhaps an agent.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it only describes")]
pub(super) enum Named {
    /// There is no such link, or no such agent.
    #[response(status = 404, content_type = "application/problem+json")]
    Unknown(Problem),
}

/// What an operation may answer that asks a link or its journal.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it only describes")]
pub(super) enum Asking {
    /// The link does not run, or its journal cannot be read; try again after `Retry-After` seconds.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}
