//! By which names the console may be reached, and whether a request comes from a page of its own.
//!
//! A page of another site can make a browser send requests here, also by giving its own name our address (DNS rebinding).
//! It cannot choose what the browser then puts into `Host`, `Origin` and `Sec-Fetch-Site`.

use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};
use url::Url;

use super::names::Way;

/// The names.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    named: Vec<String>,
    /// Whether nothing but the names will do.
    strict: bool,
}

/// Where a request says it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// A page of ours.
    Ourselves,
    /// A page of another site.
    Elsewhere,
    /// It does not say: no browser sends a form so.
    Unsaid,
}

impl Hosts {
    pub(crate) fn new(named: &[String], loopback: bool) -> Self {
        let named: Vec<_> = named.iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { strict: loopback || !named.is_empty(), named }
    }

    /// Whether the console answers to the name. That of the loopback interface always goes, whatever the port: no other
    /// site can have it, and a tunnel ends at a port of its own.
    pub(crate) fn allow(&self, host: &Authority) -> bool {
        !self.strict || is_loopback(host) || self.is_named(host)
    }

    fn is_named(&self, host: &Authority) -> bool {
        let full = host.as_str().to_ascii_lowercase();
        let name = host.host().to_ascii_lowercase();
        self.named.iter().any(|named| *named == full || *named == name)
    }

    /// Where the request comes from, by what its browser says.
    pub(crate) fn origin(&self, headers: &HeaderMap, host: &Authority) -> From {
        let site = headers.get("sec-fetch-site").map(|site| site.as_bytes());
        if !matches!(site, None | Some(b"same-origin" | b"none")) {
            return From::Elsewhere;
        }
        match headers.get(header::ORIGIN) {
            Some(origin) => match origin.to_str().ok().and_then(authority) {
                Some(origin) if same(&origin, host) || self.is_named(&origin) => From::Ourselves,
                Some(_) | None => From::Elsewhere,
            },
            None if site.is_some() => From::Ourselves,
            None => From::Unsaid,
        }
    }
}

/// How a browser came here, by the name it used.
pub(crate) fn way(host: &Authority) -> Way {
    if is_loopback(host) { Way::Loopback } else { Way::Network }
}

/// Whom the request is for. The target itself goes before the header (RFC 9112, 3.2.2).
pub(crate) fn host(parts: &Parts) -> Option<Authority> {
    if let Some(authority) = parts.uri.authority() {
        return Some(authority.clone());
    }
    let mut named = parts.headers.get_all(header::HOST).iter();
    let only = named.next().filter(|_| named.next().is_none())?;
    Authority::try_from(only.as_bytes()).ok().filter(|host| !host.as_str().contains('@'))
}

/// Whether a page of the origin was sent without TLS.
pub(crate) fn is_plain(headers: &HeaderMap) -> bool {
    headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"http://"))
}

fn is_loopback(host: &Authority) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| host.host().eq_ignore_ascii_case(name))
}

fn authority(origin: &str) -> Option<Authority> {
    let url = Url::parse(origin).ok()?;
    let host = url.host_str()?;
    let text = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Authority::try_from(text).ok()
}

/// Origins leave out the port of their scheme; so may a host, and either may be a proxy's.
fn same(origin: &Authority, host: &Authority) -> bool {
    let usual = |port: Option<u16>| port.filter(|port| ![80, 443].contains(port));
    origin.host().eq_ignore_ascii_case(host.host()) && usual(origin.port_u16()) == usual(host.port_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Authority {
        Authority::try_from(text).unwrap()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_loopback_console_answers_to_its_own_names_only() {
        let hosts = Hosts::new(&["Console.example.com".to_owned(), "proxy:8443".to_owned()], true);
        for good in
            ["localhost:8090", "LOCALHOST:9000", "127.0.0.1:8090", "[::1]:8090", "console.example.com", "proxy:8443"]
        {
            assert!(hosts.allow(&named(good)), "{good}");
        }
        for bad in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8090", "proxy:8444", "127.0.0.2"]
        {
            assert!(!hosts.allow(&named(bad)), "{bad}");
        }
    }

    #[test]
    fn a_console_on_the_network_answers_to_any_name_until_some_are_given() {
        assert!(Hosts::new(&[], false).allow(&named("bridge.example:8090")));
        assert!(!Hosts::new(&["console.example".to_owned()], false).allow(&named("bridge.example:8090")));
    }

    #[test]
    fn a_page_of_ours_is_told_from_others() {
        let hosts = Hosts::new(&["console.example".to_owned()], true);
        let from = |pairs: &[(&'static str, &str)]| hosts.origin(&headers(pairs), &named("localhost:8090"));

        assert_eq!(from(&[("origin", "http://localhost:8090"), ("sec-fetch-site", "same-origin")]), From::Ourselves);
        assert_eq!(from(&[("origin", "http://localhost:8090")]), From::Ourselves);
        assert_eq!(from(&[("origin", "https://console.example")]), From::Ourselves);
        assert_eq!(from(&[("sec-fetch-site", "same-origin")]), From::Ourselves);
        assert_eq!(from(&[]), From::Unsaid);

        assert_eq!(from(&[("origin", "http://localhost:3000")]), From::Elsewhere);
        assert_eq!(from(&[("origin", "https://evil.example")]), From::Elsewhere);
        assert_eq!(from(&[("origin", "null")]), From::Elsewhere);
        assert_eq!(from(&[("sec-fetch-site", "cross-site")]), From::Elsewhere);
        assert_eq!(from(&[("sec-fetch-site", "same-site")]), From::Elsewhere);
        assert_eq!(from(&[("origin", "http://localhost:8090"), ("sec-fetch-site", "cross-site")]), From::Elsewhere);
    }
}
