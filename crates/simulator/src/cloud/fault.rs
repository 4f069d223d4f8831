//! Faults: what shall go wrong with the next matching requests, and which of them it is for.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A fault to come. In JSON:
/// `{"effect": {"kind": "throttled", "retry_after": 5}, "path": "/api/v2/events", "count": 2}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub effect: Effect,
    /// Only requests with this method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only paths that begin so. Without it, every API request; the login endpoint must be named (`/oauth/token`).
    #[serde(default)]
    pub path: Option<String>,
    /// How many times.
    #[serde(default = "once")]
    pub count: u32,
}

fn once() -> u32 {
    1
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Effect {
    /// Any error in the platform's envelope, such as 401 `ip.not.authorized` or 400 `client.failed.request`.
    Refuse {
        /// The HTTP status.
        status: u16,
        /// The platform's code.
        code: String,
        /// Its message.
        message: String,
    },
    /// 401 `bad.credentials`.
    BadCredentials,
    /// 403 `missing.any.permissions`.
    MissingPermission {
        /// The permission that the message names.
        permission: String,
    },
    /// 404 `not.found`.
    NotFound,
    /// 409 `presenceservice.conflict`.
    Conflict,
    /// 413 `request.entity.too.large`.
    TooLarge,
    /// 429: the newer form with `Retry-After`, or the older one without.
    Throttled {
        /// Seconds for `Retry-After`.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// 500 `internal.server.error`.
    InternalError,
    /// 502 with a page of HTML, as a gateway sends it.
    BadGateway,
    /// 503 `service.unavailable`.
    Unavailable {
        /// Seconds for `Retry-After`, if any.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// 504 `request.timeout`.
    GatewayTimeout {
        /// Whether the request was carried out all the same.
        #[serde(default)]
        applied: bool,
    },
    /// An error for single events inside a 200; `count` counts events, not requests.
    EventError {
        /// Whether the platform says that the event may be sent again.
        retryable: bool,
        /// Only events of this user.
        #[serde(default)]
        user: Option<Uuid>,
        /// Only every so many matching events.
        #[serde(default = "once")]
        every: u32,
    },
    /// Carried out at once, answered late.
    Delay {
        /// For how long, in real milliseconds.
        milliseconds: u64,
    },
    /// Carried out late, even if the client is gone by then. Setting the same user's presence meanwhile is a conflict.
    Hold {
        /// For how long, in real milliseconds.
        milliseconds: u64,
    },
    /// The status line at once, the second half of the body late.
    Trickle {
        /// For how long, in real milliseconds.
        milliseconds: u64,
    },
    /// The connection is reset, and nothing was carried out.
    Drop,
    /// The connection is reset after the request was carried out.
    DropAfter,
    /// 200 with something that is not JSON; carried out.
    Malformed,
    /// An answer that ends in the middle; carried out.
    Truncated,
    /// 200 with JSON of this size; carried out.
    Oversized {
        /// Bytes.
        bytes: usize,
    },
    /// The login endpoint's own limit, which it reports as a 400.
    LoginThrottled,
}

/// The faults to come.
#[derive(Default)]
pub(super) struct Faults(Vec<Pending>);

struct Pending {
    fault: Fault,
    /// Events that an event error has seen.
    seen: u32,
}

impl Faults {
    pub fn add(&mut self, fault: Fault) {
        self.0.push(Pending { fault, seen: 0 });
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes back those that are like this one, however often they have struck.
    pub fn take_back(&mut self, like: &Fault) {
        self.0.retain(|pending| Fault { count: like.count, ..pending.fault.clone() } != *like);
    }

    /// Those that are left.
    pub fn left(&self) -> Vec<&Fault> {
        self.0.iter().map(|pending| &pending.fault).collect()
    }

    /// The oldest fault for this request, used up once.
    pub fn strike(&mut self, method: &str, path: &str) -> Option<Effect> {
        let found = self.0.iter().position(|pending| {
            !matches!(pending.fault.effect, Effect::EventError { .. }) && pending.fault.matches(method, path)
        })?;
        Some(self.use_up(found))
    }

    /// Whether this event shall fail, and if so whether it may be sent again.
    pub fn strike_event(&mut self, path: &str, user: Uuid) -> Option<bool> {
        let mut struck = None;
        for (place, pending) in self.0.iter_mut().enumerate() {
            let Effect::EventError { retryable, user: only, every } = pending.fault.effect else {
                continue;
            };
            if only.is_some_and(|only| only != user) || !pending.fault.matches("POST", path) {
                continue;
            }
            pending.seen += 1;
            if pending.seen % every.max(1) == 0 {
                struck = Some((place, retryable));
                break;
            }
        }
        let (place, retryable) = struck?;
        self.use_up(place);
        Some(retryable)
    }

    fn use_up(&mut self, place: usize) -> Effect {
        let fault = &mut self.0[place].fault;
        fault.count = fault.count.saturating_sub(1);
        match fault.count {
            0 => self.0.remove(place).fault.effect,
            _ => fault.effect.clone(),
        }
    }
}

impl Fault {
    fn matches(&self, method: &str, path: &str) -> bool {
        let prefix = match (&self.path, &self.effect) {
            (Some(path), _) => path,
            (None, Effect::LoginThrottled) => "/oauth/token",
            (None, _) => "/api/",
        };
        path.starts_with(prefix) && self.method.as_ref().is_none_or(|only| only.eq_ignore_ascii_case(method))
    }
}
