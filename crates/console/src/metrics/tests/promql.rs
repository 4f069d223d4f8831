//! What an expression of PromQL speaks of: metrics with the labels that it chooses by, and labels that it groups by.
//!
//! Knows words and brackets, not the whole grammar: whether a rule says what it should is what `promtool test rules` and
//! `alerts_test.yml` are for.

/// A metric in an expression.
#[derive(Debug, PartialEq, Eq)]
pub struct Chosen {
    pub metric: String,
    /// Label, and the values that it may have; none where they are not written out.
    pub labels: Vec<(String, Vec<String>)>,
}

/// An expression.
#[derive(Debug, PartialEq, Eq)]
pub struct Expression {
    pub chosen: Vec<Chosen>,
    /// What is grouped by or matched on.
    pub grouped: Vec<String>,
}

const GROUPS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];

/// Reads an expression; ends the test where a bracket is not closed.
pub fn read(text: &str) -> Expression {
    let tokens = tokens(text);
    let mut expression = Expression { chosen: Vec::new(), grouped: Vec::new() };
    let mut open = Vec::new();
    let mut place = 0;
    while place < tokens.len() {
        let next = tokens.get(place + 1).map(String::as_str);
        match tokens[place].as_str() {
            bracket @ ("(" | "[" | "{") => open.push(bracket.to_owned()),
            bracket @ (")" | "]" | "}") => {
                let pair = format!("{}{bracket}", open.pop().unwrap_or_default());
                assert!(["()", "[]", "{}"].contains(&pair.as_str()), "{bracket} closes nothing: {text}");
            }
            word if GROUPS.contains(&word) && next == Some("(") => {
                let labels = tokens[place + 2..].iter().take_while(|token| *token != ")").filter(|token| *token != ",");
                expression.grouped.extend(labels.cloned());
            }
            word if next == Some("{") => {
                let within = tokens[place + 2..].iter().take_while(|token| *token != "}");
                let within: Vec<&str> = within.map(String::as_str).collect();
                expression.chosen.push(Chosen { metric: word.to_owned(), labels: labels(&within, text) });
            }
            word if word.starts_with("presence_bridge_") || word.starts_with("process_") => {
                expression.chosen.push(Chosen { metric: word.to_owned(), labels: Vec::new() });
            }
            _ => {}
        }
        place += 1;
    }
    assert!(open.is_empty(), "not closed: {text}");
    expression
}

/// `state="error", kind=~"late|frozen"`
fn labels(within: &[&str], text: &str) -> Vec<(String, Vec<String>)> {
    let each = within.split(|token| *token == ",").filter(|label| !label.is_empty());
    each.map(|label| match label {
        [name, "=" | "!=" | "=~" | "!~", value] if value.starts_with('"') => {
            let value = value.trim_matches('"');
            let values = if value.contains('$') { Vec::new() } else { value.split('|').map(str::to_owned).collect() };
            ((*name).to_owned(), values)
        }
        _ => panic!("{label:?} chooses nothing: {text}"),
    })
    .collect()
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |character: char| character.is_alphanumeric() || "_:$.".contains(character);
        let length = match first {
            '"' => 2 + rest[1..].find('"').unwrap_or_else(|| panic!("no end of the text: {text}")),
            '=' | '!' | '>' | '<' => rest.find(|character: char| !"=!~<>".contains(character)).unwrap_or(rest.len()),
            _ if is_word(first) => rest.find(|character: char| !is_word(character)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    tokens
}

#[test]
fn an_expression_is_taken_apart() {
    let read = read(
        "histogram_quantile(0.99, sum by (link, le) (rate(a_bucket{since=\"received\", link=~\"$link\"}[10m]))) > 15 \
         and on (job) presence_bridge_b unless c{d!=\"e|f\"}",
    );
    let chosen = |metric: &str, labels: &[(&str, &[&str])]| Chosen {
        metric: metric.to_owned(),
        labels: labels
            .iter()
            .map(|(label, values)| ((*label).to_owned(), values.iter().map(|value| (*value).to_owned()).collect()))
            .collect(),
    };
    assert_eq!(
        read.chosen,
        [
            chosen("a_bucket", &[("since", &["received"]), ("link", &[])]),
            chosen("presence_bridge_b", &[]),
            chosen("c", &[("d", &["e", "f"])]),
        ]
    );
    assert_eq!(read.grouped, ["link", "le", "job"]);
}

#[test]
#[should_panic(expected = "not closed")]
fn a_bracket_that_is_not_closed_is_seen() {
    read("sum(rate(presence_bridge_b[5m])");
}
