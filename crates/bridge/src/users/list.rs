//! The list of users: which of them are wanted, in which order, and what they amount to.
//!
//! Does not know where they come from nor how they are printed.

use std::collections::BTreeMap;

use console::shown::words;

use crate::control::told::{Agent, Reason, State};

/// What is known of one link's users.
#[derive(Debug, Clone)]
pub struct Part {
    /// The link.
    pub link: String,
    /// Whether the running bridge says so.
    pub live: bool,
    /// Whether its users are known at all.
    pub complete: bool,
    /// What else there is to know, a sentence each.
    pub notes: Vec<String>,
    /// Its users.
    pub agents: Vec<Agent>,
}

/// Which users are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// In this state.
    pub state: Option<State>,
    /// With this text in what identifies them or in why they are not synced.
    pub text: Option<String>,
    /// Members of this workgroup.
    pub workgroup: Option<String>,
}

/// A user of a link.
#[derive(Debug)]
pub struct Row {
    /// Which link, by its place.
    pub link: usize,
    /// The user.
    pub agent: Agent,
}

/// The links, without their users.
#[derive(Debug)]
pub struct Side {
    /// The name.
    pub link: String,
    /// Whether the running bridge says so.
    pub live: bool,
    /// Whether its users are known at all.
    pub complete: bool,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// What all its users amount to.
    pub totals: Totals,
}

/// What users amount to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many there are.
    pub users: u64,
    /// By state.
    pub states: BTreeMap<State, u64>,
    /// Those that are in error or not synced, by reason.
    pub reasons: BTreeMap<Reason, u64>,
    /// Those whose routing status direct delivery cannot show at the moment.
    pub not_shown: u64,
}

/// The list.
#[derive(Debug)]
pub struct List {
    /// Where they are from.
    pub sides: Vec<Side>,
    /// Those that are wanted, problems first.
    pub rows: Vec<Row>,
    /// What all of them amount to, wanted or not.
    pub totals: Totals,
}

impl List {
    /// Takes everything over, counts it, and keeps what is wanted.
    pub fn new(parts: Vec<Part>, wanted: &Wanted) -> Self {
        let matcher = Matcher::of(wanted);
        let mut list = Self { sides: Vec::new(), rows: Vec::new(), totals: Totals::default() };
        for Part { link, live, complete, notes, agents } in parts {
            let mut totals = Totals::default();
            let place = list.sides.len();
            for agent in agents {
                totals.add(&agent);
                list.totals.add(&agent);
                if matcher.takes(&agent, live) {
                    list.rows.push(Row { link: place, agent });
                }
            }
            list.sides.push(Side { link, live, complete, notes, totals });
        }
        list.rows
            .sort_by_cached_key(|row| (row.agent.state, row.agent.reason, row.link, row.agent.agent.to_lowercase()));
        list
    }

    /// The link's name.
    pub fn link(&self, row: &Row) -> &str {
        &self.sides[row.link].link
    }

    /// Why a user is not synced.
    pub fn why(&self, row: &Row) -> Option<String> {
        words::why(&row.agent, self.sides[row.link].live)
    }

    /// What else there is to know, with the link where there are several.
    pub fn notes(&self) -> Vec<String> {
        let several = self.sides.len() > 1;
        let named =
            |side: &Side, note: &String| if several { format!("Link {}: {note}", side.link) } else { note.clone() };
        self.sides.iter().flat_map(|side| side.notes.iter().map(move |note| named(side, note))).collect()
    }
}

impl Totals {
    fn add(&mut self, agent: &Agent) {
        self.users += 1;
        *self.states.entry(agent.state).or_default() += 1;
        if let Some(reason) = agent.reason {
            *self.reasons.entry(reason).or_default() += 1;
        }
        self.not_shown += u64::from(agent.not_shown.is_some());
    }
}

/// What is wanted, as it is compared.
struct Matcher {
    state: Option<State>,
    text: Option<String>,
    workgroup: Option<String>,
}

impl Matcher {
    fn of(wanted: &Wanted) -> Self {
        let lower = |text: &Option<String>| text.as_deref().map(str::to_lowercase);
        Self { state: wanted.state, text: lower(&wanted.text), workgroup: lower(&wanted.workgroup) }
    }

