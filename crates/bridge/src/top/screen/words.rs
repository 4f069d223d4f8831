//! The words on the screen: how a link stands, and why an agent is not in step.

use std::time::Duration;

use jiff::Timestamp;

use crate::control::told::{Agent, Link, Report, Severity, Values};
use crate::top::state::{Shown, State};

/// How a link stands, in two or three words, and how bad that is.
pub fn standing(link: &Link) -> (Option<Severity>, String) {
    let Some(report) = &link.report else {
        return (Some(Severity::Critical), "does not run".to_owned());
    };
    let critical = |words: &str| (Some(Severity::Critical), words.to_owned());
    let standing = match report.source.state.as_str() {
        _ if report.frozen.is_some() => critical("frozen"),
        "lost" => critical("PureConnect lost"),
        "connecting" => (Some(Severity::Notice), "connecting".to_owned()),
        _ if !report.sink_up => critical("cloud down"),
        _ if !report.gaps.is_empty() => (Some(Severity::Warning), plain(&report.gaps[0].kind)),
        _ => (None, if report.direct { "direct" } else { "events" }.to_owned()),
    };
    // Whatever else is wrong shows in the colour; what it is stands below.
    let worst = link.alarms.iter().map(|alarm| alarm.severity).min();
    match (standing.0, worst) {
        (None, Some(Severity::Critical | Severity::Warning)) => (worst, format!("{} !", standing.1)),
        (severity, _) => (severity, standing.1),
    }
}

/// `1,998 / 2,000`.
pub fn in_step(link: &Link) -> String {
    let count = crate::report::grouped;
    link.report
        .as_ref()
        .map_or_else(|| "-".to_owned(), |report| format!("{} / {}", count(report.synced), count(report.agents)))
}

/// Changes that have yet to be told.
pub fn waiting(link: &Link) -> String {
    link.report.as_ref().map_or_else(|| "-".to_owned(), |report| crate::report::grouped(report.backlog))
}

/// Requests of the last minute, of those that the platform allows.
pub fn budget(link: &Link) -> String {
    link.report.as_ref().map_or_else(|| "-".to_owned(), |report| format!("{}/{}", report.used, report.allowed))
}

/// The delays of the last minute.
pub fn delays(shown: &Shown) -> String {
    shown.trail.now().map_or_else(|| "-".to_owned(), |(p50, p99)| format!("{} / {}", short(p50), short(p99)))
}

/// What there is to know of a link beside its line.
pub fn facts(shown: &Shown) -> Vec<String> {
    let link = &shown.link;
    let Some(report) = &link.report else {
        return vec![format!("  {}", plain(link.trouble.as_deref().unwrap_or("it says nothing")))];
    };
    let mut facts = vec![source(report), cloud(report)];
    for gap in &report.gaps {
        let (for_so_long, reason) = (ago(report.at, gap.since), plain(&gap.reason));
        facts.push(format!("  Not to be relied on for {for_so_long}: {}: {reason}", plain(&gap.kind)));
    }
    facts
}

fn source(report: &Report) -> String {
    let source = &report.source;
    let host = source.host.as_deref().map(|host| format!(" at {}", plain(host))).unwrap_or_default();
    let release = source.release.as_deref().map(|release| format!(" {}", plain(release))).unwrap_or_default();
    let since = source.since.map(|since| format!(" for {}", ago(report.at, since))).unwrap_or_default();
    let reason = source.reason.as_deref().map(|reason| format!(": {}", plain(reason))).unwrap_or_default();
    format!("  PureConnect{release}{host}: {}{since}{reason}", plain(&source.state))
}

fn cloud(report: &Report) -> String {
    let count = crate::report::grouped;
    let mut text = format!("  Genesys Cloud: {} delivered", count(report.delivered));
    for (number, word) in
        [(report.refused, "refused"), (report.repaired, "repaired"), (report.throttled, "times throttled")]
    {
        if number > 0 {
            text.push_str(&format!(", {} {word}", count(number)));
        }
    }
    if let Some(delays) = &report.delays {
        let [p50, p99] = [delays.p50, delays.p99].map(|delay| short(Duration::from_millis(delay)));
        text.push_str(&format!("; since the start p50 {p50}, p99 {p99}"));
    }
    text
}

/// What stands over the agents.
pub fn agents_title(state: &State, listed: usize) -> String {
    let all = state.shown().map_or(0, |shown| shown.agents.len());
    if state.filter.is_empty() {
        return format!(" Not in step: {all} ");
    }
    format!(" Not in step: {listed} of {all} with \"{}\" ", plain(&state.filter))
}

/// What stands there instead of agents.
pub fn nobody(state: &State) -> &'static str {
    match state.shown() {
        None => "",
        Some(shown) if shown.link.report.is_none() => "  Its agents are not known.",
        Some(shown) if !shown.agents.is_empty() => "  Nobody with that.",
        Some(shown) if shown.link.report.as_ref().is_some_and(|report| report.agents == 0) => {
            "  No agents are in scope."
        }
        Some(shown) if shown.link.report.as_ref().is_some_and(|report| report.frozen.is_some()) => {
            "  Delivery is frozen: nobody is told anything."
        }
        Some(_) => "  Everybody who has a user is in step.",
    }
}

/// An agent's cells.
pub fn agent(agent: &Agent, at: Option<Timestamp>) -> [String; 6] {
    let since = agent.entered.zip(at).map(|(entered, at)| ago(at, entered)).unwrap_or_default();
    let message = agent.message.as_ref().map(|message| message.text.as_str());
    let status = message.or(agent.status.as_ref().map(|status| status.id.as_str())).unwrap_or_default();
    let why = match (&agent.error, agent.reason) {
        (Some(error), _) => plain(error),
        (None, Some(reason)) => reason.words().to_owned(),
        (None, None) if agent.pending > 0 => format!("{} on the way", agent.pending),
        (None, None) => String::new(),
    };
    [
        plain(&agent.agent),
        agent.state.words().to_owned(),
        plain(status),
        difference(&agent.told, &agent.wanted),
        why,
        since,
    ]
}

/// What was told, and what is to be told where that is something else.
fn difference(told: &Values, wanted: &Values) -> String {
    let pairs = [(&told.presence, &wanted.presence), (&told.routing, &wanted.routing)];
    let differs = |(told, wanted): (&Option<String>, &Option<String>)| match (told, wanted) {
        (told, Some(wanted)) if told.as_ref() != Some(wanted) => {
            Some(format!("{} → {wanted}", told.as_deref().unwrap_or("?")))
        }
        (_, Some(_) | None) => None,
    };
    let differing: Vec<String> = pairs.into_iter().filter_map(differs).collect();
    if differing.is_empty() { told.presence.clone().unwrap_or_default() } else { differing.join(", ") }
}

/// `5 ms`, `1.3 s`, `10 min`, `3 h`, in as few letters as there is room for.
fn short(duration: Duration) -> String {
    match duration.as_millis() {
        milliseconds @ 0..1_000 => format!("{milliseconds}ms"),
        1_000..60_000 => format!("{:.1}s", duration.as_secs_f64()),
        60_000..3_600_000 => format!("{}min", duration.as_secs() / 60),
        _ => format!("{}h", duration.as_secs() / 3_600),
    }
}

/// How long ago, by the link's own clock.
fn ago(at: Timestamp, since: Timestamp) -> String {
    short(Duration::from_secs(Duration::try_from(at.duration_since(since)).unwrap_or_default().as_secs()))
}

/// Other people's texts: what would move a terminal's cursor is left out of them.
pub fn plain(text: &str) -> String {
    crate::report::one_line(text)
}
