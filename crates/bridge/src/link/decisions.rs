//! What can be changed while a link runs, and how far the link has come: whether there is a loop that has to be told.

use domain::target::Definitions;
use replicator::options::Matching;

use crate::config::{self, Mapping};

/// What a status means, and who is who.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decisions {
    /// The rules.
    pub mapping: Mapping,
    /// How an agent's cloud user is found.
    pub matching: Matching,
}

impl Decisions {
    /// As the configuration has them.
    pub fn of(link: &config::Link) -> Self {
        Self { mapping: link.mapping.clone(), matching: link.options.matching.clone() }
    }
}

/// How far a link has come.
///
/// Whoever changes the [`Decisions`] does so first and looks here afterwards; a link says here that its loop begins and
/// reads the decisions afterwards. So no change is missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is about to connect, or waits to be started: it will read the decisions.
    Beginning,
    /// Its loop runs and has to be told. With the definitions of the organisation, once it is connected.
    Running(Option<Definitions>),
}
