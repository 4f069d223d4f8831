//! Pages of a list: where one is, and the way to the others (RFC 8288).

use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponseParts, ResponseParts};

use crate::shown::PageOf;

/// So many are on a page unless something else is asked for.
const LIMIT: u64 = 100;

/// More are never on a page.
const MAX_LIMIT: u64 = 500;

/// Where a page is in a list of so many.
pub(super) fn page_of(limit: Option<u64>, page: Option<u64>, found: u64, total: u64) -> PageOf {
    let limit = limit.unwrap_or(LIMIT).clamp(1, MAX_LIMIT);
    let pages = found.div_ceil(limit).max(1);
    PageOf { page: page.unwrap_or(1).clamp(1, pages), pages, limit, found, total }
}

/// The page's part of a list.
pub(super) fn part<T>(all: Vec<T>, page: &PageOf) -> Vec<T> {
    let skipped = usize::try_from((page.page - 1).saturating_mul(page.limit)).unwrap_or(usize::MAX);
    let most = usize::try_from(page.limit).unwrap_or(usize::MAX);
    all.into_iter().skip(skipped).take(most).collect()
}

/// The header `Link`: the first, the previous, the next and the last page.
pub(super) struct Links(Option<HeaderValue>);

impl Links {
    /// From the page that was asked for to the others.
    pub(super) fn new(uri: &Uri, page: &PageOf) -> Self {
        let previous = (page.page > 1).then(|| ("prev", page.page - 1));
        let next = (page.page < page.pages).then(|| ("next", page.page + 1));
        let all = [Some(("first", 1)), previous, next, Some(("last", page.pages))];
        let links: Vec<String> = all
            .into_iter()
            .flatten()
            .map(|(relation, number)| format!("<{}?{}>; rel=\"{relation}\"", uri.path(), query(uri, number)))
            .collect();
        Self(HeaderValue::try_from(links.join(", ")).ok())
    }
}

/// The query again, with another page.
fn query(uri: &Uri, page: u64) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let asked = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    query.extend_pairs(asked.filter(|(name, _)| name != "page"));
    query.append_pair("page", &page.to_string());
    query.finish()
}

impl IntoResponseParts for Links {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Self::Error> {
        if let Some(links) = self.0 {
            response.headers_mut().insert(header::LINK, links);
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(uri: &str, page: u64, found: u64, expected: &str) {
        let page = page_of(Some(10), Some(page), found, found);
        let Links(Some(links)) = Links::new(&uri.parse().unwrap(), &page) else { panic!("no header for {uri}") };
        assert_eq!(links.to_str().unwrap(), expected);
    }

    #[test]
    fn the_way_to_the_other_pages_keeps_what_was_asked_for() {
        check(
            "/api/v1/links/main/agents?search=j%C3%BCrgen&page=2&limit=10",
            2,
            25,
            "</api/v1/links/main/agents?search=j%C3%BCrgen&limit=10&page=1>; rel=\"first\", \
             </api/v1/links/main/agents?search=j%C3%BCrgen&limit=10&page=1>; rel=\"prev\", \
             </api/v1/links/main/agents?search=j%C3%BCrgen&limit=10&page=3>; rel=\"next\", \
             </api/v1/links/main/agents?search=j%C3%BCrgen&limit=10&page=3>; rel=\"last\"",
        );
        check("/api/v1/a", 1, 0, "</api/v1/a?page=1>; rel=\"first\", </api/v1/a?page=1>; rel=\"last\"");
    }

    #[test]
    fn a_page_beyond_the_end_is_the_last_one() {
        assert_eq!(page_of(Some(10), Some(99), 25, 40), PageOf { page: 3, pages: 3, limit: 10, found: 25, total: 40 });
        assert_eq!(part((0..25).collect(), &page_of(Some(10), Some(3), 25, 25)), [20, 21, 22, 23, 24]);
        assert_eq!(page_of(Some(100_000), None, 5, 5).limit, MAX_LIMIT);
    }
}
