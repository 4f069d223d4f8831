//! Entry points for fuzzing: every decoder of this crate on bytes that came from nowhere.
//!
//! Public only because a fuzz target is a crate of its own and the decoders are nobody else's business; no part of the
//! interface. Knows the decoders by name and nothing of the network. What is decoded is thrown away: a decoder may
//! refuse whatever it likes, but it may not panic.

use std::sync::LazyLock;

use domain::ids::{CloudUserId, DefinitionId, SourceId};
use domain::target::{Definition, Definitions, SystemPresence};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::applied::Sent;
use crate::convert::{self, Ours};
use crate::observe::Logged;
use crate::transport::Received;
use crate::wire::{
    BatchEventResponse, Channel, ChannelTopicListing, DefinitionListing, Named, OutOfOffice, Source, SourceListing,
    TokenInfo, User, UserListing, UserPresence,
};
use crate::{applied, client, feed, list::List, login};

static OURS: LazyLock<Ours> = LazyLock::new(|| Ours {
    source: convert::Source::Registered { id: SourceId(Uuid::from_u128(1)), name: "PureConnect".to_owned() },
    definitions: Definitions(vec![Definition {
        id: DefinitionId(Uuid::from_u128(2)),
        labels: Vec::new(),
        system: SystemPresence::Busy,
        is_system: true,
        deactivated: false,
    }]),
});

static SENT: LazyLock<Vec<Sent>> = LazyLock::new(|| {
    let sent = |user| Sent {
        user: CloudUserId(Uuid::from_u128(user)),
        definition: DefinitionId(Uuid::from_u128(2)),
        system: SystemPresence::Busy,
    };
    vec![sent(3), sent(4)]
});

static LOGGED: LazyLock<Logged> = LazyLock::new(Logged::default);

/// Reads an answer with this status and body as every answer that the adapter knows, also those of the login service.
pub fn answer(status: u16, body: &[u8]) {
    let Ok(status) = StatusCode::from_u16(status) else {
        return;
    };
    let received = || Received { status, headers: HeaderMap::new(), body: Ok(body.to_vec()) };
    let (_, failed) = login::judge(&received(), &"a secret".into());
    drop(failed);
    drop(login::grant(received()));
    let mut unknown = Vec::new();
    if let Some(listing) = parse::<UserListing>(received()) {
        for user in listing.entities.into_iter().flatten() {
            OURS.observation(&user, &mut unknown);
            drop(convert::user(user));
        }
    }
    if let Some(presences) = parse::<List<UserPresence>>(received()) {
        presences.iter().for_each(|presence| {
            OURS.presence(presence, &mut unknown);
        });
    }
    if let Some(shown) = parse::<applied::Shown>(received()) {
        drop(applied::unapplied(&SENT, &shown));
    }
    if let Some(listing) = parse::<DefinitionListing>(received()) {
        listing.entities.into_iter().flatten().for_each(|entry| drop(convert::definition(entry, false)));
    }
    if let Some(channel) = parse::<Channel>(received()) {
        drop(feed::usable(channel, false));
    }
    parse::<SourceListing>(received());
    parse::<Source>(received());
    parse::<BatchEventResponse>(received());
    parse::<ChannelTopicListing>(received());
    parse::<OutOfOffice>(received());
    parse::<TokenInfo>(received());
    parse::<Named>(received());
    parse::<User>(received());
    parse::<serde_json::Map<String, serde_json::Value>>(received());
}

/// Reads a text as what comes through a notification channel.
pub fn notification(text: &str) {
    drop(feed::read(text, &OURS, &LOGGED));
}

fn parse<T: DeserializeOwned>(received: Received) -> Option<T> {
    client::decode(received).ok()
}
