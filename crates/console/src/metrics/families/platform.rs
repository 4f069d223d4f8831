//! Dealing with Genesys Cloud: requests, what it allows, how well requests are filled.

use prometheus_client::registry::Unit;
use replicator::engine::{Report, RequestClass, RequestOutcome, TokenReport};

use super::Kind::{Counter, Gauge};
use super::{Family, Of, Sample, Value, one, perhaps, with};

pub(super) static FAMILIES: &[Family] = &[
    Family {
        name: "requests",
        unit: None,
        help: "Requests to Genesys Cloud, by what they were for and what came of them.",
        of: Of::Report(Counter, requests),
    },
    Family {
        name: "ratelimit_allowed",
        unit: None,
        help: "Requests that Genesys Cloud allows in 60 seconds, token by token.",
        of: Of::Report(Gauge, |report| per_token(report, |token| token.allowed.into())),
    },
    Family {
        name: "ratelimit_remaining",
        unit: None,
        help: "Requests that are left of those in the 60 seconds that end now, token by token.",
        of: Of::Report(Gauge, |report| per_token(report, |token| token.allowed.saturating_sub(token.used).into())),
    },
    Family {
        name: "token_refused",
        unit: None,
        help: "1 while Genesys Cloud does not accept this token.",
        of: Of::Report(Gauge, |report| per_token(report, |token| token.refused.into())),
    },
    Family {
        name: "throttled",
        unit: None,
        help: "Times that Genesys Cloud said \"too many requests\".",
        of: Of::Report(Counter, |report| one(report.throttled)),
    },
    Family {
        name: "throttled",
        unit: Some(Unit::Seconds),
        help: "For how long \"too many requests\" had closed a token: seconds of all tokens together.",
        of: Of::Report(Counter, |report| one(report.figures.throttled_for)),
    },
    Family {
        name: "batch_fill_ratio",
        unit: None,
        help: "How full the requests were that carried changes, since the start: 1 is as full as Genesys Cloud takes \
               them.",
        of: Of::Report(Gauge, |report| perhaps(fill(report.figures.fill))),
    },
    Family {
        name: "batch_places",
        unit: None,
        help: "Changes that the requests made so far could have carried.",
        of: Of::Report(Counter, |report| one(report.figures.fill.1)),
    },
    Family {
        name: "batch_places_used",
        unit: None,
        help: "Changes that the requests made so far carried.",
        of: Of::Report(Counter, |report| one(report.figures.fill.0)),
    },
];

const CLASSES: [RequestClass; 8] = [
    RequestClass::Presence,
    RequestClass::Routing,
    RequestClass::OutOfOffice,
    RequestClass::Ownership,
    RequestClass::ReadBack,
    RequestClass::Directory,
    RequestClass::Notifications,
    RequestClass::Connecting,
];

const OUTCOMES: [RequestOutcome; 5] = [
    RequestOutcome::Accepted,
    RequestOutcome::Throttled,
    RequestOutcome::Unavailable,
    RequestOutcome::Ambiguous,
    RequestOutcome::Refused,
];

/// All series from the start, so that the first failure of its kind is an increase, too.
fn requests(report: &Report) -> Vec<Sample> {
    let each = CLASSES.into_iter().flat_map(|class| OUTCOMES.map(|outcome| (class, outcome)));
    each.map(|(class, outcome)| Sample {
        labels: vec![("class", word_of_class(class).to_owned()), ("outcome", word_of_outcome(outcome).to_owned())],
        value: report.figures.requests.get(&(class, outcome)).copied().unwrap_or_default().into(),
    })
    .collect()
}

fn word_of_class(class: RequestClass) -> &'static str {
    match class {
        RequestClass::Presence => "presence",
        RequestClass::Routing => "routing_status",
        RequestClass::OutOfOffice => "out_of_office",
        RequestClass::Ownership => "ownership",
        RequestClass::ReadBack => "read_back",
        RequestClass::Directory => "directory",
        RequestClass::Notifications => "notifications",
        RequestClass::Connecting => "connecting",
    }
}

fn word_of_outcome(outcome: RequestOutcome) -> &'static str {
    match outcome {
        RequestOutcome::Accepted => "accepted",
        RequestOutcome::Throttled => "throttled",
        RequestOutcome::Unavailable => "unavailable",
        RequestOutcome::Ambiguous => "ambiguous",
        RequestOutcome::Refused => "refused",
    }
}

/// A token is named by its place: the first one is 1.
fn per_token(report: &Report, value: fn(&TokenReport) -> Value) -> Vec<Sample> {
    let tokens = report.tokens.iter().enumerate();
    tokens.map(|(place, token)| with("token", (place + 1).to_string(), value(token))).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn fill((used, places): (u64, u64)) -> Option<f64> {
    (places > 0).then(|| used as f64 / places as f64)
}
