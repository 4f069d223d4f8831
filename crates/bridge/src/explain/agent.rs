//! How an agent stands, as people and programs read it: the status and what it means, what Genesys Cloud was told, and
//! what is in the way.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::answer::Answer;
use crate::catalogue::LiveAgent;
use crate::control::told::{self, Interaction, Reason, State, Values};

/// An agent, and what the agent's status means.
pub struct AgentAnswer<'a> {
    /// Who.
    pub agent: &'a LiveAgent,
    /// What the status means; `None` where it is not known.
    pub meaning: Option<Answer>,
}

impl AgentAnswer<'_> {
    /// For people.
    pub fn text(&self) -> String {
        let agent = self.agent;
        let mut rows = vec![("agent", who(agent))];
        if !agent.workgroups.is_empty() {
            rows.push(("workgroups", agent.workgroups.join(", ")));
        }
        rows.push(("status", self.status()));
        let logged_in = if agent.logged_in { "yes" } else { "no" };
        rows.push(("logged in", logged_in.to_owned()));
        match &agent.replicated {
            Some(told) => rows.extend(replicated(told)),
            None => {
                let note =
                    "no bridge is running, so what Genesys Cloud was told is not known; this is what the rules say";
                rows.push(("note", note.to_owned()));
            }
        }
        if let Some(note) = self.other_rule() {
            rows.push(("note", note));
        }
        let mut text: String = rows.into_iter().map(|(label, text)| format!("{label:<16}{text}\n")).collect();
        if let Some(meaning) = &self.meaning {
            text.push('\n');
            text.push_str(&meaning.text());
        }
        text
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let agent = self.agent;
        let told = agent.replicated.as_ref().map(|told| serde_json::to_value(told).unwrap_or(Value::Null));
        let told = told.unwrap_or_else(|| {
            json!({
                "agent": agent.id.as_str(),
                "name": agent.name,
                "email": agent.email,
                "workgroups": agent.workgroups,
                "status": serde_json::to_value(&agent.status).unwrap_or(Value::Null),
                "logged_in": agent.logged_in,
            })
        });
        json!({
            "agent": told,
            "live": agent.replicated.is_some(),
            "explanation": self.meaning.as_ref().map(Answer::json),
            "note": self.other_rule(),
        })
    }

    fn status(&self) -> String {
        let Some(status) = &self.agent.status else { return "not known: it may not be seen".to_owned() };
        let since = self.agent.replicated.as_ref().and_then(|told| told.entered).or(status.since);
        let since = since.map(|since| format!(", since {}", time(since))).unwrap_or_default();
        let until = status.until.map(|until| format!(", until {}", time(until))).unwrap_or_default();
        match &self.meaning {
            Some(meaning) => format!("{}{since}{until}", meaning.status_text()),
            None => format!("{}, which is not in the list of status messages{since}{until}", status.id),
        }
    }

    /// That the running bridge decides by another rule than the files say.
    fn other_rule(&self) -> Option<String> {
        let (told, meaning) = (self.agent.replicated.as_ref()?, self.meaning.as_ref()?);
        let used = told.rule.as_ref()?;
        if !self.agent.logged_in || used == meaning.rule() {
            return None;
        }
        Some(format!(
            "the running bridge decided by {used}, and these rules say {}: `presence-bridge reload` applies the \
             configuration's",
            meaning.rule()
        ))
    }
}

fn who(agent: &LiveAgent) -> String {
    let more: Vec<&str> =
        [agent.name.as_str()].into_iter().chain(agent.email.as_deref()).filter(|more| !more.is_empty()).collect();
    if more.is_empty() { agent.id.to_string() } else { format!("{} ({})", agent.id, more.join(", ")) }
}

/// What only a bridge that runs knows.
fn replicated(told: &told::Agent) -> Vec<(&'static str, String)> {
    let by = told.rule.as_ref().map(|rule| format!(", by {rule}")).unwrap_or_default();
    let mut rows = vec![("wanted", format!("{}{by}", values(&told.wanted)))];
    if told.pending_off_queue {
        rows.push(("", "pending off queue: left the queue with interactions that go on".to_owned()));
    }
    rows.push(("interactions", interactions(&told.interactions)));
    rows.push(("told", values(&told.told)));
    if let Some(status) = &told.not_shown {
        rows.push(("not shown", format!("{status}: direct delivery cannot tell it")));
    }
    let reason = told.reason.map(|reason| format!(": {}", reason_words(reason))).unwrap_or_default();
    rows.push(("synchronised", format!("{}{reason}", state_words(told.state))));
    if told.pending > 0 {
        let changes = if told.pending == 1 { "1 change".to_owned() } else { format!("{} changes", told.pending) };
        rows.push(("pending", changes));
    }
    if let Some(error) = &told.error {
        rows.push(("error", error.clone()));
    }
    rows.push(("cloud user", told.user.clone().unwrap_or_else(|| "none".to_owned())));
    rows.push(("last success", told.last_success.map_or_else(|| "never".to_owned(), time)));
    rows
}

fn values(values: &Values) -> String {
    let presence = values.presence.as_ref().map(|presence| match &values.secondary {
        None => presence.clone(),
        Some(secondary) => format!("{presence} ({secondary})"),
    });
    let out_of_office = values.out_of_office.as_ref().filter(|out| out.active).map(|out| match out.until {
        None => "out of office".to_owned(),
        Some(until) => format!("out of office until {}", time(until)),
    });
    let parts: Vec<String> = [presence, values.routing.clone(), out_of_office].into_iter().flatten().collect();
    if parts.is_empty() { "nothing yet".to_owned() } else { parts.join(", ") }
}

fn interactions(all: &[Interaction]) -> String {
    let count = |involvement: &str, acd: bool| {
        all.iter().filter(|one| one.involvement == involvement && one.acd == acd).count()
    };
    let parts = [
        (count("connected", true), "connected, routed by ACD"),
        (count("connected", false), "connected, not routed by ACD"),
        (count("alerting", true) + count("alerting", false), "alerting"),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join("; ") }
}

fn state_words(state: State) -> &'static str {
    match state {
        State::Synced => "Synced",
        State::Pending => "Pending",
        State::Error => "Error",
        State::NotSynced => "Not synced",
    }
}

fn reason_words(reason: Reason) -> &'static str {
    match reason {
        Reason::Refused => "Genesys Cloud refused something",
        Reason::UnknownStatus => "the status is not in PureConnect's list of status messages",
        Reason::NoEmail => "no e-mail address in PureConnect",
        Reason::NoSuchUser => "Genesys Cloud has no such user",
        Reason::SeveralUsers => "Genesys Cloud has several users with this e-mail address",
        Reason::Inactive => "the user in Genesys Cloud is not active",
        Reason::Shared => "another agent has the same user in Genesys Cloud",
    }
}

/// `2026-03-02 08:00:00 UTC`.
fn time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
