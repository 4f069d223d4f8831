//! Everything that may ever be sent to PureConnect. There is no word here for changing anything: besides logging on and
//! off there are reads, subscriptions, and the sign of life.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};

use crate::convert::ATTRIBUTES;
use crate::wire;

const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The feature licence that stands for Workforce Engagement.
pub(crate) const WORKFORCE_ENGAGEMENT: &str = "I3_FEATURE_CLOUD_WEM_WORKFORCE_PLANNING";

/// The name of the logon, for those who have to tell it from the rest.
pub(crate) const LOG_ON: &str = "log on";

/// The most items that an answer with `select` holds (icws.md §8.1).
pub(crate) const PAGE: usize = 200;

/// The properties of users that are read and watched.
const USER_PROPERTIES: [&str; 3] =
    ["personalInformationProperties.emailAddress", "mailboxProperties.emailAddress", "workgroups"];

/// The properties of workgroups that are read and watched.
const WORKGROUP_PROPERTIES: [&str; 3] = ["hasQueue", "queueType", "noAnswerStatus"];

/// One request.
#[derive(Debug, Clone)]
pub(crate) enum Request<'a> {
    /// The release. Needs no session.
    Version,
    /// A session.
    LogOn { application: &'a str, user: &'a str, password: &'a SecretString },
    /// The features, for a logon that did not list them.
    Features,
    /// The server's clock.
    ServerTime,
    /// Whether the feature licence for Workforce Engagement is there.
    FeatureLicence,
    /// All feature licences, for a server that does not answer for one.
    FeatureLicences,
    /// The status messages.
    StatusMessages,
    /// A page of users, from this one on.
    Users { from: usize },
    /// A page of workgroups, from this one on.
    Workgroups { from: usize },
    /// The messages that wait.
    Messages,
    /// Messages as they come.
    Stream,
    /// Reports status messages from now on.
    WatchStatusMessages,
    /// Reports users from now on.
    WatchUsers,
    /// Reports workgroups from now on.
    WatchWorkgroups,
    /// Reports these users' statuses from now on, and nobody else's.
    WatchStatuses { users: &'a [&'a str] },
    /// Reports these users' queues from now on.
    WatchQueues { subscription: &'a str, users: &'a [&'a str] },
    /// Ends the reports of statuses.
    ForgetStatuses,
    /// Ends the reports of these queues.
    ForgetQueues { subscription: &'a str },
    /// Says that we are still there.
    Heartbeat,
    /// Ends the session.
    LogOff,
}

impl Request<'_> {
    /// What it is for, for people and logs.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Version => "read the version",
            Self::LogOn { .. } => LOG_ON,
            Self::Features => "read the features",
            Self::ServerTime => "read the server time",
            Self::FeatureLicence => "read a feature licence",
            Self::FeatureLicences => "read the feature licences",
            Self::StatusMessages => "read the status messages",
            Self::Users { .. } => "read the users",
            Self::Workgroups { .. } => "read the workgroups",
            Self::Messages => "fetch messages",
            Self::Stream => "open the message stream",
            Self::WatchStatusMessages => "subscribe to status messages",
            Self::WatchUsers => "subscribe to users",
            Self::WatchWorkgroups => "subscribe to workgroups",
            Self::WatchStatuses { .. } => "subscribe to user statuses",
            Self::WatchQueues { .. } => "subscribe to user queues",
            Self::ForgetStatuses => "end the subscription to user statuses",
            Self::ForgetQueues { .. } => "end a subscription to user queues",
            Self::Heartbeat => "send a heartbeat",
            Self::LogOff => "log off",
        }
    }

    pub(crate) fn method(&self) -> Method {
        match self {
            Self::Version
            | Self::Features
            | Self::ServerTime
            | Self::FeatureLicence
            | Self::FeatureLicences
            | Self::StatusMessages
            | Self::Users { .. }
            | Self::Workgroups { .. }
            | Self::Messages
            | Self::Stream => Method::GET,
            Self::LogOn { .. } | Self::Heartbeat => Method::POST,
            Self::WatchStatusMessages
            | Self::WatchUsers
            | Self::WatchWorkgroups
            | Self::WatchStatuses { .. }
            | Self::WatchQueues { .. } => Method::PUT,
            Self::ForgetStatuses | Self::ForgetQueues { .. } | Self::LogOff => Method::DELETE,
        }
    }

    /// Path and query below the base URL. `session` is the segment of the session; those that need none ignore it.
    pub(crate) fn path(&self, session: &str) -> String {
        let session = utf8_percent_encode(session, SEGMENT);
        match self {
            Self::Version => "/icws/connection/version".to_owned(),
            Self::LogOn { .. } => "/icws/connection?include=version,features,server-time".to_owned(),
            Self::Features => "/icws/connection/features".to_owned(),
            Self::ServerTime => "/icws/connection/server-time".to_owned(),
            Self::FeatureLicence => {
                format!("/icws/{session}/configuration/feature-licenses/{WORKFORCE_ENGAGEMENT}")
            }
            Self::FeatureLicences => format!("/icws/{session}/configuration/feature-licenses"),
            Self::StatusMessages => format!("/icws/{session}/status/status-messages"),
            Self::Users { .. } => {
                let select = USER_PROPERTIES.join(",");
                format!("/icws/{session}/configuration/users?select={select}&rightsFilter=view")
            }
            Self::Workgroups { .. } => {
                let select = WORKGROUP_PROPERTIES.join(",");
                format!("/icws/{session}/configuration/workgroups?select={select}&rightsFilter=view")
            }
            Self::Messages | Self::Stream => format!("/icws/{session}/messaging/messages"),
            Self::WatchStatusMessages => format!("/icws/{session}/messaging/subscriptions/status/status-messages"),
            Self::WatchUsers => format!("/icws/{session}/messaging/subscriptions/configuration/users/users"),
            Self::WatchWorkgroups => {
                format!("/icws/{session}/messaging/subscriptions/configuration/workgroups/workgroups")
            }
            Self::WatchStatuses { .. } | Self::ForgetStatuses => {
                format!("/icws/{session}/messaging/subscriptions/status/user-statuses")
            }
            Self::WatchQueues { subscription, .. } | Self::ForgetQueues { subscription } => {
                let subscription = utf8_percent_encode(subscription, SEGMENT);
                format!("/icws/{session}/messaging/subscriptions/queues/{subscription}")
            }
            Self::Heartbeat => format!("/icws/{session}/messaging/heartbeat"),
            Self::LogOff => format!("/icws/{session}/connection"),
        }
    }

    /// The JSON to send. That of a logon holds the password.
    pub(crate) fn body(&self) -> Option<String> {
        match self {
            Self::LogOn { application, user, password } => {
                Some(wire::logon(application, user, password.expose_secret()))
            }
            Self::WatchUsers => Some(wire::configuration(&USER_PROPERTIES)),
            Self::WatchWorkgroups => Some(wire::configuration(&WORKGROUP_PROPERTIES)),
            Self::WatchStatuses { users } => Some(wire::user_statuses(users)),
            Self::WatchQueues { users, .. } => Some(wire::user_queues(users, &ATTRIBUTES)),
            Self::Version
            | Self::Features
            | Self::ServerTime
            | Self::FeatureLicence
            | Self::FeatureLicences
            | Self::StatusMessages
            | Self::Users { .. }
            | Self::Workgroups { .. }
            | Self::Messages
            | Self::Stream
            | Self::WatchStatusMessages
            | Self::ForgetStatuses
            | Self::ForgetQueues { .. }
            | Self::Heartbeat
            | Self::LogOff => None,
        }
    }

    /// The first and the last item of the page that is asked for.
    pub(crate) fn range(&self) -> Option<(usize, usize)> {
        match self {
            Self::Users { from } | Self::Workgroups { from } => Some((*from, from + PAGE - 1)),
            _ => None,
        }
    }

    /// Whether the token goes with it: with everything in a session but the fetching of messages (icws.md §1.1).
    pub(crate) fn needs_token(&self) -> bool {
        !matches!(self, Self::Messages | Self::Stream | Self::Version | Self::Features | Self::ServerTime)
    }

    /// What is acceptable as an answer.
    pub(crate) fn accept(&self) -> &'static str {
        match self {
            Self::Stream => "text/event-stream",
            _ => "application/vnd.inin.icws+JSON",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_reads_subscriptions_logon_logoff_and_heartbeat_can_be_said() {
        let password = SecretString::from("pw");
        let all = [
            Request::Version,
            Request::LogOn { application: "a", user: "u", password: &password },
            Request::Features,
            Request::ServerTime,
            Request::FeatureLicence,
            Request::FeatureLicences,
            Request::StatusMessages,
            Request::Users { from: 0 },
            Request::Workgroups { from: 200 },
            Request::Messages,
            Request::Stream,
            Request::WatchStatusMessages,
            Request::WatchUsers,
            Request::WatchWorkgroups,
            Request::WatchStatuses { users: &["u"] },
            Request::WatchQueues { subscription: "q", users: &["u"] },
            Request::ForgetStatuses,
            Request::ForgetQueues { subscription: "q" },
            Request::Heartbeat,
            Request::LogOff,
        ];
        for request in &all {
            let path = request.path("1");
            let allowed = match request.method().as_str() {
                "GET" => request.body().is_none(),
                "POST" => path.starts_with("/icws/connection?") || path == "/icws/1/messaging/heartbeat",
                "PUT" => path.starts_with("/icws/1/messaging/subscriptions/"),
                "DELETE" => path.starts_with("/icws/1/messaging/subscriptions/") || path == "/icws/1/connection",
                _ => false,
            };
            assert!(allowed, "{} {path}", request.method());
            assert!(!path.contains("pw"), "{path}");
        }
        assert!(!format!("{all:?}").contains("pw"));
    }

    #[test]
    fn what_comes_from_a_server_cannot_leave_its_segment() {
        assert_eq!(Request::LogOff.path("1/../x?y"), "/icws/1%2F..%2Fx%3Fy/connection");
    }
}
