//! The whole error table, row by row.

use std::time::Duration;

use replicator::ports::Failure;

use super::{Verdict, judge, shorten};
use crate::list::List;
use crate::wire::{Detail, ErrorBody};

/// A reaction in one letter or two, to keep the table a table.
fn reaction(status: u16, code: &str) -> &'static str {
    let body = ErrorBody { code: (!code.is_empty()).then(|| code.to_owned()), ..ErrorBody::default() };
    match judge(status, &body, None) {
        Verdict::RenewToken { .. } => "renew",
        Verdict::Failed(Failure::Throttled { .. }) => "throttled",
        Verdict::Failed(Failure::Unavailable { maybe_applied: true, .. }) => "unavailable, perhaps applied",
        Verdict::Failed(Failure::Unavailable { maybe_applied: false, .. }) => "unavailable",
        Verdict::Failed(Failure::Deferred { .. }) => "deferred",
        Verdict::Failed(Failure::Refused { .. }) => "refused",
        Verdict::Failed(Failure::Unauthorized { .. }) => "unauthorized",
        Verdict::Failed(Failure::Unsupported { .. }) => "unsupported",
    }
}

/// Status, codes (`-` for a body without one), and the reaction.
const TABLE: &str = "
    400 | bad.request constraint.validation invalid.date invalid.property invalid.value | refused
    400 | invalid.query.param.value response.entity.too.large general.bad.request not.a.user - | refused
    400 | max.batch.size.surpassed zero.events.submitted max.user.presences max.user.ids | refused
    400 | endpoint.does.not.support.on.queue | refused
    400 | client.failed.request | unavailable
    401 | authentication.required bad.credentials credentials.expired - | renew
    401 | ip.not.authorized | unauthorized
    403 | missing.permissions missing.any.permissions not.authorized app.not.authorized.for.scope | unsupported
    403 | missing.division.permission missing.any.division.permissions authz.policy.denied - | unsupported
    403 | presence.not.authorized.update.other.user.presence outofoffice.update.error | unsupported
    403 | presence.not.authorized.update.on.queue | refused
    404 | not.found presenceservice.usernotfound general.resource.not.found resource.not.found - | refused
    407 | - | unavailable
    408 | client.timeout - | unavailable, perhaps applied
    409 | presenceservice.conflict request.conflict | deferred
    409 | presenceservice.source.toomanyactivesources general.conflict - | refused
    413 | request.entity.too.large - | refused
    415 | unsupported.media.type - | refused
    429 | too.many.requests.retry.after too.many.requests - | throttled
    500 | internal.server.error - | unavailable, perhaps applied
    502 | 502 - | unavailable, perhaps applied
    503 | service.unavailable general.internal.server.error - | unavailable, perhaps applied
    504 | request.timeout authentication.request.timeout - | unavailable, perhaps applied
    504 | division.authorization.timeout | unavailable, perhaps applied
    599 | - | unavailable, perhaps applied
    302 | - | unavailable
    405 | - | refused
    410 | - | refused
    418 | - | refused
";

#[test]
fn every_row_of_the_table_has_its_reaction() {
    for row in TABLE.lines().filter(|line| !line.trim().is_empty()) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [status, codes, expected] = cells.as_slice() else { panic!("{row}") };
        for code in codes.split(' ').map(|code| code.trim_matches('-')) {
            assert_eq!(reaction(status.parse().unwrap(), code), *expected, "{status} {code}");
        }
    }
}

#[test]
fn a_429_waits_as_long_as_it_says_and_a_whole_window_when_it_does_not() {
    let wait = |told| judge(429, &ErrorBody::default(), told);
    let throttled = |seconds| Verdict::Failed(Failure::Throttled { retry_after: Some(Duration::from_secs(seconds)) });
    assert_eq!(wait(Some(Duration::from_secs(16))), throttled(16));
    assert_eq!(wait(Some(Duration::ZERO)), throttled(0));
    assert_eq!(wait(None), throttled(60));
}

#[test]
fn the_reason_has_the_platforms_code_message_and_fields() {
    let body = ErrorBody {
        code: Some("invalid.value".into()),
        message: Some("Value [x] is not valid".into()),
        details: Some(List(vec![Detail { field_name: Some("status".into()) }, Detail { field_name: None }])),
        ..ErrorBody::default()
    };
    let expected = "400 invalid.value: Value [x] is not valid (fields: status)";
    assert_eq!(judge(400, &body, None), Verdict::Failed(Failure::Refused { reason: expected.into() }));
    let alone = judge(500, &ErrorBody::default(), None);
    assert_eq!(alone, Verdict::Failed(Failure::Unavailable { reason: "500".into(), maybe_applied: true }));
}

#[test]
fn a_request_that_is_too_large_says_so_for_whoever_halves_it() {
    match judge(413, &ErrorBody::default(), None) {
        Verdict::Failed(Failure::Refused { reason }) => assert!(reason.contains("too large"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn foreign_texts_are_kept_short_and_in_one_line() {
    let short = shorten(&"ä\n".repeat(2_000));
    assert!(short.chars().count() <= 601 && !short.contains('\n'));
    assert_eq!(shorten("as it is"), "as it is");
}
