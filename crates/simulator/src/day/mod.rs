//! A working day: people arrive, take calls, pause, meet, and go home; the administrator changes a status message.
//!
//! The whole day follows from the seed, whatever the servers do ([`Plan`]); [`run`] only carries it out when the clock
//! says so. About sixteen calls an agent and hour when it is busy. Two statuses of one agent are never planned within two
//! seconds, since PureConnect's times count whole seconds.

use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::icws::{ActError, System};
use crate::population::Person;

mod agent;
mod calls;
mod plan;
mod shifts;

pub use self::plan::{Doing, Moment, Plan};

/// A whole day.
pub const FULL: Duration = Duration::from_secs(8 * 3600);

/// Which day.
pub struct Options {
    /// Who works.
    pub people: Vec<Person>,
    /// The clock that the day follows; it begins at the clock's time now.
    pub clock: Clock,
    /// Which day: the same seed is the same day.
    pub seed: u64,
    /// How long it is, usually [`FULL`]. At its end everybody is idle or has gone.
    pub length: Duration,
}

/// Lets the day happen, until it is over or stopped.
pub async fn run(system: System, options: Options, stop: CancellationToken) {
    let clock = options.clock;
    let began = clock.elapsed();
    let epoch = clock.utc();
    for moment in Plan::new(&options.people, options.seed, options.length) {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = clock.sleep_until(began + moment.at) => {}
        }
        let time = |after: Duration| {
            let after = SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX);
            epoch.saturating_add(after).unwrap_or(epoch)
        };
        let actions = moment.doings.into_iter().map(|doing| doing.into_action(time)).collect();
        match system.act(actions).await {
            Ok(()) => {}
            Err(ActError::Stopped) => return,
            // Somebody else has changed the system meanwhile: removed a user, say. The day goes on.
            Err(error) => tracing::debug!(%error, "something in the day could not happen"),
        }
    }
}
