//! Starts the binary and the simulators, acts on them, and waits for states: never for a time.

pub mod adapters;
mod bridge;
pub mod inside;
mod links;
mod process;
mod simulators;

pub use bridge::{Bridge, config, keep_secret};
pub use process::{Finished, Process, binary, presence_bridge, presence_bridge_in};
pub use simulators::{Simulators, User, client};

use std::time::Duration;

/// A bridge between quiet simulators, with `more` in its configuration, and everybody in step.
pub async fn in_step(agents: usize, more: &str) -> (Simulators, Bridge, Vec<User>) {
    let simulators = Simulators::idle(agents).await;
    let mut bridge = Bridge::start(&simulators, more);
    let users = simulators.users().await;
    assert_eq!(users.len(), agents);
    for user in &users {
        simulators.shows(user, "On Queue", "IDLE").await;
    }
    bridge.logs("everybody is in step").await;
    (simulators, bridge, users)
}

/// Far longer than anything takes; a state that is not reached by then never will be.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Looks again and again until `look` finds what it looks for.
pub async fn until<T, F>(what: &str, look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    within(PATIENCE, what, look).await
}

/// The same with another patience.
pub async fn within<T, F>(patience: Duration, what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let mut again = tokio::time::interval(Duration::from_millis(20));
    let looking = async {
        loop {
            again.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    match tokio::time::timeout(patience, looking).await {
        Ok(found) => found,
        Err(_) => panic!("never came: {what}"),
    }
}
