//! Reads a list of configuration objects page by page.
//!
//! Pages are asked for with `Range`; `Content-Range` says what came. Servers may leave that out, give fewer than asked
//! for, or ignore the range and give everything (icws.md §8.1, §10).

use std::collections::BTreeSet;

use reqwest::header::{CONTENT_RANGE, HeaderMap};

use crate::error::Error;
use crate::limits;
use crate::request::{PAGE, Request};
use crate::session::Session;

/// Reads all pages.
pub(super) async fn pages<T>(
    session: &Session,
    request: impl Fn(usize) -> Request<'static>,
    read: impl Fn(&[u8]) -> Result<Vec<T>, serde_json::Error>,
    key: impl Fn(&T) -> String,
) -> Result<Vec<T>, Error> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    let mut from = 0;
    for _ in 0..limits::PAGES {
        let page = request(from);
        let reply = match session.ask(&page).await {
            Ok(reply) => reply,
            // Beyond the end.
            Err(error) if error.status() == Some(416) && from > 0 => return Ok(all),
            Err(error) => return Err(error),
        };
        let items = if reply.body.trim_ascii().is_empty() { Ok(Vec::new()) } else { read(&reply.body) };
        let items = items.map_err(|error| Error::malformed(session.host(), "configuration", &error))?;
        let got = items.len();
        let before = all.len();
        all.extend(items.into_iter().filter(|item| seen.insert(key(item).to_lowercase())));
        // A server that ignores the range says the same again.
        if all.len() == before {
            return Ok(all);
        }
        match next(from, got, content_range(&reply.headers)) {
            Some(next) => from = next,
            None => return Ok(all),
        }
    }
    let host = session.host().to_owned();
    Err(Error::Endless { host, operation: request(0).name(), limit: limits::PAGES })
}

/// Last item and total of `items 0-199/1234`; a total of `*` is unknown.
fn content_range(headers: &HeaderMap) -> Option<(usize, Option<usize>)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = text.trim().rsplit_once('/')?;
    let (_, last) = range.rsplit_once('-')?;
    Some((last.trim().parse().ok()?, total.trim().parse().ok()))
}

/// Where the next page begins.
fn next(from: usize, got: usize, range: Option<(usize, Option<usize>)>) -> Option<usize> {
    match range {
        Some((last, Some(total))) => (last + 1 < total && last + 1 > from).then_some(last + 1),
        Some((last, None)) => (last + 1 > from).then_some(last + 1),
        // Not told: a full page may have a successor; a short or an overlong one is all.
        None => (got == PAGE).then_some(from + PAGE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_range_tells_the_next_page_and_a_full_page_suggests_one() {
        assert_eq!(next(0, 200, Some((199, Some(450)))), Some(200));
        assert_eq!(next(200, 100, Some((299, Some(450)))), Some(300), "fewer than asked for");
        assert_eq!(next(400, 50, Some((449, Some(450)))), None);
        assert_eq!(next(400, 50, Some((199, Some(450)))), None, "a server that counts wrongly does not trap us");
        assert_eq!(next(0, 200, Some((199, None))), Some(200));
        assert_eq!(next(0, 200, None), Some(200));
        assert_eq!(next(0, 199, None), None);
        assert_eq!(next(0, 900, None), None);
    }

    #[test]
    fn the_header_is_read_or_ignored() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_RANGE, text.parse().unwrap());
            content_range(&headers)
        };
        assert_eq!(read("items 0-199/1234"), Some((199, Some(1234))));
        assert_eq!(read("items 0-199/*"), Some((199, None)));
        assert_eq!(read("items */0"), None);
        assert_eq!(read("nonsense"), None);
    }
}
