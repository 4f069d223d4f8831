//! A request as the organisation sees it and the answer it gives: knows how paths and queries are encoded, not sockets.

use axum::body::Bytes;
use axum::http::Method;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;
use uuid::Uuid;

use super::refusal::Refusal;

/// One HTTP request, its body read.
#[derive(Clone)]
pub(super) struct Request {
    pub method: Method,
    pub path: String,
    /// The path's segments, percent-decoded.
    pub segments: Vec<String>,
    pub query: Query,
    pub authorization: Option<String>,
    pub content_type: Option<String>,
    /// The name that the client knows this server by.
    pub host: Option<String>,
    pub body: Body,
}

/// A request's body.
#[derive(Clone)]
pub(super) enum Body {
    /// Complete.
    Read(Bytes),
    /// Over the limit of 512,000 bytes.
    TooLarge,
}

/// An answer, before the headers that every answer has.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub content: Content,
}

/// What an answer carries.
#[derive(Debug)]
pub(super) enum Content {
    Empty,
    Json(Value),
    Html(&'static str),
}

/// What comes of an endpoint.
pub(super) type Answer = Result<Reply, Refusal>;

/// What an endpoint is given: the request, routed, permitted and parsed.
pub(super) struct Call<'a> {
    pub request: &'a Request,
    /// What stands in the path's variable places, in order.
    pub params: Vec<&'a str>,
    /// The JSON body; null for endpoints without one.
    pub body: Value,
    /// When it arrived.
    pub at: Timestamp,
    /// The access token that it was made with.
    pub token: &'a str,
    /// The token's place among all that were given out.
    pub number: usize,
    /// The OAuth client whose token it is.
    pub client: &'a str,
}

impl Reply {
    /// 200 with JSON. Members that are null are left out, as the platform does.
    pub fn ok(body: Value) -> Self {
        Self::json(200, body)
    }

    /// JSON with another status.
    pub fn json(status: u16, mut body: Value) -> Self {
        drop_nulls(&mut body);
        Self { status, headers: Vec::new(), content: Content::Json(body) }
    }

    /// No body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), content: Content::Empty }
    }
}

impl Call<'_> {
    /// The path's variable place as a UUID, which may be written in either case.
    pub fn uuid(&self, place: usize) -> Option<Uuid> {
        Uuid::try_parse(self.params[place]).ok()
    }

    /// A whole number from the query.
    pub fn number(&self, name: &str, default: usize) -> Result<usize, Refusal> {
        match self.request.query.get(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| Refusal::query(text, name, "whole numbers")),
        }
    }

    /// A number that may not be smaller than one nor larger than `most`.
    pub fn count(&self, name: &str, default: usize, most: usize) -> Result<usize, Refusal> {
        let number = self.number(name, default)?;
        if number == 0 || number > most {
            return Err(Refusal::constraint(&format!("{name} must be between 1 and {most}")));
        }
        Ok(number)
    }

    /// A choice from the query, compared without case.
    pub fn choice<'c>(&self, name: &str, choices: &[&'c str], default: &'c str) -> Result<&'c str, Refusal> {
        let Some(text) = self.request.query.get(name) else {
            return Ok(default);
        };
        choices
            .iter()
            .find(|choice| choice.eq_ignore_ascii_case(text))
            .copied()
            .ok_or_else(|| Refusal::query(text, name, &choices.join(", ")))
    }
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A query string, decoded.
#[derive(Debug, Clone, Default)]
pub(super) struct Query(Vec<(String, String)>);

/// What needs no escape in the URIs that we hand out.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b',');

impl Query {
    /// Reads `a=b&c=d`.
    pub fn parse(text: &str) -> Self {
        Self(
            text.split('&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect(),
        )
    }

    /// The first value of a parameter; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// An array parameter. It is declared `multi`, yet the vendor's SDKs send one value with commas, escaped or not.
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.0
            .iter()
            .filter(|(key, _)| key == name)
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .collect()
    }

    /// The same query with one parameter replaced, as text with its question mark.
    pub fn with(&self, name: &str, value: &str) -> String {
        let mut pairs: Vec<(&str, &str)> =
            self.0.iter().map(|(key, value)| (key.as_str(), value.as_str())).filter(|(key, _)| *key != name).collect();
        pairs.push((name, value));
        let texts: Vec<String> = pairs
            .into_iter()
            .map(|(key, value)| format!("{}={}", utf8_percent_encode(key, PLAIN), utf8_percent_encode(value, PLAIN)))
            .collect();
        format!("?{}", texts.join("&"))
    }
}

/// Decodes one part of a form or a query.
fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_come_in_three_encodings() {
        for text in ["id=a,b", "id=a%2Cb", "id=a&id=b", "x=1&id=a%2C%20b"] {
            assert_eq!(Query::parse(text).list("id"), ["a", "b"], "{text}");
        }
        assert!(Query::parse("id=").list("id").is_empty());
    }

    #[test]
    fn a_page_link_keeps_the_other_parameters() {
        let query = Query::parse("pageSize=2&pageNumber=1&state=any");
        assert_eq!(query.with("pageNumber", "2"), "?pageSize=2&state=any&pageNumber=2");
    }
}
