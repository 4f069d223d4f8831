//! Work in a runtime of its own: what one link does, and what goes wrong with it, holds up nobody else, and every line
//! that it logs carries its name, whichever task or library writes it.

use std::io;
use std::mem;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

/// As many as a small computer has.
const THREADS: usize = 2;

/// What runs is dropped where it waits next, which is soon.
const DEATH: Duration = Duration::from_secs(10);

/// Work that runs.
pub struct Apart<T> {
    /// `None` only while this is dropped.
    runtime: Option<Runtime>,
    task: JoinHandle<T>,
}

impl<T: Send + 'static> Apart<T> {
    /// Starts the work; `link` is what its log lines are told apart by, where there are several.
    pub fn start(link: Option<&str>, work: impl Future<Output = T> + Send + 'static) -> io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(THREADS).enable_all();
        if let Some(link) = link {
            // Of the level that is logged last of all, so that the name is there at whatever level lines are logged.
            let span = tracing::error_span!("link", link);
            // The thread is in the span from its first line to its last.
            builder.thread_name(link).on_thread_start(move || mem::forget(span.clone().entered()));
        }
        let runtime = builder.build()?;
        let task = runtime.spawn(work);
        Ok(Self { runtime: Some(runtime), task })
    }

    /// Waits for its end.
    pub async fn ended(mut self) -> Result<T, JoinError> {
        (&mut self.task).await
    }

    /// Ends it at once: nothing is finished, nothing said to anybody.
    pub async fn kill(mut self) {
        let runtime = self.runtime.take();
        let dying = spawn_blocking(move || {
            if let Some(runtime) = runtime {
                runtime.shutdown_timeout(DEATH);
            }
        });
        if let Err(error) = dying.await {
            tracing::error!(%error, "what was to be killed did not die");
        }
    }
}

impl<T> Drop for Apart<T> {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // The work has ended, and so has everything that it began. Waiting here would hold up whoever drops this.
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_panic_ends_the_work_and_nothing_else() {
        let bad = Apart::start(Some("bad"), async { panic!("as planned") }).unwrap();
        assert!(bad.ended().await.unwrap_err().is_panic());
        let good = Apart::start(Some("good"), async { 7 }).unwrap();
        assert_eq!(good.ended().await.unwrap(), 7);
    }

    #[tokio::test]
    async fn work_that_blocks_its_threads_holds_up_nobody_else() {
        let (release, held) = std::sync::mpsc::channel::<()>();
        let blocking = Apart::start(None, async move { held.recv().is_ok() }).unwrap();
        let other = Apart::start(None, async { "in time" }).unwrap();
        assert_eq!(other.ended().await.unwrap(), "in time");
        release.send(()).unwrap();
        assert!(blocking.ended().await.unwrap());
    }

    #[tokio::test]
    async fn what_is_killed_is_dropped_where_it_waits() {
        let (kept, gone) = oneshot::channel::<()>();
        let waiting = Apart::start(None, async move {
            std::future::pending::<()>().await;
            drop(kept);
        });
        waiting.unwrap().kill().await;
        assert!(gone.await.is_err());
    }
}
