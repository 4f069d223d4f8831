//! The end of everything that was started for one connection: told once, waited for by whoever tells.
//!
//! Knows the tasks by number only. A task that is told to end is dropped where it waits; one that has something left to
//! do is started with [`Ending::spawn_told`] and listens itself.

use std::future::Future;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The tasks of a connection. Clones are the same tasks.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Ending {
    pub(crate) fn new() -> Self {
        let tasks = TaskTracker::new();
        // To be waited for at any time; tasks can be started all the same.
        tasks.close();
        Self { tasks, stop: CancellationToken::new() }
    }

    /// Starts a task that is dropped at the end.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            stop.run_until_cancelled_owned(task).await;
        });
    }

    /// Starts a task that ends by itself when it is told to.
    pub(crate) fn spawn_told<F>(&self, task: impl FnOnce(CancellationToken) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(task(self.stop.clone()));
    }

    /// Ends all tasks and waits for it. Once is enough; more often does no harm.
    pub(crate) async fn close(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}
