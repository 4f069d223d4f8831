//! The preview as people and programs read it.

use std::cmp::Reverse;
use std::fmt::Write;
use std::time::Duration;

use domain::ids::{AgentId, StatusId};
use mapping::{Landing, Move};
use serde_json::{Value, json};

use super::Preview;
use super::past::{Amount, Past};
use super::present::Present;
use crate::explain::aligned;
use crate::mapping_lint::words::landing_json;

/// So many agents of the past are listed; programs get all.
const LISTED: usize = 20;

/// For people.
pub fn text(preview: &Preview) -> String {
    let mut text = format!("New rules: {}. Old rules: {}. {}.\n\n", preview.new, preview.old, preview.statuses.words());
    text.push_str(&moves(&preview.moves, preview.statuses.catalogue.len()));
    if let Some(present) = &preview.present {
        text.push('\n');
        text.push_str(&present_text(present));
    }
    if let Some(past) = &preview.past {
        text.push('\n');
        text.push_str(&past_text(past));
    }
    for note in &preview.notes {
        add(&mut text, format_args!("\nNote: {note}.\n"));
    }
    if preview.moves.iter().any(|found| found.from.unresolved || found.to.unresolved) {
        text.push_str("\nNote: presences of the organisation's own are compared by what the rules call them.\n");
    }
    text
}

fn moves(moves: &[Move], all: usize) -> String {
    if moves.is_empty() {
        return format!("None of {all} status messages would mean something else.\n");
    }
    let head = ["status", "now", "by", "then", "by"].map(str::to_owned);
    let rows =
        moves.iter().map(|Move { from, to }| [from.status.text.clone(), words(from), rule(from), words(to), rule(to)]);
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(rows).collect();
    format!("{} of {all} status messages would mean something else:\n{}", moves.len(), aligned(&rows))
}

fn present_text(present: &Present) -> String {
    let mut text = format!("Now: {} of {} would move", present.moves.len(), agents(present.agents));
    let mut others = Vec::new();
    if present.fixed > 0 {
        others.push(format!("{} would not, being logged out or not responding", present.fixed));
    }
    if !present.unknown.is_empty() {
        others.push(format!("of {} the status is not in the list of status messages", present.unknown.len()));
    }
    if !present.without_status.is_empty() {
        others.push(format!("of {} the status may not be seen", present.without_status.len()));
    }
    for other in others {
        add(&mut text, format_args!("; {other}"));
    }
    if present.moves.is_empty() {
        text.push_str(".\n");
        return text;
    }
    let head = ["agent", "name", "status", "now", "then"].map(str::to_owned);
    let rows = present.moves.iter().map(|moving| {
        let Move { from, to } = &*moving.status;
        [moving.agent.to_string(), moving.name.clone(), from.status.text.clone(), words(from), words(to)]
    });
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(rows).collect();
    add(&mut text, format_args!(":\n{}", aligned(&rows)));
    text
}

fn past_text(past: &Past) -> String {
    let name = if past.span.is_yesterday { "Yesterday" } else { "Past" };
    let (total, concerned) = (past.total(), past.agents.values().filter(|agent| !agent.different.is_empty()).count());
    let mut text = format!("{name}, {}, by {}: ", span_words(past), past.journals.join(", "));
    if past.all.changes == 0 {
        text.push_str("nothing is in the journal.\nName another period with --from and --to.\n");
        return text;
    }
    add(
        &mut text,
        format_args!(
            "{} of {} agent-minutes would have been another presence, of {} of {}.\n",
            minutes(total.time),
            minutes(past.all.time),
            concerned,
            agents(past.agents.len())
        ),
    );
    let beside = [
        (past.unrecorded, "the journal does not say the status message".to_owned()),
        (past.unknown, format!("the status message is not in the list: {}", few(past.unknown_statuses.iter()))),
        (past.fixed, "the agent was logged out or did not answer, whatever the rules".to_owned()),
    ];
    for (amount, what) in beside.into_iter().filter(|(amount, _)| amount.changes > 0) {
        let changes = if amount.changes == 1 { "1 change".to_owned() } else { format!("{} changes", amount.changes) };
        add(&mut text, format_args!("In {changes}, {} agent-minutes, {what}.\n", minutes(amount.time)));
    }
    if !past.different.is_empty() {
        add(&mut text, format_args!("\n{}\n{}", by_status(past), by_agent(past, concerned)));
    }
    text
}

fn by_status(past: &Past) -> String {
    let mut found: Vec<_> = past.different.iter().collect();
    found.sort_by_key(|(_, (amount, _))| Reverse(amount.time));
    let head = ["status", "was", "would have been", "by", "changes", "agents", "agent-minutes"].map(str::to_owned);
    let rows = found.into_iter().map(|(found, (amount, agents))| {
        let (changes, agents) = (amount.changes.to_string(), agents.len().to_string());
        let minutes = minutes(amount.time);
        [
            found.status.to_string(),
            found.was.clone(),
            found.then.clone(),
            found.then_by.clone(),
            changes,
            agents,
            minutes,
        ]
    });
    let rows: Vec<[String; 7]> = std::iter::once(head).chain(rows).collect();
    aligned(&rows)
}

