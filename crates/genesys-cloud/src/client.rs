//! A call of the Platform API: its address, the token, one renewal when that is refused, and what the answer shows.
//!
//! This is the one place that looks at a status. Knows no operation by name, and repeats nothing but the request whose
//! token had to be renewed.

use std::time::Duration;

use replicator::ports::{Answer, Failure, Quota};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::auth::{Token, Tokens};
use crate::error::{Origin, Trouble, Verdict, judge};
use crate::transport::{self, NoAnswer, Received};
use crate::wire::ErrorBody;

/// Calls the Platform API.
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) tokens: Tokens,
    pub(crate) api: Url,
    /// For people; the tokens know where they come from.
    pub(crate) login: Url,
    /// Whose tokens they are, for people.
    pub(crate) oauth_client: String,
}

/// What requests cost and showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) requests: u32,
    pub(crate) quota: Option<Quota>,
    pub(crate) correlation: Option<String>,
}

impl Spent {
    /// Adds what came after: of quota and correlation the later counts.
    pub(crate) fn add(&mut self, later: Self) {
        self.requests += later.requests;
        self.quota = later.quota.or(self.quota);
        self.correlation = later.correlation.or_else(|| self.correlation.take());
    }

    pub(crate) fn answer<T>(self, result: Result<T, Failure>) -> Answer<T> {
        Answer { result, quota: self.quota, requests: self.requests, correlation: self.correlation }
    }
}

/// What came of a call.
#[derive(Debug)]
pub(crate) struct Reply<T> {
    pub(crate) result: Result<T, Trouble>,
    pub(crate) spent: Spent,
}

impl<T> Reply<T> {
    pub(crate) fn answer<U>(self, accept: impl FnOnce(T) -> U) -> Answer<U> {
        self.spent.answer(self.result.map(accept).map_err(|trouble| trouble.failure))
    }
}

/// A request to be made.
struct Call<'a> {
    method: Method,
    url: Url,
    body: Option<Vec<u8>>,
    /// What stands in the path and belongs nowhere else.
    secret: Option<&'a str>,
}

impl Call<'_> {
    /// The text without the secret.
    fn hide(&self, text: &str) -> String {
        hide(text, self.secret.as_slice())
    }
}

/// The text without these secrets.
pub(crate) fn hide(text: &str, secrets: &[&str]) -> String {
    let secrets = secrets.iter().filter(|secret| !secret.is_empty());
    secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
}

impl Client {
    /// Reads. `segments` follow `/api/v2/`.
    pub(crate) async fn get<T: DeserializeOwned>(&self, segments: &[&str], query: &[(&str, &str)]) -> Reply<T> {
        let url = self.url(segments, query);
        self.call(Call { method: Method::GET, url, body: None, secret: None }).await
    }

    /// Posts.
    pub(crate) async fn post<T: DeserializeOwned>(&self, segments: &[&str], body: &impl Serialize) -> Reply<T> {
        let url = self.url(segments, &[]);
        self.call(Call { method: Method::POST, url, body: Some(json(body)), secret: None }).await
    }

    /// Posts without a body.
    pub(crate) async fn post_nothing<T: DeserializeOwned>(&self, segments: &[&str]) -> Reply<T> {
        let url = self.url(segments, &[]);
        self.call(Call { method: Method::POST, url, body: None, secret: None }).await
    }

    /// Puts.
    pub(crate) async fn put<T: DeserializeOwned>(&self, segments: &[&str], body: &impl Serialize) -> Reply<T> {
        let url = self.url(segments, &[]);
        self.call(Call { method: Method::PUT, url, body: Some(json(body)), secret: None }).await
    }

    /// Changes a part.
    pub(crate) async fn patch<T: DeserializeOwned>(&self, segments: &[&str], body: &impl Serialize) -> Reply<T> {
        let url = self.url(segments, &[]);
        self.call(Call { method: Method::PATCH, url, body: Some(json(body)), secret: None }).await
    }

