//! Answers offline which presence and routing status a PureConnect status means, and why; and prints the rules.
//!
//! Knows the status messages that PureConnect comes with, and nobody's own. Decides nothing: the answers are the ones
//! of `mapping` and `routing`, which also serve the service.

mod show;
mod situations;
#[cfg(test)]
mod tests;

use domain::ids::StatusId;
use domain::source::{Catalogue, StatusMessage};
use mapping::{Explanation, Mapped, NearMiss, Precedence, WhyNot};
use serde_json::{Value, json};

use self::situations::{Situation, situations};
use crate::arguments;
use crate::exit::{Exit, Failed};
use crate::problem::{Problem, nearest_first};
use crate::rules;

pub use self::show::show_mapping;

/// The answer to `explain`.
pub fn explain(arguments: &arguments::Explain) -> Result<String, Failed> {
    let rules = rules::offline(&arguments.rules)?;
    let status = match &arguments.name {
        Some(name) => by_name(name, &mapping::default_catalogue())?,
        None => by_flags(arguments),
    };
    let explanation = rules.explain(&status);
    let answer = Answer {
        situations: situations(&status, &explanation.mapped),
        other: other(arguments.rules.precedence.into()),
        status,
        explanation,
    };
    Ok(if arguments.json { format!("{:#}\n", answer.json()) } else { answer.text() })
}

/// A status that PureConnect comes with, by id or text.
fn by_name(name: &str, catalogue: &Catalogue) -> Result<StatusMessage, Failed> {
    let key = |text: &str| text.trim().trim_end_matches('.').to_lowercase();
    let wanted = key(name);
    let found = catalogue.iter().find(|status| key(status.id.as_str()) == wanted || key(&status.text) == wanted);
    if let Some(status) = found {
        return Ok(status.clone());
    }
    let problem = Problem::new(format!("no status that PureConnect comes with is called \"{name}\""));
    let all = || catalogue.iter().map(|status| status.text.as_str());
    let near = nearest_first(name, all());
    let help = if near.is_empty() {
        format!("they are {}", quoted(all().collect()))
    } else {
        format!("did you mean {}?", quoted(near.into_iter().take(3).collect()))
    };
    let help = format!("{help}\nDescribe one of your own with --message, --group, --acd, --acw and --dnd");
    Err(Failed::diagnosed(Exit::Usage, problem.help(help)))
}

fn quoted(names: Vec<&str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}

fn by_flags(arguments: &arguments::Explain) -> StatusMessage {
    let text = arguments.message.clone().unwrap_or_default();
    StatusMessage {
        id: StatusId::new(&text),
        text,
        group: arguments.group.clone().unwrap_or_default(),
        allows_acd: arguments.acd,
        after_call_work: arguments.acw,
        do_not_disturb: arguments.dnd,
    }
}

fn other(precedence: Precedence) -> &'static str {
    match precedence {
        Precedence::Printed => "message-first",
        Precedence::MessageFirst => "printed",
    }
}

struct Answer {
    status: StatusMessage,
    explanation: Explanation,
    situations: Vec<Situation>,
    /// The precedence that was not asked for.
    other: &'static str,
}

impl Answer {
    fn text(&self) -> String {
        let why = &self.explanation;
        let mut rows = vec![
            ("status", status_words(&self.status)),
            ("presence", why.presence.clone()),
            ("out of office", out_of_office_words(&why.mapped).to_owned()),
        ];
        let mut label = "routing status";
        for situation in &self.situations {
            rows.push((std::mem::take(&mut label), situation.words()));
        }
        rows.push(("rule", format!("{} ({})", why.mapped.rule, why.from)));
        rows.push(("because", why.because.clone()));
        if why.unresolved {
            let note = "this is one of the organisation's own presences, which are looked up when the service starts";
            rows.push(("note", note.to_owned()));
        }
        let mut label = "nearly";
        for miss in &why.near_misses {
            rows.push((std::mem::take(&mut label), miss.to_string()));
        }
        let other = match &why.other_precedence {
            Some(mapped) => format!("{}, by {} (--precedence {})", presence_words(mapped), mapped.rule, self.other),
            None => format!("the same (--precedence {})", self.other),
        };
        rows.push(("otherwise", other));
        rows.into_iter().map(|(label, text)| format!("{label:<16}{text}\n")).collect()
    }

    fn json(&self) -> Value {
        let why = &self.explanation;
        let other = why.other_precedence.as_ref().map(|mapped| {
            json!({
                "precedence": self.other,
                "presence": presence_words(mapped),
                "out_of_office": mapped.out_of_office,
                "rule": mapped.rule.as_ref(),
            })
        });
        json!({
            "status": {
                "id": self.status.id.as_str(),
                "text": self.status.text,
                "group": self.status.group,
                "acd": self.status.allows_acd,
                "acw": self.status.after_call_work,
                "dnd": self.status.do_not_disturb,
            },
            "presence": why.presence,
            "system_presence": why.mapped.presence.system.name(),
            "unresolved": why.unresolved,
            "out_of_office": why.mapped.out_of_office,
            "routing": self.situations.iter().map(Situation::json).collect::<Vec<_>>(),
            "rule": why.mapped.rule.as_ref(),
            "from": why.from,
            "because": why.because,
            "near_misses": why.near_misses.iter().map(near_miss).collect::<Vec<_>>(),
            "other_precedence": other,
        })
    }
}

fn near_miss(miss: &NearMiss) -> Value {
    let why = match &miss.why {
        WhyNot::Condition { wanted, found } => json!({ "wanted": wanted, "found": found }),
        WhyNot::Overruled => json!("overruled"),
    };
    json!({ "rule": miss.rule.as_ref(), "presence": miss.presence, "why": why })
}

fn status_words(status: &StatusMessage) -> String {
    let name = if status.text.is_empty() { "(no message)" } else { &status.text };
    let mut facts = Vec::new();
    if !status.group.is_empty() {
        facts.push(format!("group {}", status.group));
    }
    let boxes = [
        (status.allows_acd, "allows ACD calls"),
        (status.after_call_work, "after call work"),
        (status.do_not_disturb, "do not disturb"),
    ];
    facts.extend(boxes.into_iter().filter(|(ticked, _)| *ticked).map(|(_, option)| option.to_owned()));
    if facts.is_empty() {
        facts.push("nothing ticked".to_owned());
    }
    format!("{name} ({})", facts.join(", "))
}

fn presence_words(mapped: &Mapped) -> String {
    if mapped.out_of_office { "Out of Office".to_owned() } else { mapped.presence.to_string() }
}

fn out_of_office_words(mapped: &Mapped) -> &'static str {
    if mapped.out_of_office {
        "on, until the date in the status where it has one; the presence itself is Away"
    } else {
        "off"
    }
}