    fn takes(&self, agent: &Agent, live: bool) -> bool {
        self.state.is_none_or(|state| agent.state == state)
            && self.workgroup.as_ref().is_none_or(|name| agent.workgroups.iter().any(|of| of.to_lowercase() == *name))
            && self.text.as_ref().is_none_or(|text| {
                let why = words::why(agent, live);
                let shown =
                    [Some(&agent.agent), Some(&agent.name), agent.email.as_ref(), agent.user.as_ref(), why.as_ref()];
                shown.into_iter().flatten().any(|shown| shown.to_lowercase().contains(text))
            })
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::control::told::{StatusMessage, Values};

    /// A user who is synced and Available.
    pub fn agent(id: &str) -> Agent {
        Agent {
            agent: id.to_owned(),
            name: format!("{id} Example"),
            email: Some(format!("{id}@example.com")),
            workgroups: vec!["Sales".to_owned()],
            user: Some(format!("00000000-0000-0000-0000-{:012}", id.len())),
            state: State::Synced,
            reason: None,
            error: None,
            status: None,
            message: Some(StatusMessage {
                id: "Available".to_owned(),
                text: "Available".to_owned(),
                group: "Available".to_owned(),
                acd: true,
                acw: false,
                dnd: false,
            }),
            logged_in: true,
            rule: None,
            wanted: Values::default(),
            told: Values {
                presence: Some("On Queue".to_owned()),
                routing: Some("IDLE".to_owned()),
                ..Values::default()
            },
            pending: 0,
            pending_off_queue: false,
            interactions: Vec::new(),
            not_shown: None,
            last_success: Some("2026-03-02T08:00:10Z".parse().unwrap()),
            entered: None,
        }
    }

    /// A user without a cloud user.
    pub fn lost(id: &str, reason: Reason) -> Agent {
        let told = Values::default();
        Agent { user: None, state: State::NotSynced, reason: Some(reason), last_success: None, told, ..agent(id) }
    }

    /// Of one link.
    pub fn part(agents: Vec<Agent>) -> Part {
        Part { link: "default".to_owned(), live: true, complete: true, notes: Vec::new(), agents }
    }

    fn listed(parts: Vec<Part>, wanted: &Wanted) -> Vec<String> {
        List::new(parts, wanted).rows.into_iter().map(|row| row.agent.agent).collect()
    }

    fn crew() -> Vec<Agent> {
        vec![
            agent("ada"),
            Agent { state: State::Pending, pending: 2, ..agent("Ben") },
            lost("cleo", Reason::NoSuchUser),
            lost("dora", Reason::NoEmail),
            Agent {
                state: State::Error,
                reason: Some(Reason::Refused),
                error: Some("bad.request: NO such presence".to_owned()),
                workgroups: vec!["Support".to_owned()],
                not_shown: Some("INTERACTING".to_owned()),
                ..agent("eve")
            },
        ]
    }

    #[test]
    fn problems_come_first_and_then_by_reason_and_user_id() {
        assert_eq!(listed(vec![part(crew())], &Wanted::default()), ["eve", "dora", "cleo", "Ben", "ada"]);
        let mixed = vec![agent("b"), agent("A"), agent("C")];
        assert_eq!(listed(vec![part(mixed)], &Wanted::default()), ["A", "b", "C"]);
    }

    #[test]
    fn the_list_is_of_those_who_are_wanted_and_the_totals_are_of_all() {
        let only = |wanted: Wanted| listed(vec![part(crew())], &wanted);
        let text = |text: &str| only(Wanted { text: Some(text.to_owned()), ..Wanted::default() });
        assert_eq!(only(Wanted { state: Some(State::Pending), ..Wanted::default() }), ["Ben"]);
        assert_eq!(only(Wanted { workgroup: Some("support".to_owned()), ..Wanted::default() }), ["eve"]);
        assert_eq!(text("BEN@"), ["Ben"]);
        assert_eq!(text("no such presence"), ["eve"], "the platform's words");
        assert_eq!(text("no e-mail"), ["dora"], "the reason's words");
        assert!(text("nobody").is_empty());
        let list = List::new(vec![part(crew())], &Wanted { state: Some(State::Synced), ..Wanted::default() });
        assert_eq!((list.rows.len(), list.totals.users, list.totals.not_shown), (1, 5, 1));
        assert_eq!(list.totals.states[&State::NotSynced], 2);
        assert_eq!(list.totals.reasons[&Reason::NoEmail], 1);
    }

    #[test]
    fn each_link_has_its_own_totals_and_notes() {
        let north = Part { link: "north".to_owned(), notes: vec!["frozen.".to_owned()], ..part(vec![agent("ada")]) };
        let list = List::new(vec![north.clone(), part(vec![agent("ada"), agent("ben")])], &Wanted::default());
        assert_eq!(list.sides.iter().map(|side| side.totals.users).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(list.totals.users, 3);
        assert_eq!(list.notes(), ["Link north: frozen."]);
        assert_eq!(List::new(vec![north], &Wanted::default()).notes(), ["frozen."]);
    }
}
