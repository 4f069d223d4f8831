//! Cookies by name, and the letters that secrets are written in.

use axum::http::{HeaderMap, HeaderValue, header};

/// How browsers reach the console: over the computer's own interface, or through something that speaks TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// As `localhost`: plain HTTP that nobody can listen to.
    Loopback,
    /// Anything else. Cookies are `Secure`, so that a browser keeps them for TLS only.
    Network,
}

/// A cookie of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Of somebody who has logged in.
    Session,
    /// Of a browser that has the form before it.
    Login,
}

impl Cookie {
    /// Cookies do not know ports: the name tells ours from those of other servers on this computer. The prefix `__Host-`
    /// makes a browser take it from this very host only (RFC 6265bis, 4.1.3.2).
    fn name(self, way: Way) -> &'static str {
        match (self, way) {
            (Self::Session, Way::Network) => "__Host-presence-bridge-session",
            (Self::Session, Way::Loopback) => "presence-bridge-session",
            (Self::Login, Way::Network) => "__Host-presence-bridge-login",
            (Self::Login, Way::Loopback) => "presence-bridge-login",
        }
    }

    /// What the browser sent.
    pub(crate) fn of(self, headers: &HeaderMap, way: Way) -> Option<&str> {
        value(headers, self.name(way))
    }

    /// What makes the browser keep it, until it is closed or the server forgets.
    pub(crate) fn set(self, way: Way, value: &str) -> HeaderValue {
        self.header(way, value, "")
    }

    /// What makes the browser forget it.
    pub(crate) fn clear(self, way: Way) -> HeaderValue {
        self.header(way, "", "; Max-Age=0")
    }

    fn header(self, way: Way, value: &str, more: &str) -> HeaderValue {
        let secure = match way {
            Way::Loopback => "",
            Way::Network => "; Secure",
        };
        let line = format!("{}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}", self.name(way));
        let mut header = HeaderValue::try_from(line).expect("names and values are letters and digits");
        header.set_sensitive(true);
        header
    }
}

/// The value of a cookie. Several headers may carry cookies.
pub(crate) fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// 32 random bytes, in letters.
pub(crate) fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; presence-bridge-session=x=y;b"));
        headers.append(header::COOKIE, HeaderValue::from_static("zone=Europe/Berlin"));
        assert_eq!(Cookie::Session.of(&headers, Way::Loopback), Some("x=y"));
        assert_eq!(Cookie::Session.of(&headers, Way::Network), None);
        assert_eq!(value(&headers, "zone"), Some("Europe/Berlin"));
        assert_eq!(value(&headers, "presence-bridge"), None);
    }

    #[test]
    fn a_cookie_for_the_network_is_for_tls_and_this_host_only() {
        let network = Cookie::Session.set(Way::Network, "00");
        assert_eq!(network, "__Host-presence-bridge-session=00; Path=/; HttpOnly; SameSite=Strict; Secure");
        let loopback = Cookie::Session.set(Way::Loopback, "00");
        assert_eq!(loopback, "presence-bridge-session=00; Path=/; HttpOnly; SameSite=Strict");
    }

    #[test]
    fn letters_and_bytes_are_the_same() {
        assert_eq!(unhex(&hex(&[0, 15, 255])), Some(vec![0, 15, 255]));
        for wrong in ["0", "0g", "é", "+1"] {
            let read = unhex(wrong);
            assert!(read.is_none() || wrong == "+1", "{wrong} {read:?}");
        }
    }
}
