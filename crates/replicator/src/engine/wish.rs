//! What one agent's status means for Genesys Cloud: mapping, logged out, no answer, out of office, in one place.
//!
//! Pure: from what PureConnect shows to what is wanted. Keeps no history; that is `routing`'s and the record's.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::ids::StatusId;
use domain::source::{Catalogue, UserStatus, Workgroup};
use domain::target::{OutOfOffice, Presence, SystemPresence};
use jiff::Timestamp;
use mapping::Rules;
use routing::StatusInput;

use crate::options::{LoggedOut, NotRespondingPresence, Options};

/// The status that PureConnect puts agents in who do not answer, unless a workgroup names another.
const NOT_ANSWERING: &str = "AcdAgentNotAnswering";

/// What PureConnect shows of itself, as far as it decides the meaning of a status.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Every status message.
    pub catalogue: Catalogue,
    /// Statuses that mean that an agent did not answer.
    pub no_answer: BTreeSet<StatusId>,
}

impl Surroundings {
    /// Takes the workgroups over.
    pub fn set_workgroups(&mut self, workgroups: &[Workgroup]) {
        self.no_answer = workgroups.iter().filter_map(|workgroup| workgroup.no_answer_status.clone()).collect();
        self.no_answer.insert(StatusId::new(NOT_ANSWERING));
    }
}

/// What a status wants Genesys Cloud to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The presence.
    pub presence: Presence,
    /// Out of office.
    pub out_of_office: OutOfOffice,
    /// What the routing machine has to know.
    pub routing: StatusInput,
    /// The rule that decided the presence.
    pub why: Arc<str>,
}

/// Says what a status means; `None` when the status is not in the catalogue, which is never guessed at.
///
/// `logged_in` is handed in apart from the status because a logout may be held back. Who is still in a status after the
/// time that it was to last is out of office without an end: the time is a promise, not a timer.
#[must_use]
pub fn wish(
    options: &Options,
    rules: &Rules,
    surroundings: &Surroundings,
    status: &UserStatus,
    logged_in: bool,
    now: Timestamp,
) -> Option<Wish> {
    let message = surroundings.catalogue.get(&status.status)?;
    let mapped = rules.map(message);
    let until = status.until.filter(|until| *until > now);
    let out_of_office = if mapped.out_of_office { OutOfOffice::On { until } } else { OutOfOffice::Off };
    if !logged_in && options.logged_out == LoggedOut::Offline {
        return Some(Wish {
            presence: Presence::of(SystemPresence::Offline),
            out_of_office,
            routing: StatusInput { on_queue: false, after_call_work: false, no_answer: false, routing: None },
            why: Arc::from("logged out"),
        });
    }
    let no_answer = surroundings.no_answer.contains(&status.status);
    let presence = if no_answer && options.not_responding_presence == NotRespondingPresence::OnQueue {
        Presence::of(SystemPresence::OnQueue)
    } else {
        mapped.presence
    };
    let routing = StatusInput {
        on_queue: presence.is_on_queue(),
        after_call_work: message.after_call_work,
        no_answer,
        routing: mapped.routing,
    };
    Some(Wish { presence, out_of_office, routing, why: mapped.rule })
}
