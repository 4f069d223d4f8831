//! Starts the binary and the simulators, acts on them, and waits for states: never for a time.

pub mod adapters;
mod bridge;
mod process;
mod simulators;

pub use bridge::{Bridge, config};
pub use process::{Finished, presence_bridge};
pub use simulators::{Simulators, User};

use std::time::Duration;

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
