//! The answers to single requests, in our words.

use domain::source::{Release, StatusMessage};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;
use secrecy::SecretString;

use super::{read, release, status_message, user_patch, workgroup_patch};
use crate::limits::{self, said};
use crate::picture::{UserPatch, WorkgroupPatch};
use crate::survey::Version;
use crate::wire;

/// What a server says instead of doing what it was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The server's own id of the error.
    pub(crate) id: String,
    /// The number that some releases give instead.
    pub(crate) code: String,
    /// Its text, shortened.
    pub(crate) message: String,
    /// Where to ask instead.
    pub(crate) alternates: Vec<String>,
    /// Whether the body was ICWS' at all.
    pub(crate) spoken: bool,
}

impl Refusal {
    /// Whether it says that user and password do not fit. The status is 400 then, not 401 (icws.md §3.2).
    pub(crate) fn is_authentication(&self) -> bool {
        self.id.ends_with("connection.authenticationFailure") || self.code == "-2147221503"
    }

    /// Whether it speaks of a licence. No source says with which id, so the words count, in both spellings.
    pub(crate) fn is_about_licences(&self) -> bool {
        [&self.id, &self.message].iter().any(|text| text.to_lowercase().contains("licen"))
    }

    /// Its words, or its id where there are none.
    pub(crate) fn words(&self) -> &str {
        let words = [&self.message, &self.id, &self.code];
        words.into_iter().find(|text| !text.is_empty()).map_or("", String::as_str)
    }
}

/// Reads the body of an answer that is no success; anything may stand there, also a proxy's page.
pub(crate) fn refusal(body: &[u8]) -> Refusal {
    let Ok(refused) = read::<wire::Refused>(body) else {
        return Refusal::default();
    };
    let spoken = refused.error_id.is_some() || refused.message.is_some() || refused.alternate_host_list.is_some();
    Refusal {
        id: shortened(refused.error_id),
        code: shortened(refused.error_code),
        message: shortened(refused.message),
        alternates: alternates(refused.alternate_host_list),
        spoken,
    }
}

fn shortened(text: Option<wire::Text>) -> String {
    said(&text.unwrap_or_default().0)
}

/// The first of the hosts that a server names.
fn alternates(list: Option<Vec<String>>) -> Vec<String> {
    list.unwrap_or_default().iter().take(limits::ALTERNATES).map(|host| said(host.trim())).collect()
}

/// Reads the answer of `connection/version`; `None` inside when the numbers are none.
pub(crate) fn version(body: &[u8]) -> Result<Option<Version>, serde_json::Error> {
    let info: wire::VersionInfo = read(body)?;
    Ok(release(&info).map(|release| Version { release, text: version_text(&info, release) }))
}

/// The patch names its release as well.
fn version_text(info: &wire::VersionInfo, release: Release) -> String {
    let filled = |text: &Option<wire::Text>| {
        let text = said(text.as_ref().map_or("", |text| text.0.trim()));
        (!text.is_empty()).then_some(text)
    };
    let shown = filled(&info.product_patch_display_string).or_else(|| filled(&info.product_release_display_string));
    shown.unwrap_or_else(|| match filled(&info.su) {
        Some(patch) if patch != "0" => format!("{release} Patch{patch}"),
        Some(_) | None => release.to_string(),
    })
}

/// What a logon gave.
pub(crate) struct LoggedOn {
    /// The session's id.
    pub(crate) session: String,
    /// The token that goes with every request but those for messages.
    pub(crate) csrf: SecretString,
    /// `name=value` of every cookie.
    pub(crate) cookie: SecretString,
    /// Where to go when this session is lost.
    pub(crate) alternates: Vec<String>,
    /// The release, where the answer has it.
    pub(crate) release: Option<Release>,
    /// The version of the feature *messaging*, where the answer has the list.
    pub(crate) messaging: Option<u32>,
    /// The server's clock, where the answer has it.
    pub(crate) server_time: Option<Timestamp>,
    /// Until the password expires.
    pub(crate) password_days: Option<i64>,
}

/// Reads the answer to a logon; `None` when it has no session id or token.
pub(crate) fn logged_on(headers: &HeaderMap, body: &[u8]) -> Result<Option<LoggedOn>, serde_json::Error> {
    let answer: wire::ConnectionResponse = read(body)?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let filled = |text: String| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let in_body = answer.session_id.and_then(|id| filled(id.0));
    let Some(session) = in_body.or_else(|| header("ININ-ICWS-Session-ID").and_then(filled)) else {
        return Ok(None);
    };
    let in_body = answer.csrf_token.and_then(filled);
    let Some(csrf) = in_body.or_else(|| header("ININ-ICWS-CSRF-Token").and_then(filled)) else {
        return Ok(None);
    };
    Ok(Some(LoggedOn {
        session,
        csrf: csrf.into(),
        cookie: cookies(headers).into(),
        alternates: alternates(answer.alternate_host_list),
        release: answer.version.as_ref().and_then(release),
        messaging: answer.features.map(|list| messaging_version(&list)),
        server_time: answer.server_time_info.as_ref().and_then(server_time_of),
        password_days: answer.days_until_password_expiration,
    }))
}

/// All cookies that were set, as `name=value; name=value`: a proxy may have added its own to find the same server again.
fn cookies(headers: &HeaderMap) -> String {
    let set = headers.get_all("set-cookie").iter();
    let pairs = set.filter_map(|value| value.to_str().ok()?.split(';').next().map(|pair| pair.trim().to_owned()));
    pairs.collect::<Vec<_>>().join("; ")
}

fn messaging_version(features: &[wire::FeatureInfo]) -> u32 {
    let found = features.iter().find(|feature| feature.feature_id.eq_ignore_ascii_case("messaging"));
    found.and_then(|feature| feature.version.0.parse().ok()).unwrap_or(0)
}

fn server_time_of(info: &wire::ServerTimeInfo) -> Option<Timestamp> {
    super::time(info.server_utc_time.as_deref()?, SignedDuration::ZERO)
}

/// Reads the answer of `connection/features`: the version of the feature *messaging*.
pub(crate) fn messaging(body: &[u8]) -> Result<u32, serde_json::Error> {
    read::<wire::FeatureInfos>(body).map(|features| messaging_version(&features.feature_info_list))
}

/// Reads the answer of `connection/server-time`.
pub(crate) fn server_time(body: &[u8]) -> Result<Option<Timestamp>, serde_json::Error> {
    read(body).map(|info| server_time_of(&info))
}

/// Reads a page of users.
pub(crate) fn users(body: &[u8]) -> Result<Vec<UserPatch>, serde_json::Error> {
    read::<wire::Items<_>>(body).map(|page| page.items.into_iter().map(user_patch).collect())
}

/// Reads a page of workgroups.
pub(crate) fn workgroups(body: &[u8]) -> Result<Vec<WorkgroupPatch>, serde_json::Error> {
    read::<wire::Items<_>>(body).map(|page| page.items.into_iter().map(workgroup_patch).collect())
}

/// Reads the list of feature licences: whether this one is in it.
pub(crate) fn has_feature_licence(body: &[u8], id: &str) -> Result<bool, serde_json::Error> {
    let list: wire::Items<wire::FeatureLicence> = read(body)?;
    Ok(list.items.iter().any(|licence| licence.configuration_id.id.0.eq_ignore_ascii_case(id)))
}

/// Reads the answer of `status/status-messages`.
pub(crate) fn status_messages(body: &[u8]) -> Result<Vec<StatusMessage>, serde_json::Error> {
    read::<wire::StatusMessages>(body).map(|list| list.status_message_list.into_iter().map(status_message).collect())
}
