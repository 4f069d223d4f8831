//! ICWS as it is on the wire, in the documentation's spelling. Only `convert` looks inside these types.
//!
//! Reading is lenient where servers were seen to differ (numbers for texts, `null` for a missing property) and strict
//! where guessing would be wrong: a message of a known type without what it must have does not decode.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize as FromJson, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::limits;

mod messages;
#[cfg(test)]
mod tests;

pub(crate) use messages::*;

/// Text that some servers send as a number or leave `null`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Text(pub(crate) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lenient;
        impl Visitor<'_> for Lenient {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a number")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Text, E> {
                Ok(Text::default())
            }
        }
        deserializer.deserialize_any(Lenient)
    }
}

/// What something is called by. No server has ids of a thousand bytes; such a one is refused rather than remembered.
#[derive(Debug, Clone, PartialEq, Eq, FromJson)]
#[serde(try_from = "String")]
pub(crate) struct Id(pub(crate) String);

impl TryFrom<String> for Id {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() <= limits::ID { Ok(Self(text)) } else { Err("the id is too long") }
    }
}

/// `Connection.VersionInfo`, as far as the version gate and people need it.
#[derive(Debug, Clone, FromJson)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VersionInfo {
    pub(crate) major_version: Text,
    pub(crate) minor_version: Text,
    pub(crate) su: Option<Text>,
    pub(crate) product_release_display_string: Option<Text>,
    pub(crate) product_patch_display_string: Option<Text>,
}

/// `Connection.ServerTimeInfo`.
#[derive(Debug, FromJson)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServerTimeInfo {
    pub(crate) server_utc_time: Option<String>,
}

/// `Common.FeatureInfo`.
#[derive(Debug, FromJson)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeatureInfo {
    pub(crate) feature_id: String,
    pub(crate) version: Text,
}

/// `Common.FeatureInfos`.
#[derive(Debug, FromJson)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeatureInfos {
    pub(crate) feature_info_list: Vec<FeatureInfo>,
}

/// `Connection.ConnectionResponse`. Id and token are in the headers as well; neither place is certain.
#[derive(FromJson)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectionResponse {
    pub(crate) csrf_token: Option<String>,
    pub(crate) session_id: Option<Text>,
    pub(crate) alternate_host_list: Option<Vec<String>>,
    pub(crate) days_until_password_expiration: Option<i64>,
    pub(crate) version: Option<VersionInfo>,
    pub(crate) features: Option<Vec<FeatureInfo>>,
    pub(crate) server_time_info: Option<ServerTimeInfo>,
}

/// `Common.Error` and `Connection.AlternateHosts` in one: both come with a status that is no success.
#[derive(Debug, FromJson, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Refused {
    pub(crate) error_id: Option<Text>,
    pub(crate) error_code: Option<Text>,
    pub(crate) message: Option<Text>,
    pub(crate) alternate_host_list: Option<Vec<String>>,
}

/// `Configuration.ConfigurationId`.
#[derive(Debug, FromJson)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConfigurationId {
    pub(crate) id: Id,
    pub(crate) display_name: Option<String>,
}

/// The part of `personalInformationProperties` and of `mailboxProperties` that is asked for.
#[derive(Debug, FromJson)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mail {
    pub(crate) email_address: Option<String>,
}

/// `Configuration.People.User`, as asked for.
#[derive(Debug, FromJson)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    pub(crate) configuration_id: ConfigurationId,
    pub(crate) personal_information_properties: Option<Mail>,
    pub(crate) mailbox_properties: Option<Mail>,
    /// References, bare or inherited ones inside `effectiveValue`.
    pub(crate) workgroups: Option<Value>,
}

/// `Configuration.People.Workgroup`, as asked for.
#[derive(Debug, FromJson)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Workgroup {
    pub(crate) configuration_id: ConfigurationId,
    pub(crate) has_queue: Option<bool>,
    pub(crate) queue_type: Option<i64>,
    /// A reference; its form is not documented, so a bare id is read as well.
    pub(crate) no_answer_status: Option<Value>,
}

/// A feature licence; only its id matters.
#[derive(Debug, FromJson)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeatureLicence {
    pub(crate) configuration_id: ConfigurationId,
}

/// A page of configuration objects.
#[derive(Debug, FromJson)]
pub(crate) struct Items<T> {
    #[serde(default = "Vec::new")]
    pub(crate) items: Vec<T>,
}

/// `Status.StatusMessages`.
#[derive(Debug, FromJson)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusMessages {
    pub(crate) status_message_list: Vec<StatusMessage>,
}

/// Reads a document.
pub(crate) fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(body)
}

/// Takes a JSON array apart without looking inside; a lone object counts as an array of one.
pub(crate) fn split(body: &str) -> Result<Vec<String>, serde_json::Error> {
    if body.trim_start().starts_with('{') {
        return Ok(vec![body.to_owned()]);
    }
    serde_json::from_str::<Apart>(body).map(|apart| apart.0)
}

/// The items of an array, not more of them than can be meant: a body of nothing but commas would take fifty times its
/// size.
struct Apart(Vec<String>);

impl<'de> Deserialize<'de> for Apart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items;
        impl<'de> Visitor<'de> for Items {
            type Value = Apart;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Apart, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element::<&RawValue>()? {
                    if items.len() == limits::MESSAGES {
                        return Err(de::Error::custom("too many messages"));
                    }
                    items.push(item.get().to_owned());
                }
                Ok(Apart(items))
            }
        }
        deserializer.deserialize_seq(Items)
    }
}

/// `Connection.IcAuthConnectionRequestSettings`, as text. It holds the password.
pub(crate) fn logon(application: &str, user: &str, password: &str) -> String {
    #[derive(Serialize)]
    struct Body<'a> {
        __type: &'static str,
        #[serde(rename = "applicationName")]
        application_name: &'a str,
        #[serde(rename = "userID")]
        user_id: &'a str,
        password: &'a str,
    }
    text(&Body {
        __type: "urn:inin.com:connection:icAuthConnectionRequestSettings",
        application_name: application,
        user_id: user,
        password,
    })
}

/// `Status.UserStatusSubscription`. Notes and forward numbers are personal and not asked for.
pub(crate) fn user_statuses(users: &[&str]) -> String {
    text(&BTreeMap::from([
        ("userIds", users),
        ("userStatusProperties", &["statusId", "statusChanged", "loggedIn", "until"]),
    ]))
}

/// `Queues.QueueSubscriptionParameters` for user queues.
pub(crate) fn user_queues(users: &[&str], attributes: &[&str]) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Queue<'a> {
        queue_type: u8,
        queue_name: &'a str,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        queue_ids: Vec<Queue<'a>>,
        attribute_names: &'a [&'a str],
    }
    let queue_ids = users.iter().map(|queue_name| Queue { queue_type: 1, queue_name }).collect();
    text(&Body { queue_ids, attribute_names: attributes })
}

/// `Configuration.ConfigObjectSubscription` for everything that may be viewed.
pub(crate) fn configuration(properties: &[&str]) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        configuration_ids: [&'static str; 1],
        properties: &'a [&'a str],
        rights_filter: &'static str,
    }
    text(&Body { configuration_ids: ["*"], properties, rights_filter: "view" })
}

fn text(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("texts, numbers and lists always serialise")
}
