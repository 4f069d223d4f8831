//! All links of the program: each runs for itself, and one that fails is started again as long as another runs.
//!
//! Knows when the program ends: when it is told to, and when no link is left that runs. A program with one link ends
//! with it.

use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::post::Post;
use crate::exit::{Exit, Failed};
use crate::link::Apart;

/// How long a link that failed waits at first, and at last; each time twice as long as the time before.
const WAITS: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(5 * 60));

/// The links.
pub struct Crew {
    members: Vec<Member>,
    running: JoinSet<Ended>,
}

struct Member {
    post: Post,
    /// How long it waited the last time.
    waited: Option<Duration>,
    /// When it is started again.
    again: Option<Instant>,
    /// Why it ended the last time.
    failed: Option<Failed>,
}

impl Member {
    /// Whether this is how it failed the last time, too: that it does so once more while the program stops is no news.
    fn has_failed_so(&self, failed: &Failed) -> bool {
        self.failed.as_ref().is_some_and(|before| before.exit == failed.exit)
    }
}

/// How a run of the link with this number ended.
struct Ended {
    number: usize,
    lasted: Duration,
    how: Result<Result<(), Failed>, JoinError>,
}

impl Crew {
    /// Links that do not run yet; at least one.
    pub fn new(posts: Vec<Post>) -> Self {
        let members = posts.into_iter().map(|post| Member { post, waited: None, again: None, failed: None });
        Self { members: members.collect(), running: JoinSet::new() }
    }

    /// Runs them until told to stop, all at once and each within its own deadlines, or until none is left.
    pub async fn run(mut self, shutdown: CancellationToken) -> Result<(), Failed> {
        for number in 0..self.members.len() {
            self.start(number, &shutdown);
        }
        let mut ending = Ok(());
        loop {
            let next = self.members.iter().filter_map(|member| member.again).min();
            tokio::select! {
                Some(ended) = self.running.join_next() => {
                    let (number, failed) = self.take(ended);
                    match failed {
                        None => {}
                        Some(failed) if !shutdown.is_cancelled() => self.put_off(number, failed),
                        Some(failed) if self.members[number].has_failed_so(&failed) => {}
                        Some(failed) => ending = ending.and(Err(failed)),
                    }
                    if self.running.is_empty() && !shutdown.is_cancelled() {
                        return self.give_up();
                    }
                }
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() && !shutdown.is_cancelled() => {
                    self.start_due(&shutdown);
                }
                () = shutdown.cancelled(), if self.running.is_empty() => return ending,
            }
        }
    }
}

impl Crew {
    /// Starts a link, in a runtime of its own: whatever it does then is no business of the others.
    fn start(&mut self, number: usize, shutdown: &CancellationToken) {
        let member = &mut self.members[number];
        member.again = None;
        let post = member.post.clone();
        post.showing.begins();
        let name = post.is_named.then(|| post.config.name.clone());
        let shutdown = shutdown.clone();
        self.running.spawn(async move {
            let began = Instant::now();
            let how = match Apart::start(name.as_deref(), post.run(shutdown)) {
                Ok(apart) => apart.ended().await,
                Err(error) => Ok(Err(Failed::new(Exit::Internal, error))),
            };
            Ended { number, lasted: began.elapsed(), how }
        });
    }

    fn start_due(&mut self, shutdown: &CancellationToken) {
        let now = Instant::now();
        for number in 0..self.members.len() {
            if self.members[number].again.is_some_and(|again| again <= now) {
                self.start(number, shutdown);
            }
        }
    }

    /// Which link ended, and why if not in order.
    fn take(&mut self, ended: Result<Ended, JoinError>) -> (usize, Option<Failed>) {
        let Ended { number, lasted, how } = match ended {
            Ok(ended) => ended,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        let failed = match how {
            Ok(Ok(())) => None,
            Ok(Err(failed)) => Some(failed),
            // What a link panics of is a mistake of ours, and no reason to end the others.
            Err(error) => Some(Failed::new(Exit::Internal, error)),
        };
        if lasted >= WAITS.1 {
            self.members[number].waited = None;
        }
        (number, failed)
    }

    /// Lets a link that failed wait, if there is another one for which the program goes on.
    fn put_off(&mut self, number: usize, failed: Failed) {
        let member = &mut self.members[number];
        let wait = next_wait(member.waited);
        member.post.showing.waits(format!("{}; it is started again after {} s", failed.line(), wait.as_secs()));
        if !self.running.is_empty() {
            let (link, wait_s) = (&member.post.config.name, wait.as_secs());
            let (exit_code, problem) = (failed.exit.code(), failed.story(false));
            tracing::error!(link, exit_code, wait_s, %problem, "this link ended and is started again; the others run on");
        }
        member.waited = Some(wait);
        member.again = Some(Instant::now() + wait);
        member.failed = Some(failed);
    }

    /// No link is left that runs. Where one of them could be mended by a new start, the program ends with its failure, so
    /// that a service manager starts it again.
    fn give_up(self) -> Result<(), Failed> {
        let mut failures: Vec<Failed> = self.members.into_iter().filter_map(|member| member.failed).collect();
        let hopeful = failures.iter().position(|failed| can_pass(failed.exit));
        match hopeful.or(failures.len().checked_sub(1)) {
            Some(which) => Err(failures.swap_remove(which)),
            None => Ok(()),
        }
    }
}

fn next_wait(waited: Option<Duration>) -> Duration {
    waited.map_or(WAITS.0, |waited| waited.saturating_mul(2).min(WAITS.1))
}

/// Whether what ended a link may be over at the next start, without anybody changing anything.
fn can_pass(exit: Exit) -> bool {
    match exit {
        Exit::Unreachable | Exit::Internal | Exit::Journal => true,
        Exit::Success
        | Exit::AgentsDiffer
        | Exit::Usage
        | Exit::NotConfirmable
        | Exit::BadJournal
        | Exit::Unsupported
        | Exit::NotAuthorized
        | Exit::Configuration => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes() {
        let waits = std::iter::successors(Some(next_wait(None)), |wait| Some(next_wait(Some(*wait))));
        let seconds: Vec<u64> = waits.take(7).map(|wait| wait.as_secs()).collect();
        assert_eq!(seconds, [10, 20, 40, 80, 160, 300, 300]);
    }
}
