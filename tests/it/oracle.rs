//! What Genesys Cloud must be told, written down a second time without a line of the bridge: the vendor's table as
//! plain conditions, and the routing status derived from the history of one agent.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use simulator::icws::{StatusMessage, Truth, TruthChange, TruthEntry};

/// What one agent's day comes to: values with the times at which PureConnect had them, neighbours differ.
#[derive(Debug, Default)]
pub struct Day {
    pub presences: Vec<(&'static str, Timestamp)>,
    pub routing: Vec<(&'static str, Timestamp)>,
    pub out_of_office: bool,
    /// Routing statuses that do not follow from the presence, each time that such a one begins.
    pub untold: Vec<&'static str>,
    /// Before which of them the agent declined and left the queue at once: where the two messages do not arrive together,
    /// the agent is pending off queue, and IDLE, in between.
    pub declined: Vec<usize>,
}

/// The routing status that Genesys Cloud makes of a presence by itself.
pub fn follows(presence: &str) -> &'static str {
    if presence == "On Queue" { "IDLE" } else { "OFF_QUEUE" }
}

/// The vendor's table, row by row, in the printed order. "Out of Office" is Away with the other object on.
pub fn presence(message: &StatusMessage) -> &'static str {
    let name = message.status_id.trim().trim_end_matches('.').to_lowercase();
    let group = message.group_tag.trim().to_lowercase();
    let named = |names: &[&str]| names.contains(&name.as_str());
    if message.is_acd_status || message.is_after_call_work_status {
        "On Queue"
    } else if named(&["at a training session"]) || group == "training" {
        "Training"
    } else if named(&["away from desk"]) || group == "break" {
        "Break"
    } else if named(&["do not disturb"]) && group == "unavailable" {
        "Busy"
    } else if named(&["in a meeting", "meeting"]) {
        "Meeting"
    } else if named(&["at lunch", "meal", "lunch"]) {
        "Meal"
    } else if named(&["on vacation", "out of the office", "out of town"]) {
        "Out of Office"
    } else if named(&["gone home"]) || message.is_do_not_disturb_status {
        "Away"
    } else {
        "Available"
    }
}

/// One agent as the day goes on.
#[derive(Default)]
struct Agent {
    status: String,
    logged_in: bool,
    started: bool,
    /// Interactions on the queue: state letter, and whether ACD routed it.
    queue: BTreeMap<String, (String, bool)>,
    /// What the agent had when leaving the queue, as far as it has not ended.
    unfinished: BTreeSet<String>,
    was_on_queue: bool,
    unanswered: bool,
    untold: Option<&'static str>,
    day: Day,
}

impl Agent {
    fn involved(&self, id: &str) -> bool {
        self.queue.get(id).is_some_and(|(state, _)| ["A", "C", "H"].contains(&state.as_str()))
    }

    fn talks(&self, only: Option<&BTreeSet<String>>) -> Option<&'static str> {
        let mut talking = self
            .queue
            .iter()
            .filter(|(id, (state, _))| (state == "C" || state == "H") && only.is_none_or(|only| only.contains(*id)));
        let first = talking.next()?;
        Some(if first.1.1 || talking.any(|(_, (_, acd))| *acd) { "INTERACTING" } else { "COMMUNICATING" })
    }

    /// Derives both facets anew. `next` says that the agent has just entered the status.
    fn derive(&mut self, catalogue: &BTreeMap<String, StatusMessage>, at: Timestamp, next: bool) {
        let Some(message) = catalogue.get(&self.status.to_lowercase()) else { return };
        let row = presence(message);
        self.day.out_of_office = row == "Out of Office";
        let presence = match (self.logged_in, row) {
            (false, _) => "Offline",
            (true, "Out of Office") => "Away",
            (true, row) => row,
        };
        let on_queue = presence == "On Queue";
        let no_answer = self.logged_in && self.status.eq_ignore_ascii_case("AcdAgentNotAnswering");
        if self.was_on_queue && !on_queue {
            self.unfinished = self.queue.keys().filter(|id| self.involved(id)).cloned().collect();
        }
        if on_queue {
            self.unfinished.clear();
        }
        self.was_on_queue = on_queue;
        if next {
            self.unanswered = no_answer;
        }
        self.unanswered &= no_answer && self.talks(None).is_none();
        let working = self.logged_in && message.is_after_call_work_status;
        let routing = if self.unanswered {
            "NOT_RESPONDING"
        } else if !self.unfinished.is_empty() {
            self.talks(Some(&self.unfinished)).unwrap_or("IDLE")
        } else if !on_queue {
            "OFF_QUEUE"
        } else if working {
            "INTERACTING"
        } else {
            self.talks(None).unwrap_or("IDLE")
        };
        push(&mut self.day.presences, presence, at);
        push(&mut self.day.routing, routing, at);
        let untold = (routing != follows(presence)).then_some(routing);
        if self.untold != untold {
            self.untold = untold;
            self.day.untold.extend(untold);
        }
        self.started = true;
    }
}

