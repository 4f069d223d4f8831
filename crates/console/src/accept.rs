//! Which of two kinds of answer a client asks for: the header `Accept`.
//!
//! Knows quality values (RFC 9110, 12.5.1) and nothing of what is answered.

use axum::http::{HeaderMap, header::ACCEPT};

/// Whether the client would rather have `wanted` than `usual`. Whoever does not say, or likes both the same, gets what is
/// usual.
pub(crate) fn prefers(headers: &HeaderMap, wanted: &str, usual: &str) -> bool {
    let said: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    quality(&said, wanted) > quality(&said, usual)
}

/// How much a media type is liked, in thousandths: the most specific range that matches counts.
fn quality(said: &[&str], media_type: &str) -> u32 {
    let group = media_type.split_once('/').map_or(media_type, |(group, _)| group);
    let ranges = said.iter().flat_map(|line| line.split(','));
    let matching = ranges.filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next()?;
        let rank = if name.eq_ignore_ascii_case(media_type) {
            2
        } else if name.strip_suffix("/*").is_some_and(|of| of.eq_ignore_ascii_case(group)) {
            1
        } else if name == "*/*" {
            0
        } else {
            return None;
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some((rank, quality.map_or(Some(1_000), thousandths)?))
    });
    matching.max().map_or(0, |(_, quality)| quality)
}

/// `0.35` is 350.
fn thousandths(quality: &str) -> Option<u32> {
    let (whole, part) = quality.split_once('.').unwrap_or((quality, ""));
    let part: u32 = format!("{part:0<3}").get(..3)?.parse().ok()?;
    Some((whole.parse::<u32>().ok()? * 1_000 + part).min(1_000))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(accept: &'static str, is_json: bool) {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
        assert_eq!(prefers(&headers, "application/json", "text/plain"), is_json, "{accept}");
    }

    #[test]
    fn who_asks_for_a_kind_gets_it() {
        check("application/json", true);
        check("text/plain", false);
        check("text/html, application/json;q=0.9, text/plain;q=0.8", true);
        check("application/json;q=0.2, text/*;q=0.3", false);
        check("application/*, text/plain;q=0.5", true);
        check("APPLICATION/JSON ; charset=utf-8 ; q=0.001", true);
    }

    #[test]
    fn who_does_not_care_gets_what_is_usual() {
        assert!(!prefers(&HeaderMap::new(), "application/json", "text/plain"));
        check("*/*", false);
        check("application/json;q=0, text/plain;q=0", false);
        check("application/json;q=much", false);
    }
}
