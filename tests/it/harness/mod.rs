//! Starts the binary and the simulators, acts on them, and waits for states: never for a time.

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
pub async fn until<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    match tokio::time::timeout(PATIENCE, looking).await {
        Ok(found) => found,
        Err(_) => panic!("never came: {what}"),
    }
}
