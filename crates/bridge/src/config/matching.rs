//! Which cloud user is which agent, as far as an operator says so by hand: in the configuration or in a CSV file.
//!
//! Does not know whether those users exist; that is found out when running.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use domain::ids::{AgentId, WorkgroupId};
use miette::NamedSource;
use replicator::options::CloudKey;
use serde_json::json;
use toml::Spanned;
use toml::de::DeValue;

use super::place::Place;
use super::reader::Section;
use super::value::{TextFile, Value, wrong_type};
use crate::problem::{Problem, ShownFile};

/// Agents and their users.
type Table = BTreeMap<AgentId, CloudKey>;

/// Reads the keys of `[users]` that match agents with users. The configuration's own table counts more than the file.
pub fn matching(section: &mut Section<'_, '_, '_>) -> Table {
    let own: Option<Table> = section.optional(
        "match",
        "{ \"jane.doe\" = \"jane@example.com\" }",
        "Users found by hand: PureConnect user id = e-mail or user id in Genesys Cloud. Others are found by\nexternal id and e-mail.",
    );
    let csv: Option<TextFile> =
        section.optional("match_csv", "\"users.csv\"", "The same as a CSV file with the columns agent and user.");
    let mut table = Table::new();
    if let Some(file) = csv {
        match read_csv(&file) {
            Ok(matches) => table = matches,
            Err(problems) => problems.into_iter().for_each(|problem| section.problem("match_csv", problem)),
        }
    }
    table.extend(own.unwrap_or_default());
    table
}

impl Value for Table {
    fn schema() -> serde_json::Value {
        json!({ "type": "object", "additionalProperties": { "type": "string", "minLength": 1 } })
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let Some(entries) = node.get_ref().as_table() else {
            return Err(wrong_type("a table such as { \"jane.doe\" = \"jane@example.com\" }", node));
        };
        let mut table = Self::new();
        let mut problems = Vec::new();
        for (agent, user) in entries {
            let added = String::read(user, place)
                .and_then(|user| add(&mut table, agent.get_ref(), &user).map_err(|problem| vec![problem]));
            if let Err(wrong) = added {
                problems.extend(wrong.into_iter().map(|problem| problem.or_at(user.span())));
            }
        }
        if problems.is_empty() { Ok(table) } else { Err(problems) }
    }
}

impl Value for AgentId {
    fn schema() -> serde_json::Value {
        String::schema()
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        String::read(node, place).map(|text| Self::new(&text))
    }
}

impl Value for WorkgroupId {
    fn schema() -> serde_json::Value {
        String::schema()
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        String::read(node, place).map(|text| Self::new(&text))
    }
}

/// Adds a match; an agent has one user.
fn add(table: &mut Table, agent: &str, user: &str) -> Result<(), Problem> {
    let key = match user.parse() {
        Ok(id) => CloudKey::Id(id),
        Err(_) if user.contains('@') => CloudKey::Email(user.to_owned()),
        Err(_) => {
            let message = format!("\"{user}\" is neither an e-mail address nor a user id of Genesys Cloud");
            return Err(Problem::new(message));
        }
    };
    match table.insert(AgentId::new(agent), key) {
        None => Ok(()),
        Some(_) => Err(Problem::new(format!("the agent \"{agent}\" is there twice"))
            .help("PureConnect's user ids have no upper and lower case")),
    }
}

/// Reads the CSV file; all problems at once, each with its line.
fn read_csv(file: &TextFile) -> Result<Table, Vec<Problem>> {
    let shown: ShownFile = Arc::new(NamedSource::new(&file.name, file.text.clone()));
    // Excel writes a byte order mark, which would become a part of the first column's name.
    let bom = if file.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut rows = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(&file.text.as_bytes()[bom..]);
    let header = rows.headers().map_err(|error| vec![broken(&error, &shown, bom)])?.clone();
    let column = |name: &str| header.iter().position(|column| column.eq_ignore_ascii_case(name));
    let (Some(agents), Some(users)) = (column("agent"), column("user")) else {
        let problem = Problem::new("the first line does not name the columns agent and user");
        return Err(vec![problem.at(line_at(&file.text, bom)).within(&shown)]);
    };
    let mut table = Table::new();
    let mut problems = Vec::new();
    for row in rows.records() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                problems.push(broken(&error, &shown, bom));
                continue;
            }
        };
        let (agent, user) = (row.get(agents).unwrap_or_default(), row.get(users).unwrap_or_default());
        let start = row.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0)) + bom;
        let added =
            if agent.is_empty() { Err(Problem::new("no agent in this line")) } else { add(&mut table, agent, user) };
        if let Err(problem) = added {
            problems.push(problem.at(line_at(&file.text, start)).within(&shown));
        }
    }
    if problems.is_empty() { Ok(table) } else { Err(problems) }
}

fn broken(error: &csv::Error, shown: &ShownFile, bom: usize) -> Problem {
    let start = error.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0)) + bom;
    let text = shown.inner();
    Problem::new(format!("not a CSV line: {error}")).at(line_at(text, start)).within(shown)
}

/// The line that begins at or after `start`, without its end.
fn line_at(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let begin = start + (rest.len() - rest.trim_start_matches(['\r', '\n']).len());
    let line = text.get(begin..).unwrap_or_default();
    let length = line.find(['\r', '\n']).unwrap_or(line.len());
    begin.min(text.len())..(begin + length).min(text.len())
}
