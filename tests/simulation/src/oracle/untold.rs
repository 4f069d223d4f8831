//! Routing statuses that cannot be told where presences are written directly: the journal lists exactly those, in order,
//! and sends nothing of them but the end of NOT_RESPONDING.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::change::{Change, Value};
use domain::ids::ChangeId;
use domain::target::RoutingStatus;

use crate::journal::Life;
use crate::reported::Wanted;

/// How the reason begins for which the journal says that one was dropped; the status follows.
const NOT_SUPPORTED: &str = "not supported by direct delivery: ";

#[derive(Debug, Default)]
pub(super) struct Untold {
    waiting: BTreeMap<usize, VecDeque<Wanted>>,
    /// Recorded where NOT_RESPONDING was shown, so that they may be told.
    ends: BTreeSet<ChangeId>,
}

impl Untold {
    pub(super) fn started(&mut self) {
        *self = Self::default();
    }

    pub(super) fn expect(&mut self, wanted: Wanted) {
        self.waiting.entry(wanted.who).or_default().push_back(wanted);
    }

    pub(super) fn recorded(&mut self, id: ChangeId, change: &Change, shown: Option<Value>) {
        let not_responding = Some(Value::Routing(RoutingStatus::NotResponding));
        if change.to == Value::Routing(RoutingStatus::Idle) && shown == not_responding {
            self.ends.insert(id);
        }
    }

    pub(super) fn dropped(&mut self, id: ChangeId, life: &Life, reason: &str) -> Result<(), String> {
        let Some(named) = reason.strip_prefix(NOT_SUPPORTED) else { return Ok(()) };
        let Value::Routing(status) = life.change.to else {
            return Err(format!("P13: {life:?} is said to be not supported"));
        };
        let waiting = self.waiting.entry(life.agent).or_default();
        let found = waiting.iter().position(|wanted| wanted.value == life.change.to);
        let certain = waiting.iter().position(|wanted| wanted.news);
        match found {
            Some(place) if certain.is_none_or(|certain| place <= certain) && named == status.to_string() => {
                waiting.drain(..=place);
                Ok(())
            }
            Some(_) | None => Err(format!(
                "P13: {id} is dropped because \"{reason}\", where {:?} of agent {} cannot be told next",
                waiting.front(),
                life.agent
            )),
        }
    }

    /// Whatever could not be told was said to be so.
    pub(super) fn end(&self, scope: impl Fn(usize) -> bool) -> Result<(), String> {
        let lost = self.waiting.iter().filter(|(who, _)| scope(**who)).flat_map(|(_, waiting)| waiting);
        match lost.clone().find(|wanted| wanted.news) {
            Some(lost) => Err(format!("P13: {lost:?} cannot be told, and the journal does not say so")),
            None => Ok(()),
        }
    }
}
