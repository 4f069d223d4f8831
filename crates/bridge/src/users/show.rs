//! The list as a table for people, as CSV for spreadsheets and as JSON for programs.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write};

use console::shown::spreadsheet::harmless;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::list::{List, Row, Side, Totals};
use crate::control::told::Values;

/// A column of the table: its heading, and what is in it.
type Column<'l> = (&'static str, Box<dyn Fn(&Row) -> String + 'l>);

/// For people: what there is to know, the users, and what they amount to.
pub fn table(list: &List, zone: &TimeZone) -> String {
    let mut text: String = list.notes().iter().map(|note| format!("{note}\n")).collect();
    if !text.is_empty() {
        text.push('\n');
    }
    let columns = columns(list, zone);
    let widths: Vec<usize> = columns.iter().map(|column| width(list, column)).collect();
    // A column in which nothing is would only push the others off the screen.
    let filled: Vec<(&Column<'_>, usize)> = columns.iter().zip(widths).filter(|(_, width)| *width > 0).collect();
    if !list.rows.is_empty() {
        line(&mut text, filled.iter().map(|((heading, _), width)| ((*heading).to_owned(), *width)));
        for row in &list.rows {
            line(&mut text, filled.iter().map(|((_, cell), width)| (shown(&cell(row)), *width)));
        }
        text.push('\n');
    }
    text.push_str(&totals(list));
    if list.rows.iter().any(|row| row.agent.last_success.is_some()) {
        text.push_str(&format!("Times are in {}.\n", zone_name(zone)));
    }
    text
}

fn columns<'l>(list: &'l List, zone: &'l TimeZone) -> Vec<Column<'l>> {
    fn of<'l>(heading: &'static str, cell: impl Fn(&Row) -> String + 'l) -> Column<'l> {
        (heading, Box::new(cell))
    }
    let several = list.sides.len() > 1;
    vec![
        of("State", |row| row.agent.state.words().to_owned()),
        of("Link", move |row| if several { list.link(row).to_owned() } else { String::new() }),
        of("User", |row| row.agent.agent.clone()),
        of("Name", |row| row.agent.name.clone()),
        of("E-mail", |row| row.agent.email.clone().unwrap_or_default()),
        of("Genesys Cloud user", |row| row.agent.user.clone().unwrap_or_default()),
        of("Why", |row| list.why(row).unwrap_or_default()),
        of("Status message", status),
        of("Presence", presence),
        of("Routing status", |row| row.agent.told.routing.clone().unwrap_or_default()),
        of("Cannot be shown", |row| row.agent.not_shown.clone().unwrap_or_default()),
        of("Last success", |row| row.agent.last_success.map(|at| time(at, zone)).unwrap_or_default()),
    ]
}

/// The status message's text, or its id where the catalogue does not have it.
fn status(row: &Row) -> String {
    let text = row.agent.message.as_ref().map(|message| &message.text);
    text.or(row.agent.status.as_ref().map(|status| &status.id)).cloned().unwrap_or_default()
}

/// What Genesys Cloud was told, and what it will be told where that is something else.
fn presence(row: &Row) -> String {
    let (told, wanted) = (worded(&row.agent.told), worded(&row.agent.wanted));
    match (told, wanted) {
        (Some(told), Some(wanted)) if told != wanted => format!("{told} → {wanted}"),
        (Some(told), _) => told,
        (None, Some(wanted)) => format!("→ {wanted}"),
        (None, None) => String::new(),
    }
}

fn worded(values: &Values) -> Option<String> {
    let presence = values.presence.clone()?;
    let away = values.out_of_office.as_ref().is_some_and(|office| office.active);
    Some(if away { format!("{presence}, out of office") } else { presence })
}

/// How wide a column is; 0 when nothing is in it.
fn width(list: &List, (heading, cell): &Column<'_>) -> usize {
    let widest = list.rows.iter().map(|row| shown(&cell(row)).width()).max().unwrap_or(0);
    if widest == 0 { 0 } else { widest.max(heading.width()) }
}

fn line(text: &mut String, cells: impl Iterator<Item = (String, usize)>) {
    let begin = text.len();
    for (cell, width) in cells {
        let blanks = width.saturating_sub(cell.width()) + 2;
        text.push_str(&cell);
        text.extend(std::iter::repeat_n(' ', blanks));
    }
    let end = text[begin..].trim_end().len();
    text.truncate(begin + end);
    text.push('\n');
}

/// Names are other people's: what would move a terminal's cursor is left out of them.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

fn totals(list: &List) -> String {
    let Totals { users, states, reasons, not_shown } = &list.totals;
    let states = counted(states.iter().rev().map(|(state, count)| (state.words(), *count)));
    let mut text = match users {
        0 => "No users.\n".to_owned(),
        1 => format!("1 user: {states}.\n"),
        users => format!("{users} users: {states}.\n"),
    };
    if !reasons.is_empty() {
        let reasons = counted(reasons.iter().map(|(reason, count)| (reason.words(), *count)));
        text.push_str(&format!("Why: {reasons}.\n"));
    }
    if *not_shown > 0 {
        text.push_str(&format!("Routing status that direct delivery cannot show at the moment: {not_shown}.\n"));
    }
    if (list.rows.len() as u64) < *users {
        text.push_str(&format!("Listed: {}.\n", list.rows.len()));
    }
    text
}

fn counted<'w>(counts: impl Iterator<Item = (&'w str, u64)>) -> String {
    counts.map(|(what, count)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
}

/// `2026-03-02 08:00:10`.
fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn zone_name(zone: &TimeZone) -> String {
    match zone.iana_name() {
        Some(name) => name.to_owned(),
        None => format!("UTC{}", zone.to_offset(Timestamp::now())),
    }
}

/// The heading of the CSV. Columns are only ever added, at its end.
const HEADING: [&str; 21] = [
    "link",
    "user_id",
    "name",
    "email",
    "workgroups",
    "genesys_cloud_user_id",
    "state",
    "reason",
    "why",
    "status_id",
    "status_message",
    "status_since",
    "logged_in",
    "presence",
    "routing_status",
    "out_of_office",
    "wanted_presence",
    "wanted_routing_status",
    "cannot_be_shown",
    "changes_pending",
    "last_success",
];

/// For spreadsheets, as RFC 4180 has it, in UTF-8, times in UTC.
pub fn csv(list: &List) -> io::Result<String> {
    let terminator = csv::Terminator::CRLF;
    let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
    writer.write_record(HEADING)?;
    for row in &list.rows {
        writer.write_record(record(list, row)?.iter().map(|cell| harmless(cell)))?;
    }
    let written = writer.into_inner().map_err(|error| error.into_error())?;
    String::from_utf8(written).map_err(io::Error::other)
}

fn record(list: &List, row: &Row) -> io::Result<[String; 21]> {
    let agent = &row.agent;
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let office = agent.told.out_of_office.as_ref();
    Ok([
        list.link(row).to_owned(),
        agent.agent.clone(),
        agent.name.clone(),
        agent.email.clone().unwrap_or_default(),
        agent.workgroups.join("; "),
        agent.user.clone().unwrap_or_default(),
        agent.state.words().to_owned(),
        agent.reason.map(name).transpose()?.unwrap_or_default(),
        list.why(row).unwrap_or_default(),
        agent.status.as_ref().map(|status| status.id.clone()).unwrap_or_default(),
        status(row),
        at(agent.status.as_ref().and_then(|status| status.since)),
        if agent.logged_in { "yes" } else { "no" }.to_owned(),
        agent.told.presence.clone().unwrap_or_default(),
        agent.told.routing.clone().unwrap_or_default(),
        office.map(|office| if office.active { "yes" } else { "no" }).unwrap_or_default().to_owned(),
        agent.wanted.presence.clone().unwrap_or_default(),
        agent.wanted.routing.clone().unwrap_or_default(),
        agent.not_shown.clone().unwrap_or_default(),
        agent.pending.to_string(),
        at(agent.last_success),
    ])
}

/// The name that it has in JSON.
fn name(value: impl serde::Serialize) -> io::Result<String> {
    match serde_json::to_value(value)? {
        Value::String(name) => Ok(name),
        other => Ok(other.to_string()),
    }
}

/// For programs: totals and users, a user a line. Times are in UTC.
pub fn json(list: &List, now: Timestamp) -> io::Result<String> {
    let links: Vec<Value> = list.sides.iter().map(side).collect::<io::Result<_>>()?;
    let head = json!({
        "at": now,
        "live": list.sides.iter().all(|side| side.live),
        "links": links,
        "totals": sums(&list.totals)?,
        "listed": list.rows.len(),
    });
    let mut text = serde_json::to_vec_pretty(&head)?;
    // The list goes on where the object would end.
    text.truncate(text.trim_ascii_end().len() - 1);
    text.truncate(text.trim_ascii_end().len());
    text.extend_from_slice(b",\n  \"users\": [");
    for (place, row) in list.rows.iter().enumerate() {
        text.extend_from_slice(if place == 0 { b"\n    " } else { b",\n    " });
        let mut user = serde_json::to_value(&row.agent)?;
        user["link"] = list.link(row).into();
        user["why"] = list.why(row).into();
        serde_json::to_writer(&mut text, &user)?;
    }
    text.write_all(if list.rows.is_empty() { b"]\n}\n" } else { b"\n  ]\n}\n" })?;
    String::from_utf8(text).map_err(io::Error::other)
}

fn side(side: &Side) -> io::Result<Value> {
    Ok(json!({
        "link": side.link,
        "live": side.live,
        "complete": side.complete,
        "notes": side.notes,
        "totals": sums(&side.totals)?,
    }))
}

fn sums(totals: &Totals) -> io::Result<Value> {
    let by_name = |counts: Vec<(io::Result<String>, u64)>| -> io::Result<BTreeMap<String, u64>> {
        counts.into_iter().map(|(name, count)| Ok((name?, count))).collect()
    };
    Ok(json!({
        "users": totals.users,
        "states": by_name(totals.states.iter().map(|(state, count)| (name(state), *count)).collect())?,
        "reasons": by_name(totals.reasons.iter().map(|(reason, count)| (name(reason), *count)).collect())?,
        "cannot_be_shown": totals.not_shown,
    }))
}