    /// Puts to a path with a secret in it, which is then in no log line and no reason.
    pub(crate) async fn put_secretly<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        query: &[(&str, &str)],
        body: &impl Serialize,
        secret: &str,
    ) -> Reply<T> {
        let url = self.url(segments, query);
        self.call(Call { method: Method::PUT, url, body: Some(json(body)), secret: Some(secret) }).await
    }

    fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.api.clone();
        url.path_segments_mut()
            .expect("the base URL was checked when connecting")
            .pop_if_empty()
            .extend(["api", "v2"])
            .extend(segments);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    async fn call<T: DeserializeOwned>(&self, call: Call<'_>) -> Reply<T> {
        let mut spent = Spent::default();
        let mut refused = None;
        loop {
            let token = match self.tokens.get(refused).await {
                Ok(token) => token,
                Err(trouble) => {
                    return Reply { result: Err(trouble), spent };
                }
            };
            let received = match self.attempt(&call, &token).await {
                Ok(received) => received,
                Err(no_answer) => {
                    spent.requests += u32::from(no_answer.maybe_applied);
                    return Reply { result: Err(unanswered(&no_answer)), spent };
                }
            };
            let (judged, shown) = judged(&call, received);
            spent.add(shown);
            match judged {
                Judged::Renew(_) if refused.is_none() => refused = Some(token.generation),
                Judged::Renew(trouble) | Judged::Failed(trouble) => {
                    return Reply { result: Err(trouble), spent };
                }
                Judged::Accepted(body) => {
                    return Reply { result: parse(&body), spent };
                }
            }
        }
    }

    async fn attempt(&self, call: &Call<'_>, token: &Token) -> Result<Received, NoAnswer> {
        let request = self.http.request(call.method.clone(), call.url.clone());
        let mut request = request.bearer_auth(token.secret.expose_secret());
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        transport::exchange(request).await
    }
}

/// Reads what was received without a request of ours: the fuzzer's way in.
pub(crate) fn decode<T: DeserializeOwned>(received: Received) -> Result<T, Trouble> {
    let url = Url::parse("https://api.example/").expect("a constant that is a URL");
    match judged(&Call { method: Method::GET, url, body: None, secret: None }, received).0 {
        Judged::Accepted(body) => parse(&body),
        Judged::Renew(trouble) | Judged::Failed(trouble) => Err(trouble),
    }
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("wire types have text keys and no fallible fields")
}

enum Judged {
    Accepted(Vec<u8>),
    Renew(Trouble),
    Failed(Trouble),
}

fn judged(call: &Call<'_>, received: Received) -> (Judged, Spent) {
    let status = received.status.as_u16();
    let hints = Hints::of(&received.headers);
    let mut shown = Spent { requests: 1, quota: hints.quota, correlation: hints.correlation };
    if received.status.is_success() {
        let judged = match received.body {
            Ok(body) => Judged::Accepted(body),
            Err(reason) => Judged::Failed(trouble(Failure::Unavailable { reason, maybe_applied: true }, status, None)),
        };
        return (judged, shown);
    }
    // A gateway's page instead of the platform's envelope: the status says enough.
    let mut error: ErrorBody = serde_json::from_slice(received.body.as_deref().unwrap_or_default()).unwrap_or_default();
    error.message = error.message.map(|message| call.hide(&message));
    shown.correlation = shown.correlation.or_else(|| error.context_id.clone());
    tracing::debug!(
        method = %call.method, path = call.hide(call.url.path()), status, code = error.code, message = error.message,
        limit = error.limit.as_ref().and_then(|limit| limit.key.as_deref()),
        limit_namespace = error.limit.as_ref().and_then(|limit| limit.namespace.as_deref()),
        limit_value = error.limit.as_ref().and_then(|limit| limit.value),
        correlation = shown.correlation, "request not accepted"
    );
    let judged = match judge(status, &error, hints.wait) {
        Verdict::RenewToken { reason } => Judged::Renew(trouble(Failure::Unauthorized { reason }, status, error.code)),
        Verdict::Failed(failure) => Judged::Failed(trouble(failure, status, error.code)),
    };
    (judged, shown)
}

