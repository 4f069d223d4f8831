//! What one status comes to, and what counts as the same.

use std::time::Duration;

use domain::change::Value;
use domain::source::UserStatus;
use domain::target::{OutOfOffice, Presence, SystemPresence};
use domain::time::Now;
use jiff::Timestamp;
use routing::{Input, StatusInput};

use super::Reported;
use crate::pureconnect::{NO_ANSWER, meaning};

/// Two readings of one second through two measurements of the clock offset may differ by this much.
const SAME_MOMENT: Duration = Duration::from_millis(1_500);

/// What a status that was reported comes to.
pub(super) struct Entered {
    pub(super) input: Input<'static>,
    pub(super) happened: Timestamp,
    presence: Value,
    out_of_office: Value,
}

impl Reported {
    /// What a status comes to; `None` when the catalogue does not have it.
    pub(super) fn read(
        &self,
        now: Now,
        status: &UserStatus,
        logged_in: bool,
        happened: Timestamp,
        next: bool,
    ) -> Option<Entered> {
        let meaning = meaning(&self.catalogue, &status.status, self.lunch_is_break)?;
        let presence = if logged_in { meaning.presence } else { SystemPresence::Offline };
        let until = status.until.filter(|until| *until > now.utc);
        let out_of_office = if meaning.out_of_office { OutOfOffice::On { until } } else { OutOfOffice::Off };
        let input = StatusInput {
            on_queue: presence == SystemPresence::OnQueue,
            after_call_work: logged_in && meaning.after_call_work,
            no_answer: logged_in && status.status.as_str() == NO_ANSWER,
            routing: None,
        };
        Some(Entered {
            input: if next { Input::Entered(input) } else { Input::Remapped(input) },
            happened,
            presence: Value::Presence(Presence::of(presence)),
            out_of_office: Value::OutOfOffice(out_of_office),
        })
    }

    /// What a status comes to is wanted.
    pub(super) fn show(&mut self, who: usize, entered: &Entered) {
        self.want(who, entered.presence, Some(entered.happened));
        self.want(who, entered.out_of_office, Some(entered.happened));
    }
}

/// The end of an out of office counts in whole seconds.
pub(super) fn in_seconds(value: Value) -> Value {
    match value {
        Value::OutOfOffice(OutOfOffice::On { until: Some(until) }) => {
            Value::OutOfOffice(OutOfOffice::On { until: Timestamp::from_second(until.as_second()).ok() })
        }
        Value::OutOfOffice(_) | Value::Presence(_) | Value::Routing(_) => value,
    }
}

pub(super) fn is_next(before: &UserStatus, status: &UserStatus) -> bool {
    let moved = |before: Timestamp, after: Timestamp| after.duration_since(before).unsigned_abs() > SAME_MOMENT;
    before.status != status.status || before.since.zip(status.since).is_some_and(|(before, after)| moved(before, after))
}
