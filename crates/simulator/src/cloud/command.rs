//! What tests and the demo can do to the organisation that no client can: the vocabulary.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Something that happens to the organisation at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    /// Every token given out so far stops working.
    RevokeTokens,
    /// One token stops working.
    RevokeToken {
        /// Its place among all that were given out, from 0.
        token: usize,
    },
    /// Everything that comes with one token is answered with 429 for a while.
    CloseToken {
        /// Its place among all that were given out, from 0.
        token: usize,
        /// For how long, in simulated seconds.
        seconds: u64,
    },
    /// One more OAuth client, or a former one anew.
    AddClient {
        /// Its id.
        id: String,
        /// Its secret.
        secret: String,
        /// Such as `presence:userPresence:inject`; null is everything.
        #[serde(default)]
        permissions: Option<BTreeSet<String>>,
        /// The name of the organisation that it belongs to, if it is another one, which has nothing else.
        #[serde(default)]
        organization: Option<String>,
    },
    /// The secret of an OAuth client is another one; the former one does not work any more, its tokens do.
    SetSecret {
        /// Its id; the first client if absent.
        #[serde(default)]
        client: Option<String>,
        /// The new one.
        secret: String,
    },
    /// What an OAuth client may do from now on; null is everything.
    SetPermissions {
        /// Such as `presence:userPresence:inject`.
        permissions: Option<BTreeSet<String>>,
        /// Its id; the first client if absent.
        #[serde(default)]
        client: Option<String>,
    },
    /// What an OAuth client may not do from now on, whatever else it may.
    Withhold {
        /// Such as `presence:userPresence:inject`.
        permissions: BTreeSet<String>,
        /// Its id; the first client if absent.
        #[serde(default)]
        client: Option<String>,
    },
    /// Logins a minute, of all clients together; null is any number.
    SetLoginRate {
        /// How many.
        rate: Option<u32>,
    },
    /// Requests a minute and token.
    SetRate {
        /// How many.
        rate: u32,
    },
    /// Requests a minute to one part of the API, of all tokens together, beside the limit of each token.
    SetRouteRate {
        /// What the paths begin with.
        path: String,
        /// How many.
        rate: u32,
    },
    /// Whether an event older than what is known is accepted without effect.
    SetIgnoreOlderEvents {
        /// Whether.
        ignore: bool,
    },
    /// How many users a page of the directory has at most.
    SetUserPages {
        /// How many.
        most: usize,
        /// Whether who asks for more gets that many, or is refused.
        clamped: bool,
    },
    /// How long the presence service is busy with a user after each direct write.
    SetBusyTime {
        /// For how long, in simulated milliseconds; 0 is not at all.
        milliseconds: u64,
    },
    /// The presence service does not know a user although the directory does; or it does again.
    HideUser {
        /// Whom.
        user: Uuid,
        /// Whether.
        hidden: bool,
    },
    /// A user may not be put on queue, or may again.
    ForbidOnQueue {
        /// Whom.
        user: Uuid,
        /// Whether.
        forbidden: bool,
    },
    /// Whether a bulk write leaves users whom it does not know out of its answer, instead of being refused as a whole.
    LeaveStrangersOut {
        /// Whether.
        left_out: bool,
    },
    /// Closes every notification socket.
    CloseSockets {
        /// The close code, such as 1001.
        code: u16,
    },
    /// Tells every notification socket that the server goes away within a minute.
    AnnounceClosing,
    /// Keeps sockets open without sending anything, heartbeats too; or ends that.
    MuteSockets {
        /// Whether.
        muted: bool,
    },
    /// Adds a user, whose e-mail may be missing or somebody else's too.
    AddUser {
        /// The id; a random one if absent.
        #[serde(default)]
        id: Option<Uuid>,
        /// The display name.
        name: String,
        /// The e-mail.
        #[serde(default)]
        email: Option<String>,
        /// `active` (if absent), `inactive` or `deleted`.
        #[serde(default)]
        state: Option<String>,
    },
    /// Changes a user. What is absent stays.
    EditUser {
        /// Whom.
        user: Uuid,
        /// The display name.
        #[serde(default)]
        name: Option<String>,
        /// The e-mail; empty takes it away.
        #[serde(default)]
        email: Option<String>,
        /// `active`, `inactive` or `deleted`.
        #[serde(default)]
        state: Option<String>,
    },
    /// Somebody else writes a presence.
    WritePresence {
        /// Whose.
        user: Uuid,
        /// The definition.
        definition: Uuid,
        /// `PURECLOUD` if absent, or the id of a registered source.
        #[serde(default)]
        source: Option<String>,
        /// Whether that source becomes the user's primary one.
        #[serde(default)]
        primary: bool,
    },
    /// Somebody else writes presences so that everybody sees it: so many users become Busy, in the source that is shown.
    Overwrite {
        /// How many.
        users: usize,
    },
    /// ACD gives a user a routing status, which shows unless a registered source injected one.
    WriteRouting {
        /// Whose.
        user: Uuid,
        /// Such as `NOT_RESPONDING`.
        status: String,
    },
    /// Somebody else writes an out of office.
    WriteOutOfOffice {
        /// Whose.
        user: Uuid,
        /// Whether it is on; without end if so.
        active: bool,
    },
}
