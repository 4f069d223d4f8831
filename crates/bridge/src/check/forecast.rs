//! What a shift change will be like with this many agents, this way of delivery and this many requests a minute.

use std::time::Duration;

use domain::ids::AgentId;
use domain::source::{Catalogue, UserStatus};
use genesys_cloud::Delivery;
use genesys_cloud::survey::{Survey, UsersFound};
use mapping::Rules;
use replicator::options::{BudgetOptions, ModeChoice, Options, OutOfOfficeChoice};

use super::code::Code;
use super::finding::Finding;
use super::load::{self, FAST, ON_QUEUE_SHARE, SLOW, ShiftChange, WANTED};

/// What the prediction is made of.
pub struct Outlook<'a> {
    /// What the operator decided.
    pub options: &'a Options,
    /// What is replicated.
    pub mode: ModeChoice,
    /// How many agents have a user, as far as that is known.
    pub agents: usize,
    /// The part of them that is On Queue now, if anybody works.
    pub on_queue: Option<f64>,
    /// How it is delivered.
    pub delivery: Delivery,
}

/// The part of the agents at work whose status means On Queue now; `None` when nobody is at work.
pub fn on_queue_now(rules: &Rules, catalogue: &Catalogue, statuses: &[(AgentId, UserStatus)]) -> Option<f64> {
    let at_work = || statuses.iter().filter(|(_, status)| status.logged_in);
    let on_queue = at_work()
        .filter_map(|(_, status)| catalogue.get(&status.status))
        .filter(|message| rules.map(message).presence.is_on_queue())
        .count();
    let at_work = at_work().count();
    (at_work > 0).then(|| on_queue as f64 / at_work as f64)
}

/// Everything about how fast it will be.
pub fn forecast(outlook: &Outlook<'_>, survey: &Survey) -> Vec<Finding> {
    let seen = survey.clients.iter().filter_map(|client| client.limit).min();
    let budget =
        BudgetOptions { per_minute: seen.unwrap_or(outlook.options.budget.per_minute), ..outlook.options.budget };
    let change = ShiftChange {
        agents: outlook.agents,
        on_queue: outlook.on_queue.unwrap_or(ON_QUEUE_SHARE),
        delivery: outlook.delivery,
        routing: outlook.mode == ModeChoice::WorkforceEngagement,
    };
    let usable = load::usable(budget, change.class());
    let mut findings =
        vec![self::budget(budget, usable, seen.is_some()), shift_change(outlook, change, budget.tokens, usable)];
    findings.extend(survey.users.as_ref().ok().map(|found| directory(found, outlook.options.directory_refresh)));
    findings.extend(out_of_office(outlook));
    findings
}

fn budget(budget: BudgetOptions, usable: u32, is_seen: bool) -> Finding {
    let BudgetOptions { per_minute, share, tokens } = budget;
    let by = if is_seen { "as Genesys Cloud's answers say" } else { "as configured: its answers do not say" };
    let has = if tokens == 1 { "1 token has".to_owned() } else { format!("{tokens} tokens have each") };
    let of = if share < 1.0 { format!(" (rate_share = {share})") } else { String::new() };
    let fact = format!("{has} {per_minute} requests a minute, {by}; {usable} of them are for a shift change{of}.");
    Finding::ok(Code::LoadBudget, fact)
        .with("tokens", tokens)
        .with("requests_per_minute", per_minute)
        .with("usable_per_minute", usable)
        .with("rate_share", share)
}

