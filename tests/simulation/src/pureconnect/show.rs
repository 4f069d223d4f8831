//! Whole pictures of PureConnect: good ones, and those of a server that cannot be believed.

use domain::source::{Agent, Release, Snapshot, System, Workgroup};
use jiff::SignedDuration;

use super::{Person, PureConnect, Session, agent};

/// How good a picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As it is.
    Good,
    /// No agents.
    Empty,
    /// Half of the agents.
    Short,
    /// No status messages.
    NoCatalogue,
    /// Statuses of some minutes ago.
    Older,
}

impl PureConnect {
    /// Everything, as a session shows it.
    #[must_use]
    pub fn picture(&self, session: &Session, kind: Kind) -> Snapshot {
        let shown = |who: &usize| match kind {
            Kind::Good | Kind::NoCatalogue | Kind::Older => true,
            Kind::Empty => false,
            Kind::Short => who.is_multiple_of(2),
        };
        let people: &[Person] = match (kind, self.before.front()) {
            (Kind::Older, Some(before)) => before,
            _ => &self.people,
        };
        let in_scope: Vec<usize> =
            (0..self.people.len()).filter(|who| self.people[*who].in_scope).filter(shown).collect();
        let parts = |who: &usize| {
            let who = *who;
            people[who].parts.iter().map(move |(id, part)| (agent(who), session.interaction(*id, part)))
        };
        Snapshot {
            system: System {
                host: format!("cic{}", session.number % 2 + 1),
                release: Release { year: 20, number: 3 },
                workforce_engagement: Some(true),
                clock_offset: SignedDuration::ZERO,
            },
            catalogue: match kind {
                Kind::NoCatalogue => std::iter::empty().collect(),
                Kind::Good | Kind::Empty | Kind::Short | Kind::Older => self.catalogue.iter().cloned().collect(),
            },
            workgroups: vec![Workgroup { id: "Sales".into(), acd: true, no_answer_status: None }],
            agents: in_scope.iter().map(|who| self.agent(*who)).collect(),
            statuses: in_scope.iter().map(|who| (agent(*who), session.status(&people[*who]))).collect(),
            interactions: in_scope.iter().flat_map(parts).collect(),
        }
    }

    /// The agents in scope.
    pub(super) fn agents(&self) -> Vec<Agent> {
        (0..self.people.len()).filter(|who| self.people[*who].in_scope).map(|who| self.agent(who)).collect()
    }

    fn agent(&self, who: usize) -> Agent {
        Agent {
            id: agent(who),
            display_name: format!("Agent {who}"),
            email: self.people[who].has_email.then(|| format!("Agent{who}@example.com")),
            workgroups: ["Sales".into()].into(),
        }
    }
}
