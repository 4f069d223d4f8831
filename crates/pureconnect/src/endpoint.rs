//! Where a host's ICWS is: the base URL with its slot for the host. It knows no paths below that.

use reqwest::Url;

const SLOT: &str = "{host}";

/// A base URL, perhaps with a slot for the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(String);

impl Template {
    /// Takes the text of the configuration, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let template = Self(text.trim().trim_end_matches('/').to_owned());
        let example = template.base("host.example.com").ok_or_else(|| format!("`{text}` is no URL"))?;
        let url = Url::parse(&example).map_err(|error| format!("`{text}` is no URL: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("`{text}` begins with neither http:// nor https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the URL holds a user or a password; give them on their own".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("`{text}` holds a query or a fragment, which a base has not"));
        }
        Ok(template)
    }

    /// Whether hosts can be told apart.
    pub(crate) fn has_slot(&self) -> bool {
        self.0.contains(SLOT)
    }

    /// Whether certificates matter.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.0.to_ascii_lowercase().starts_with("https:")
    }

    /// The base URL for a host; `None` when the host is none, so that a list from a server can never lead elsewhere
    /// than to a host.
    pub(crate) fn base(&self, host: &str) -> Option<String> {
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        if host.is_empty() || !host.chars().all(allowed) {
            return None;
        }
        let base = self.0.replace(SLOT, host);
        Url::parse(&base).is_ok().then_some(base)
    }

    /// The host that the URL itself names, for a template without slot.
    pub(crate) fn own_host(&self) -> Option<String> {
        Some(Url::parse(&self.0).ok()?.host_str()?.to_owned())
    }
}

/// Whether the URL stays on this computer, where no proxy can be meant.
pub(crate) fn is_loopback(base: &str) -> bool {
    let url = Url::parse(base).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_goes_into_the_slot() {
        let direct = Template::parse("https://{host}:8019").unwrap();
        assert_eq!(direct.base("cic1.example.com").as_deref(), Some("https://cic1.example.com:8019"));
        let proxied = Template::parse("https://proxy.example.com/api/{host}/").unwrap();
        assert_eq!(proxied.base("cic2").as_deref(), Some("https://proxy.example.com/api/cic2"));
        let fixed = Template::parse("http://127.0.0.1:8018").unwrap();
        assert!(!fixed.has_slot() && !fixed.is_encrypted());
        assert_eq!(fixed.own_host().as_deref(), Some("127.0.0.1"));
        assert!(is_loopback("http://[::1]:80") && is_loopback("http://127.0.0.1") && !is_loopback("https://cic1"));
    }

    #[test]
    fn what_is_no_host_leads_nowhere() {
        let template = Template::parse("https://{host}:8019").unwrap();
        for bad in ["", "evil.example.com/x", "user@evil", "a b", "x?y", "x#y", "::::"] {
            assert_eq!(template.base(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_base_that_cannot_be_one_is_explained() {
        for bad in ["cic1:8019", "ftp://{host}", "https://u:p@{host}", "https://{host}/?a=b", "https://", "nonsense"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }
}
