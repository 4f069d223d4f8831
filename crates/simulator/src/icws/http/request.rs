//! Requests as real clients send them: doubled slashes, any case, odd content types, cookies in several forms.

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::{HeaderMap, Method, Uri, header};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::answer::Answer;

/// A request, taken apart.
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The path as sent, for the log of requests.
    pub(crate) path: String,
    /// The decoded segments of the path; empty ones are dropped.
    pub(crate) segments: Vec<String>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
}

impl Request {
    pub(crate) fn new(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        let decode = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let segments = uri.path().split('/').filter(|segment| !segment.is_empty()).map(decode).collect();
        let query = Query::try_from_uri(uri).map(|Query(query)| query).unwrap_or_default();
        Self { method, path: uri.path().to_owned(), segments, query, headers, body }
    }

    /// What follows `icws` in the path. Reverse proxies put something before it.
    pub(crate) fn icws(&self) -> Option<&[String]> {
        let at = self.segments.iter().take(4).position(|segment| segment.eq_ignore_ascii_case("icws"))?;
        self.segments.get(at + 1..)
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// A query parameter that is a list with commas.
    pub(crate) fn query_list(&self, name: &str) -> Vec<String> {
        let parts = self.query(name).unwrap_or_default().split(',').map(str::trim);
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn wants_events(&self) -> bool {
        let accepts = self.headers.get_all(header::ACCEPT);
        accepts.into_iter().any(|value| value.to_str().is_ok_and(|value| value.contains("text/event-stream")))
    }

    /// Whether some cookie header has this session cookie: alone, among others, with its attributes echoed, quoted or
    /// percent-encoded.
    pub(crate) fn has_cookie(&self, session: &str, value: &str) -> bool {
        let name = format!("icws_{session}=");
        self.headers.get_all(header::COOKIE).into_iter().filter_map(|header| header.to_str().ok()).any(|header| {
            let sent = header.match_indices(&name).map(|(at, _)| header[at + name.len()..].trim_start_matches('"'));
            sent.into_iter().any(|rest| rest.starts_with(value))
        })
    }

    /// The body as a JSON object, whatever its content type says.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, Answer> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) | Err(_) => Err(Answer::unreadable()),
        }
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }
}

/// A member that must be a text.
pub(crate) fn text(object: &Map<String, Value>, name: &str) -> Result<String, Answer> {
    match object.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(Value::Null) | None => Err(Answer::missing(name)),
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => Err(Answer::invalid(name)),
    }
}

/// A member that must be a list of texts.
pub(crate) fn texts(object: &Map<String, Value>, name: &str) -> Result<Vec<String>, Answer> {
    let list = match object.get(name) {
        Some(Value::Array(list)) => list,
        Some(Value::Null) | None => return Err(Answer::missing(name)),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            return Err(Answer::invalid(name));
        }
    };
    let texts = list.iter().map(|item| item.as_str().map(str::to_owned));
    texts.collect::<Option<_>>().ok_or_else(|| Answer::invalid(name))
}

/// A number that some clients send as a text.
pub(crate) fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}
