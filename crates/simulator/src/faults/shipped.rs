//! The faults that have names, Genesys Cloud's first.

use super::{Makes, Named, Span, Target};
use crate::cloud::{Effect, INJECTION};
use crate::icws::Fault;

/// The API and the login service.
const EVERYTHING: &[Target] = &[("/api/", None), ("/oauth/token", None)];

/// The API.
const API: &[Target] = &[("/api/", None)];

/// Where events are injected.
const EVENTS: &[Target] = &[("/api/v2/events/", None)];

/// Where changes go: by events, and directly.
const CHANGES: &[Target] =
    &[("/api/v2/events/", None), ("/api/v2/users/", Some("PUT")), ("/api/v2/users/", Some("PATCH"))];

/// All of them.
pub const NAMED: [Named; 21] = [
    Named {
        name: "cloud-down",
        span: Span::Lasting,
        breaks: "Genesys Cloud answers 503 to everything, logins included",
        expected: "A gap opens, and changes wait in the journal. When it answers again they go out in their order and \
                   with the times at which they happened, the gap closes, and nothing is lost.",
        makes: Makes::Strikes(EVERYTHING, || Effect::Unavailable { retry_after: None }),
    },
    Named {
        name: "cloud-slow",
        span: Span::Lasting,
        breaks: "Genesys Cloud answers every request 2 s late",
        expected: "Changes arrive later, more of them in each request. A gap opens when they are later than late_after.",
        makes: Makes::Strikes(API, || Effect::Delay { milliseconds: 2_000 }),
    },
    Named {
        name: "cloud-throttles",
        span: Span::Lasting,
        breaks: "Genesys Cloud says \"too many requests\" (429) to every change",
        expected: "It waits as long as it is told to. Changes gather, and go out together.",
        makes: Makes::Strikes(CHANGES, || Effect::Throttled { retry_after: Some(20) }),
    },
    Named {
        name: "answers-lost",
        span: Span::Lasting,
        breaks: "connections to Genesys Cloud break after a change was carried out and before the answer",
        expected: "The change goes again with the same id and the same time, and has no second effect.",
        makes: Makes::Strikes(CHANGES, || Effect::DropAfter),
    },
    Named {
        name: "applied-late",
        span: Span::Lasting,
        breaks: "Genesys Cloud carries every change out 3 s late, even when nobody waits for it any more",
        expected: "No agent's newer state is overtaken by an older one: each has one request under way.",
        makes: Makes::Strikes(CHANGES, || Effect::Hold { milliseconds: 3_000 }),
    },
    Named {
        name: "event-errors",
        span: Span::Lasting,
        breaks: "Genesys Cloud refuses every fifth event for the moment and takes the others of the same request",
        expected: "Only the refused ones go again, and nobody else waits for them.",
        makes: Makes::Strikes(EVENTS, || Effect::EventError { retryable: true, user: None, every: 5 }),
    },
    Named {
        name: "events-forbidden",
        span: Span::Lasting,
        breaks: "the OAuth client loses the permission to inject events (403)",
        expected: "Delivery stops and says which permission is missing. Changes are kept until it is there again.",
        makes: Makes::Strikes(EVENTS, || Effect::MissingPermission { permission: INJECTION[0].to_owned() }),
    },
    Named {
        name: "token-refused",
        span: Span::Moment,
        breaks: "every token of Genesys Cloud stops working at once (401)",
        expected: "It logs in again and sends the change again. A second or two later nobody can tell.",
        makes: Makes::Revokes,
    },
    Named {
        name: "notifications-silent",
        span: Span::Lasting,
        breaks: "Genesys Cloud's notification sockets stay open and say nothing",
        expected: "It opens them anew, and reads back without them: notifications only say where to look sooner.",
        makes: Makes::Mutes,
    },
    Named {
        name: "foreign-write",
        span: Span::Moment,
        breaks: "somebody else makes 20 users Busy in Genesys Cloud",
        expected: "It finds the differences, counts them and repairs them.",
        makes: Makes::Overwrites(20),
    },
    Named {
        name: "icws-down",
        span: Span::Lasting,
        breaks: "PureConnect cuts its streams and answers 503 to everything",
        expected: "A gap opens. When it answers again a snapshot shows what changed meanwhile, and the gap says since \
                  when and until when nobody could know.",
        makes: Makes::Refuses(503),
    },
    Named {
        name: "icws-slow",
        span: Span::Lasting,
        breaks: "PureConnect's messages come 5 s late",
        expected: "Changes arrive later, each with the time at which it happened.",
        makes: Makes::Persists(|| Fault::Delay { milliseconds: 5_000 }),
    },
    Named {
        name: "switchover",
        span: Span::Seconds(120),
        breaks: "PureConnect switches over, and then shows everybody logged off for a while, though nobody left",
        expected: "A gap opens, it connects again, and a logout counts only after the grace time: nobody goes Offline.",
        makes: Makes::SwitchesOver(90),
    },
    Named {
        name: "stream-silent",
        span: Span::Lasting,
        breaks: "PureConnect's stream stays open and says nothing, not even that it lives",
        expected: "After silence_limit it takes the stream for dead: a gap opens from the last word on, and it connects \
                   again.",
        makes: Makes::Persists(|| Fault::Silence),
    },
    Named {
        name: "stream-cut",
        span: Span::Moment,
        breaks: "PureConnect's stream breaks off",
        expected: "It opens another, and compares everybody with a snapshot.",
        makes: Makes::Happens(|| Fault::Drop),
    },
    Named {
        name: "session-ended",
        span: Span::Moment,
        breaks: "PureConnect ends the session",
        expected: "It logs on again, and compares everybody with a snapshot.",
        makes: Makes::Happens(|| Fault::KillSession),
    },
    Named {
        name: "empty-snapshot",
        span: Span::Moment,
        breaks: "PureConnect sends a list of statuses with nobody in it",
        expected: "Delivery freezes rather than tell that everybody is gone, and goes on with the next good snapshot.",
        makes: Makes::Happens(|| Fault::EmptySnapshot),
    },
    Named {
        name: "half-list",
        span: Span::Moment,
        breaks: "PureConnect sends a list of statuses with every second agent in it",
        expected: "Delivery freezes rather than guess about the others, and goes on with the next good snapshot.",
        makes: Makes::Happens(|| Fault::ShortSnapshot { every: 2 }),
    },
    Named {
        name: "many-logouts",
        span: Span::Lasting,
        breaks: "a third of the agents who are logged on log off in one moment",
        expected: "Delivery freezes and asks for a snapshot. When that says the same, they did leave, and it goes on.",
        makes: Makes::Persists(|| Fault::Logouts { every: 3 }),
    },
    Named {
        name: "queues-lost",
        span: Span::Moment,
        breaks: "PureConnect ends the subscriptions to the agents' queues",
        expected: "It subscribes again, and nobody's routing status stays as it was by mistake.",
        makes: Makes::Happens(|| Fault::FaultedSubscription { subscription: None }),
    },
    Named {
        name: "garbled",
        span: Span::Moment,
        breaks: "PureConnect sends a message that cannot be read",
        expected: "Nothing is guessed: it connects again, and compares everybody with a snapshot.",
        makes: Makes::Happens(|| Fault::Malformed),
    },
];
