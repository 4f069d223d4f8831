//! The rules as a table.

use domain::target::RoutingStatus;
use mapping::Row;
use serde_json::{Value, json};

use crate::arguments;
use crate::exit::Failed;
use crate::rules;

/// The answer to `mapping show`.
pub fn show_mapping(arguments: &arguments::ShowMapping) -> Result<String, Failed> {
    let rules = rules::compiled(&rules::asked(&arguments.rules, None)?, rules::OFFLINE)?;
    if arguments.json {
        let rows: Vec<Value> = rules.rows().map(|row| json_row(&row)).collect();
        return Ok(format!("{:#}\n", Value::from(rows)));
    }
    let head = ["#", "presence", "rule", "from", "when"].map(str::to_owned);
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(rules.rows().map(cells)).collect();
    Ok(aligned(&rows))
}

fn json_row(row: &Row) -> Value {
    json!({
        "number": row.number,
        "rule": row.name.as_ref(),
        "when": row.when,
        "presence": row.presence,
        "routing": row.routing.map(RoutingStatus::name),
        "from": row.from,
    })
}

fn cells(row: Row) -> [String; 5] {
    let presence = match row.routing {
        None => row.presence,
        Some(routing) => format!("{}, {routing}", row.presence),
    };
    [row.number.to_string(), presence, row.name.to_string(), row.from, row.when]
}

/// Columns as wide as their widest cell; nothing after the last one. Names come from outside: each row stays a line.
pub fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}  "));
        let line: String = cells.collect();
        let line: String = line.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        line + "\n"
    };
    rows.iter().map(line).collect()
}
