//! What a status means by the rules, as people and programs read it.

use console::shown::findings::boxes;
use domain::source::StatusMessage;
use mapping::{Explanation, Mapped, NearMiss, Precedence, Rules, WhyNot};
use serde_json::{Value, json};

use super::situations::{Situation, situations};

/// What a status means, and why.
pub struct Answer {
    status: StatusMessage,
    explanation: Explanation,
    situations: Vec<Situation>,
    /// The precedence that was not asked for.
    other: &'static str,
}

impl Answer {
    /// The answer that these rules give; `no_answer` says whether the status is one of agents who did not answer.
    pub fn new(rules: &Rules, status: StatusMessage, no_answer: bool, precedence: Precedence) -> Self {
        let explanation = rules.explain(&status);
        let situations = situations(&status, &explanation.mapped, no_answer);
        Self { status, explanation, situations, other: other(precedence) }
    }

    /// The text of the status.
    pub fn status_text(&self) -> &str {
        &self.status.text
    }

    /// The rule that decides.
    pub fn rule(&self) -> &str {
        &self.explanation.mapped.rule
    }

    /// For people.
    pub fn text(&self) -> String {
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

    /// For programs.
    pub fn json(&self) -> Value {
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
    format!("{name} ({})", boxes(status))
}

fn other(precedence: Precedence) -> &'static str {
    match precedence {
        Precedence::Printed => "message-first",
        Precedence::MessageFirst => "printed",
    }
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