fn push(list: &mut Vec<(&'static str, Timestamp)>, value: &'static str, at: Timestamp) {
    if list.last().is_none_or(|(last, _)| *last != value) {
        list.push((value, at));
    }
}

/// What leaves an agent in the moment of the first of these entries: whoever declines and goes off queue has nothing
/// left to finish, whichever of the two is told first.
fn declined_with(log: &[TruthEntry]) -> impl Iterator<Item = &str> {
    let moment = log.iter().take_while(|entry| entry.at == log[0].at && entry.user == log[0].user);
    moment.filter_map(|entry| match &entry.change {
        TruthChange::Left { id } => Some(id.as_str()),
        TruthChange::Status { .. } | TruthChange::LoggedIn { .. } | TruthChange::Interaction(_) => None,
    })
}

/// Goes through PureConnect's account of a day; by user id.
pub fn days(truth: &Truth) -> BTreeMap<String, Day> {
    let shipped = simulator::icws::catalogue::shipped();
    let mut catalogue: BTreeMap<String, StatusMessage> =
        shipped.into_iter().map(|message| (message.status_id.to_lowercase(), message)).collect();
    let mut agents: BTreeMap<String, Agent> = BTreeMap::new();
    for beginning in &truth.beginnings {
        let agent = agents.entry(beginning.user.to_string()).or_default();
        agent.status = beginning.status.to_string();
        agent.logged_in = beginning.logged_in;
        agent.derive(&catalogue, beginning.at, true);
    }
    let mut edits = truth.catalogue.iter().peekable();
    for (place, entry) in truth.log.iter().enumerate() {
        while let Some(edit) = edits.next_if(|edit| edit.sequence <= entry.sequence) {
            match &edit.message {
                Some(message) => catalogue.insert(edit.status_id.to_lowercase(), message.clone()),
                None => catalogue.remove(&edit.status_id.to_lowercase()),
            };
            for agent in agents.values_mut().filter(|agent| agent.started) {
                agent.derive(&catalogue, edit.at, false);
            }
        }
        let agent = agents.entry(entry.user.to_string()).or_default();
        match &entry.change {
            TruthChange::Status { merged: true, .. } => continue,
            TruthChange::Status { status, .. } => {
                for declined in declined_with(&truth.log[place..]) {
                    if agent.queue.get(declined).is_some_and(|(state, _)| state == "A") {
                        agent.queue.remove(declined);
                        agent.day.declined.push(agent.day.untold.len());
                    }
                }
                agent.status = status.to_string();
                agent.derive(&catalogue, entry.at, true);
                continue;
            }
            TruthChange::LoggedIn { logged_in } => agent.logged_in = *logged_in,
            TruthChange::Interaction(told) => {
                agent.queue.insert(told.id.clone(), (told.state.to_string(), told.acd));
            }
            TruthChange::Left { id } => {
                agent.queue.remove(id);
            }
        }
        let ended: Vec<String> = agent.unfinished.iter().filter(|id| !agent.involved(id)).cloned().collect();
        for id in ended {
            agent.unfinished.remove(&id);
        }
        agent.derive(&catalogue, entry.at, false);
    }
    agents.into_iter().map(|(user, agent)| (user, agent.day)).collect()
}
