//! What a text that comes through a channel says.
//!
//! Knows the names of the topics. A text that is not understood says nothing: the feed is not what correctness rests on.

use domain::ids::CloudUserId;
use domain::target::Observation;
use serde::de::DeserializeOwned;

use crate::convert::{self, Ours, Unknown};
use crate::error::shorten;
use crate::observe::Logged;
use crate::wire::{Activity, Notification, OutOfOffice, RoutingStatusChange, SystemChange, Topic, UserPresence};

/// What a text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    /// What a user shows now.
    Shown(Observation),
    /// The server goes away within a minute, the channel does not.
    Closing,
    /// The channel has ended, for this reason.
    Ended(String),
    /// Nothing that concerns us.
    Nothing,
}

/// Reads a text.
pub(crate) fn read(text: &str, ours: &Ours, logged: &Logged) -> Notice {
    let Ok(Topic { topic_name: Some(topic) }) = serde_json::from_str(text) else {
        // Such as the answer to a subscription that somebody made over the socket.
        return Notice::Nothing;
    };
    if let Some(rest) = topic.strip_prefix("v2.system.") {
        return system(rest, text);
    }
    let Some((user, of)) = topic.strip_prefix("v2.users.").and_then(|rest| rest.split_once('.')) else {
        return Notice::Nothing;
    };
    let Ok(user) = convert::id(Some(user)).map(CloudUserId) else {
        return Notice::Nothing;
    };
    let mut unknown = Vec::new();
    let seen = observation(user, of, text, ours, &mut unknown);
    unknown.iter().for_each(|odd| logged.note(odd));
    match seen {
        Some(seen) if seen != convert::nothing(user) => Notice::Shown(seen),
        Some(_) | None => Notice::Nothing,
    }
}

fn system(topic: &str, text: &str) -> Notice {
    if topic == "socket_closing" {
        return Notice::Closing;
    }
    let what = match topic.split('.').next() {
        Some("no_longer_subscribed") => "the platform ended the subscription",
        Some("token_revoked") => "the token was revoked",
        // Such as that the subscription changed, which was us.
        Some(_) | None => return Notice::Nothing,
    };
    let reason = body::<SystemChange>(text).ok().flatten().and_then(|change| change.reason);
    Notice::Ended(reason.map_or_else(|| what.to_owned(), |reason| shorten(&format!("{what}: {reason}"))))
}

/// What a notification shows of a user. The names of topics are written with and without capitals.
fn observation(
    user: CloudUserId,
    of: &str,
    text: &str,
    ours: &Ours,
    unknown: &mut Vec<Unknown>,
) -> Option<Observation> {
    let nothing = convert::nothing(user);
    let read = match of.to_ascii_lowercase().as_str() {
        "presence" => body::<UserPresence>(text).map(|body| ours.notified(user, &body?, unknown)),
        "routingstatus" => body::<RoutingStatusChange>(text).map(|body| {
            let routing = convert::routing(&body?.routing_status?, unknown);
            Some(Observation { routing, ..nothing })
        }),
        "outofoffice" => body::<OutOfOffice>(text).map(|body| {
            let out_of_office = convert::out_of_office(&body?);
            Some(Observation { out_of_office, ..nothing })
        }),
        "activity" => body::<Activity>(text).map(|body| Some(ours.active(user, &body?, unknown))),
        // Nothing that we subscribe to.
        _ => return None,
    };
    read.unwrap_or_else(|()| {
        unknown.push(Unknown::Notification(of.to_owned()));
        None
    })
}

/// The body; the parser's own words are left out, since they quote people's data.
fn body<T: DeserializeOwned>(text: &str) -> Result<Option<T>, ()> {
    serde_json::from_str::<Notification<T>>(text).map(|notification| notification.event_body).map_err(|_| ())
}

#[cfg(test)]
mod tests;