fn trouble(failure: Failure, status: u16, code: Option<String>) -> Trouble {
    Trouble { failure, origin: Origin::Api, status: Some(status), code, untrusted: false }
}

fn unanswered(no_answer: &NoAnswer) -> Trouble {
    let untrusted = no_answer.untrusted;
    Trouble { failure: no_answer.failure(), origin: Origin::Api, status: None, code: None, untrusted }
}

/// A body that does not fit is a broken answer and not a refusal: the platform may have done what was asked.
///
/// No body at all is an empty object: an events endpoint that has no errors to tell may tell nothing.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Trouble> {
    let body = if body.trim_ascii().is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        // Where it breaks, but not the parser's own words: they quote the body, which holds people's data.
        let (kind, line, column) = (error.classify(), error.line(), error.column());
        let at = format!("{kind:?} error at line {line} column {column} of {} bytes", body.len());
        let reason = format!("200 with a body that cannot be read ({at})");
        trouble(Failure::Unavailable { reason, maybe_applied: true }, 200, None)
    })
}

/// What the headers of an answer say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hints {
    quota: Option<Quota>,
    /// When to come back.
    pub(crate) wait: Option<Duration>,
    correlation: Option<String>,
}

impl Hints {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let number = |name: &str| text(headers, name)?.parse::<u32>().ok();
        let reset = seconds(headers, "inin-ratelimit-reset");
        let (allowed, count) = (number("inin-ratelimit-allowed"), number("inin-ratelimit-count"));
        let quota = match (allowed, count, reset) {
            (Some(allowed), Some(count), Some(reset)) => Some(Quota { allowed, count, reset }),
            _ => None,
        };
        let correlation = text(headers, "inin-correlation-id").filter(|id| !id.is_empty()).map(str::to_owned);
        Self { quota, wait: retry_after(headers).or(reset), correlation }
    }
}

/// When to come back, where an answer says it in seconds.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    seconds(headers, RETRY_AFTER.as_str())
}

/// The longest time that a header is believed: sixty times the platform's window.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

fn seconds(headers: &HeaderMap, name: &str) -> Option<Duration> {
    let seconds: u64 = text(headers, name)?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn hints(headers: &[(&'static str, &'static str)]) -> Hints {
        let pairs = headers.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v)));
        Hints::of(&HeaderMap::from_iter(pairs))
    }

    #[test]
    fn the_quota_needs_all_three_headers() {
        let all = [("inin-ratelimit-allowed", "300"), ("inin-ratelimit-count", "7"), ("inin-ratelimit-reset", "61")];
        let quota = Quota { allowed: 300, count: 7, reset: Duration::from_secs(61) };
        assert_eq!(hints(&all).quota, Some(quota));
        assert_eq!(hints(&all[..2]).quota, None);
        assert_eq!(hints(&[("inin-ratelimit-allowed", "many")]).quota, None);
    }

    #[test]
    fn retry_after_counts_before_the_end_of_the_window() {
        let both = hints(&[("retry-after", "16"), ("inin-ratelimit-reset", "61")]);
        assert_eq!(both.wait, Some(Duration::from_secs(16)));
        let window = hints(&[("inin-ratelimit-reset", "61")]);
        assert_eq!(window.wait, Some(Duration::from_secs(61)));
        let date = hints(&[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")]);
        assert_eq!(date.wait, None);
        let forever = hints(&[("retry-after", "18446744073709551615")]);
        assert_eq!(forever.wait, Some(Duration::from_secs(3600)), "nobody is kept away for ever by a number");
    }

    #[test]
    fn what_comes_later_counts_for_the_quota_and_requests_add_up() {
        let quota = |count| Some(Quota { allowed: 300, count, reset: Duration::ZERO });
        let mut spent = Spent { requests: 1, quota: quota(1), correlation: Some("a".into()) };
        spent.add(Spent { requests: 2, quota: quota(3), correlation: None });
        assert_eq!(spent, Spent { requests: 3, quota: quota(3), correlation: Some("a".into()) });
    }
}