fn shift_change(outlook: &Outlook<'_>, change: ShiftChange, tokens: usize, usable: u32) -> Finding {
    let requests = change.requests();
    let drain = load::drain(requests, tokens, usable);
    let (fast, slow) = (load::staleness(drain, FAST), load::staleness(drain, SLOW));
    let needed = load::tokens_needed(requests, usable);
    let ways = match (change.delivery, outlook.on_queue) {
        (Delivery::Events, _) => String::new(),
        (Delivery::Direct, Some(share)) => format!(", {} to On Queue as now", percent(share)),
        (Delivery::Direct, None) => format!(", {} to On Queue by assumption", percent(change.on_queue)),
    };
    let (agents, changes) = (change.agents, change.changes());
    let late = |late: Duration| match late.is_zero() {
        true => "in time".to_owned(),
        false => format!("{} late", words(late)),
    };
    let when = match (fast.is_zero(), slow.is_zero()) {
        (true, true) => "in time, be it within one minute or five".to_owned(),
        _ => format!("the last one is {} if all come within a minute, and {} within five", late(fast), late(slow)),
    };
    let fact = format!(
        "A shift change of {agents} agents is {changes} changes{ways}. That takes {}, or {}: {when}. To stay below {} s \
         takes {}.",
        many(requests, "request"),
        words(drain),
        WANTED.as_secs(),
        many(needed as u64, "token"),
    );
    let found = if fast <= WANTED {
        Finding::ok(Code::LoadShiftChange, fact)
    } else {
        Finding::warning(Code::LoadShiftChangeLate, fact, more_tokens(change, usable))
    };
    found
        .with("agents", agents)
        .with("changes", changes)
        .with("requests", requests)
        .with("on_queue_share", change.on_queue)
        .with("on_queue_share_is_assumed", outlook.on_queue.is_none())
        .with("seconds", drain.as_secs_f64())
        .with("late_seconds_within_60_s", fast.as_secs_f64())
        .with("late_seconds_within_300_s", slow.as_secs_f64())
        .with("tokens", tokens)
        .with("tokens_needed", needed)
}

fn more_tokens(change: ShiftChange, usable: u32) -> String {
    let mut advice = "Ask for more tokens: token_pool_size, or more_clients, in [genesys_cloud].".to_owned();
    if change.delivery == Delivery::Direct {
        let events = ShiftChange { delivery: Delivery::Events, ..change };
        let by_events = load::tokens_needed(events.requests(), usable);
        advice.push_str(&format!(" With event delivery it takes {}.", many(by_events as u64, "token")));
    }
    advice
}

fn directory(found: &UsersFound, refresh: Duration) -> Finding {
    let UsersFound { users, pages } = found;
    let interval = replicator::engine::directory_interval(refresh, *pages);
    let requests = many(u64::from(*pages), "request");
    let fact =
        format!("The {} users of the organisation are read every {}, in {requests}.", users.len(), words(interval));
    let found = Finding::ok(Code::LoadDirectory, fact);
    found.with("users", users.len()).with("seconds", interval.as_secs()).with("requests", *pages)
}

fn out_of_office(outlook: &Outlook<'_>) -> Option<Finding> {
    let is_sent = match outlook.options.out_of_office {
        OutOfOfficeChoice::Auto => outlook.mode == ModeChoice::WorkforceEngagement,
        OutOfOfficeChoice::Always => true,
        OutOfOfficeChoice::Never => false,
    };
    let requests = load::out_of_office(outlook.agents);
    is_sent.then(|| {
        let fact = format!(
            "Out of office takes a request for each agent who begins or ends it: {requests} when {} of them do.",
            percent(load::OUT_OF_OFFICE_SHARE)
        );
        Finding::ok(Code::LoadOutOfOffice, fact).with("requests", requests)
    })
}

/// `1 request`, `3 requests`.
fn many(count: u64, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// `0.4 s`, `24 s`, `6 min 52 s`.
fn words(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 10.0 && duration.subsec_millis() > 0 {
        return format!("{:.1} s", (seconds * 10.0).ceil() / 10.0);
    }
    match seconds.ceil() as u64 {
        whole @ 0..120 => format!("{whole} s"),
        whole if whole % 60 == 0 => format!("{} min", whole / 60),
        whole => format!("{} min {} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_can_be_read_and_are_never_too_short() {
        let told = |seconds| words(Duration::from_secs_f64(seconds));
        let cases =
            [(0.0, "0 s"), (0.41, "0.5 s"), (23.2, "24 s"), (119.0, "119 s"), (412.0, "6 min 52 s"), (300.0, "5 min")];
        for (seconds, expected) in cases {
            assert_eq!(told(seconds), expected);
        }
    }
}