fn by_agent(past: &Past, concerned: usize) -> String {
    let mut found: Vec<_> = past.agents.iter().filter(|(_, agent)| !agent.different.is_empty()).collect();
    found.sort_by_key(|(_, agent)| Reverse(agent.total().time));
    let head = ["agent", "minutes", "of", "what"].map(str::to_owned);
    let rows = found.into_iter().take(LISTED).map(|(id, agent)| {
        let mut parts: Vec<_> = agent.different.iter().collect();
        parts.sort_by_key(|(_, amount)| Reverse(amount.time));
        let parts: Vec<String> = parts
            .into_iter()
            .map(|((was, then), amount)| format!("{was} -> {then} {}", minutes(amount.time)))
            .collect();
        [id.to_string(), minutes(agent.total().time), minutes(agent.all.time), parts.join(", ")]
    });
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(rows).collect();
    let more = match concerned.saturating_sub(LISTED) {
        0 => String::new(),
        more => format!("and {more} more, which --json lists\n"),
    };
    format!("{}{more}", aligned(&rows))
}

fn span_words(past: &Past) -> String {
    let to = past.span.to;
    if past.span.from == jiff::Timestamp::MIN { format!("until {to}") } else { format!("{} to {to}", past.span.from) }
}

fn agents(count: usize) -> String {
    if count == 1 { "1 agent".to_owned() } else { format!("{count} agents") }
}

fn few<'a>(statuses: impl ExactSizeIterator<Item = &'a StatusId>) -> String {
    let more = statuses.len().saturating_sub(5);
    let named: Vec<&str> = statuses.take(5).map(StatusId::as_str).collect();
    if more == 0 { named.join(", ") } else { format!("{} and {more} more", named.join(", ")) }
}

/// `12.5`: minutes to a tenth.
fn minutes(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() / 60.0)
}

fn words(landing: &Landing) -> String {
    match landing.mapped.routing {
        None => landing.presence.clone(),
        Some(routing) => format!("{}, {routing}", landing.presence),
    }
}

fn rule(landing: &Landing) -> String {
    match landing.from.as_str() {
        "built-in" => landing.mapped.rule.to_string(),
        from => format!("{} ({from})", landing.mapped.rule),
    }
}

fn add(text: &mut String, more: std::fmt::Arguments<'_>) {
    text.write_fmt(more).expect("a String takes everything");
}

/// For programs.
pub fn json(preview: &Preview) -> Value {
    json!({
        "new": preview.new,
        "old": preview.old,
        "catalogue": preview.statuses.json(),
        "statuses": preview.moves.iter().map(move_json).collect::<Vec<_>>(),
        "now": preview.present.as_ref().map(present_json),
        "past": preview.past.as_ref().map(past_json),
        "notes": preview.notes,
    })
}

fn move_json(found: &Move) -> Value {
    let status = found.from.status.id.as_str();
    json!({ "status": status, "now": landing_json(&found.from), "then": landing_json(&found.to) })
}

fn present_json(present: &Present) -> Value {
    let moves = present.moves.iter().map(|moving| {
        let Move { from, to } = &*moving.status;
        json!({
            "agent": moving.agent.as_str(),
            "name": moving.name,
            "status": from.status.id.as_str(),
            "now": landing_json(from),
            "then": landing_json(to),
        })
    });
    let unknown =
        present.unknown.iter().map(|(agent, status)| json!({ "agent": agent.as_str(), "status": status.as_str() }));
    json!({
        "agents": present.agents,
        "moves": moves.collect::<Vec<_>>(),
        "unmoved": present.unmoved,
        "fixed": present.fixed,
        "unknown_status": unknown.collect::<Vec<_>>(),
        "without_status": present.without_status.iter().map(AgentId::as_str).collect::<Vec<_>>(),
    })
}

fn past_json(past: &Past) -> Value {
    let different = past.different.iter().map(|(found, (amount, agents))| {
        json!({
            "status": found.status.as_str(),
            "was": found.was,
            "was_by": found.was_by,
            "then": found.then,
            "then_by": found.then_by,
            "agents": agents.len(),
            "amount": amount_json(*amount),
        })
    });
    let agents = past.agents.iter().map(|(id, agent)| {
        let different = agent
            .different
            .iter()
            .map(|((was, then), amount)| json!({ "was": was, "then": then, "amount": amount_json(*amount) }));
        json!({
            "agent": id.as_str(),
            "all": amount_json(agent.all),
            "different": amount_json(agent.total()),
            "by_presence": different.collect::<Vec<_>>(),
        })
    });
    let from = (past.span.from != jiff::Timestamp::MIN).then(|| past.span.from.to_string());
    json!({
        "from": from,
        "to": past.span.to.to_string(),
        "journals": past.journals,
        "all": amount_json(past.all),
        "different": amount_json(past.total()),
        "by_status": different.collect::<Vec<_>>(),
        "by_agent": agents.collect::<Vec<_>>(),
        "fixed": amount_json(past.fixed),
        "unrecorded": amount_json(past.unrecorded),
        "unknown_status": amount_json(past.unknown),
        "unknown_statuses": past.unknown_statuses.iter().map(StatusId::as_str).collect::<Vec<_>>(),
    })
}

fn amount_json(amount: Amount) -> Value {
    json!({ "agent_minutes": amount.time.as_secs_f64() / 60.0, "changes": amount.changes })
}
