//! Where the organisation lives and what is asked of it.
//!
//! Knows the table of regions. Reads no file and no environment, and has no defaults: whoever builds a [`Config`]
//! decides.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

/// What to connect to, as whom, and what to offer.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the Platform API is, such as `https://api.mypurecloud.ie`; a path in it is kept.
    pub api_base_url: Url,
    /// Where tokens are to be had, such as `https://login.mypurecloud.ie`; a path in it is kept.
    pub login_base_url: Url,
    /// The OAuth clients, whose grant type is Client Credentials; at least one, all of the same organisation.
    pub clients: Vec<OAuthClient>,
    /// How many tokens are asked for in the name of each client; at least 1. Each token has a rate limit of its own.
    pub tokens_per_client: usize,
    /// How presence and routing status are delivered.
    pub delivery: DeliveryChoice,
    /// The name of our presence source; it is found by it, or created.
    pub source_name: String,
    /// Whether out of office is offered at all.
    pub out_of_office: bool,
    /// Whether the platform's notifications can be subscribed to.
    pub notifications: bool,
    /// Under which authority PureConnect's user ids are external ids of the organisation's users.
    pub external_id_authority: Option<String>,
    /// Certificates (PEM) that are trusted besides the platform's.
    pub ca_file: Option<PathBuf>,
    /// Whether requests go through the proxy that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`).
    pub proxy: bool,
    /// The longest that one request may take, in real time.
    pub request_timeout: Duration,
    /// How long transient trouble is waited out while connecting, by the clock that is given.
    pub start_patience: Duration,
}

/// Who we are to the organisation.
#[derive(Debug, Clone)]
pub struct OAuthClient {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: SecretString,
}

/// How presence and routing status are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryChoice {
    /// By events where the organisation allows that, else directly.
    Auto,
    /// By event injection: every transition with its own time.
    Events,
    /// By the API that every organisation has: the newest value only, with the time at which it arrives.
    Direct,
}

/// The addresses of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    /// The Platform API.
    pub api: Url,
    /// The login service.
    pub login: Url,
}

/// The addresses of the region with this host name, such as `mypurecloud.ie`; `None` when there is no such region.
#[must_use]
pub fn region(host: &str) -> Option<Urls> {
    let wanted = host.trim().to_ascii_lowercase();
    let (known, _) = REGIONS.iter().find(|(known, _)| *known == wanted)?;
    Some(Urls {
        api: Url::parse(&format!("https://api.{known}")).ok()?,
        login: Url::parse(&format!("https://login.{known}")).ok()?,
    })
}

/// Every region: its host name and the AWS region that it runs in.
pub fn regions() -> impl Iterator<Item = (&'static str, &'static str)> {
    REGIONS.iter().copied()
}

/// From the vendor's own clients; the AWS names are for people.
const REGIONS: [(&str, &str); 18] = [
    ("mypurecloud.com", "us-east-1"),
    ("use2.us-gov-pure.cloud", "us-east-2 (FedRAMP)"),
    ("usw2.pure.cloud", "us-west-2"),
    ("cac1.pure.cloud", "ca-central-1"),
    ("mxc1.pure.cloud", "mx-central-1"),
    ("sae1.pure.cloud", "sa-east-1"),
    ("mypurecloud.ie", "eu-west-1"),
    ("euw2.pure.cloud", "eu-west-2"),
    ("mypurecloud.de", "eu-central-1"),
    ("euc2.pure.cloud", "eu-central-2"),
    ("edee1.eusc-pure.cloud", "eusc-de-east-1"),
    ("mec1.pure.cloud", "me-central-1"),
    ("aps1.pure.cloud", "ap-south-1"),
    ("apse1.pure.cloud", "ap-southeast-1"),
    ("mypurecloud.com.au", "ap-southeast-2"),
    ("mypurecloud.jp", "ap-northeast-1"),
    ("apne2.pure.cloud", "ap-northeast-2"),
    ("apne3.pure.cloud", "ap-northeast-3"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_region_is_found_by_its_host_in_any_case() {
        let urls = region(" MyPureCloud.IE ").unwrap();
        assert_eq!(urls.api.as_str(), "https://api.mypurecloud.ie/");
        assert_eq!(urls.login.as_str(), "https://login.mypurecloud.ie/");
        assert_eq!(region("mypurecloud.example"), None);
        assert_eq!(region(""), None);
    }

    #[test]
    fn every_region_of_the_table_has_addresses_and_no_host_is_there_twice() {
        let hosts: BTreeSet<_> = regions().map(|(host, _)| host).collect();
        assert_eq!(hosts.len(), regions().count());
        assert!(regions().all(|(host, aws)| region(host).is_some() && !aws.is_empty()));
    }
}
