//! The OAuth clients: their secrets, what each may do, and whether it belongs to another organisation.
//!
//! It knows neither tokens nor requests.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use uuid::Uuid;

use super::refusal::Refusal;

/// An OAuth client.
pub(super) struct OAuthClient {
    pub secret: String,
    /// What it may do; `None` is everything.
    pub granted: Option<BTreeSet<String>>,
    /// What it may not do, whatever is granted.
    pub withheld: BTreeSet<String>,
    /// The organisation that it belongs to, if it is another one.
    pub elsewhere: Option<Organization>,
}

/// Another organisation, of which only the name is known here.
#[derive(Debug, Clone)]
pub(super) struct Organization {
    pub id: Uuid,
    pub name: String,
}

impl OAuthClient {
    /// One of this organisation's.
    pub fn new(secret: String, granted: Option<BTreeSet<String>>) -> Self {
        Self { secret, granted, withheld: BTreeSet::new(), elsewhere: None }
    }

    /// Whether one of these permissions is there; none needed is always fine.
    fn permit(&self, any_of: &[&str]) -> Result<(), Refusal> {
        let has = |wanted: &str| {
            !self.withheld.contains(wanted) && self.granted.as_ref().is_none_or(|granted| granted.contains(wanted))
        };
        match any_of.is_empty() || any_of.iter().any(|wanted| has(wanted)) {
            true => Ok(()),
            false => Err(Refusal::permission(&any_of.join(", "))),
        }
    }
}

impl Organization {
    /// The organisation's record, as far as it is known.
    pub fn show(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "domain": "elsewhere",
            "thirdPartyOrgName": "elsewhere",
            "version": 1,
            "state": "active",
            "selfUri": format!("/api/v2/organizations/{}", self.id),
        })
    }
}

/// All of them.
pub(super) struct Clients {
    /// The one that a command means which names none.
    first: String,
    by_id: BTreeMap<String, OAuthClient>,
}

impl Clients {
    /// The first one.
    pub fn new(id: String, client: OAuthClient) -> Self {
        Self { first: id.clone(), by_id: BTreeMap::from([(id, client)]) }
    }

    /// One more, or a former one anew.
    pub fn add(&mut self, id: String, client: OAuthClient) {
        self.by_id.insert(id, client);
    }

    /// The client of this id.
    pub fn get(&self, id: &str) -> Option<&OAuthClient> {
        self.by_id.get(id)
    }

    /// All, with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &OAuthClient)> {
        self.by_id.iter()
    }

    /// The client that a command means: the one of this id, or the first.
    pub fn meant(&mut self, id: Option<&str>) -> Result<&mut OAuthClient, String> {
        self.by_id.get_mut(id.unwrap_or(&self.first)).ok_or_else(|| "there is no such client".to_owned())
    }

    /// Whether a client may do what one of these permissions allows.
    pub fn permit(&self, id: &str, any_of: &[&str]) -> Result<(), Refusal> {
        self.get(id).ok_or_else(Refusal::bad_credentials)?.permit(any_of)
    }
}
