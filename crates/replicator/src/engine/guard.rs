//! Fail static: when what PureConnect shows cannot be believed, deliver nothing rather than something wrong.
//!
//! Told what happened and when; answers whether delivery is frozen and why. It neither asks for a snapshot nor logs.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use domain::time::Instant;

use crate::options::GuardOptions;

/// How long to wait before asking for a snapshot that confirms or contradicts.
const ASK_AGAIN: Duration = Duration::from_secs(20);

/// Why delivery is frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The snapshot shows no status messages.
    NoCatalogue,
    /// The snapshot shows no agents, or many fewer than there were.
    FewerAgents {
        /// Agents known before.
        before: usize,
        /// Agents shown now.
        now: usize,
    },
    /// Too many agents went Offline at once.
    OfflineWave {
        /// How many.
        agents: usize,
        /// Of how many.
        of: usize,
    },
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCatalogue => f.write_str("the snapshot shows no status messages"),
            Self::FewerAgents { before, now } => write!(f, "the snapshot shows {now} agents where there were {before}"),
            Self::OfflineWave { agents, of } => write!(f, "{agents} of {of} agents went Offline at once"),
        }
    }
}

/// What to do with a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Take it over; delivery goes on, or again.
    Good,
    /// Take it over as the truth of a frozen time: only the newest state of each agent counts.
    Thaw,
    /// Leave everything as it is and ask again later.
    Doubtful(Doubt),
}

/// What the guard has to know of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// Status messages in it.
    pub status_messages: usize,
    /// Agents known before.
    pub agents_before: usize,
    /// Agents in it.
    pub agents: usize,
    /// Agents who were not Offline before and would be by it.
    pub going_offline: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Frozen { doubt: Doubt, ask_at: Instant },
}

/// The guard of one link.
#[derive(Debug, Clone)]
pub struct Guard {
    options: GuardOptions,
    state: State,
    /// When agents went Offline lately, oldest first.
    offline: VecDeque<Instant>,
}

impl Guard {
    /// A guard that lets everything through so far.
    #[must_use]
    pub fn new(options: GuardOptions) -> Self {
        Self { options, state: State::Open, offline: VecDeque::new() }
    }

    /// Why delivery is frozen, if it is.
    #[must_use]
    pub fn doubt(&self) -> Option<Doubt> {
        match self.state {
            State::Open => None,
            State::Frozen { doubt, .. } => Some(doubt),
        }
    }

    /// Judges a whole snapshot.
    pub fn judge(&mut self, now: Instant, picture: Picture) -> Verdict {
        let doubt = self.doubt_of(picture);
        match (doubt, self.doubt()) {
            (None, None) => Verdict::Good,
            (None, Some(_)) => self.thaw(),
            // A second, independent snapshot says the same: they did go home.
            (Some(Doubt::OfflineWave { .. }), Some(Doubt::OfflineWave { .. })) => self.thaw(),
            (Some(doubt), _) => {
                self.freeze(now, doubt);
                Verdict::Doubtful(doubt)
            }
        }
    }

    /// An agent goes Offline by a single message. Freezes when there were too many of them.
    pub fn agent_went_offline(&mut self, now: Instant, agents: usize) {
        let oldest = now - self.options.window;
        while self.offline.front().is_some_and(|at| *at < oldest) {
            self.offline.pop_front();
        }
        self.offline.push_back(now);
        if self.is_wave(self.offline.len(), agents) && self.doubt().is_none() {
            self.freeze(now, Doubt::OfflineWave { agents: self.offline.len(), of: agents });
        }
    }

    /// Whether this many agents of the scope may not vanish in one message.
    #[must_use]
    pub fn forbids_shrinking(&self, before: usize, after: usize) -> bool {
        after < before && self.is_wave(before - after, before)
    }

    /// Doubts something that was not taken over.
    pub fn freeze(&mut self, now: Instant, doubt: Doubt) {
        self.state = State::Frozen { doubt, ask_at: now + ASK_AGAIN };
    }

    /// The operator says that it is right.
    pub fn confirm(&mut self) {
        self.state = State::Open;
        self.offline.clear();
    }

    /// When to ask for the next snapshot.
    #[must_use]
    pub fn ask_at(&self) -> Option<Instant> {
        match self.state {
            State::Open => None,
            State::Frozen { ask_at, .. } => Some(ask_at),
        }
    }

    /// It was asked for.
    pub fn asked(&mut self, now: Instant) {
        if let State::Frozen { ask_at, .. } = &mut self.state {
            *ask_at = now + ASK_AGAIN;
        }
    }

    fn thaw(&mut self) -> Verdict {
        self.confirm();
        Verdict::Thaw
    }

    fn doubt_of(&self, picture: Picture) -> Option<Doubt> {
        if picture.status_messages == 0 {
            return Some(Doubt::NoCatalogue);
        }
        if self.forbids_shrinking(picture.agents_before, picture.agents)
            || (picture.agents == 0 && picture.agents_before > 0)
        {
            return Some(Doubt::FewerAgents { before: picture.agents_before, now: picture.agents });
        }
        self.is_wave(picture.going_offline, picture.agents_before)
            .then_some(Doubt::OfflineWave { agents: picture.going_offline, of: picture.agents_before })
    }

    #[expect(clippy::cast_precision_loss, reason = "a number of agents")]
    fn is_wave(&self, agents: usize, of: usize) -> bool {
        agents >= self.options.offline_least.max(1) && agents as f64 > self.options.offline_share * of as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard::new(GuardOptions { offline_share: 0.2, offline_least: 10, window: Duration::from_secs(10) })
    }

    fn at(seconds: u64) -> Instant {
        Instant(Duration::from_secs(seconds))
    }

    fn picture(agents_before: usize, agents: usize, going_offline: usize) -> Picture {
        Picture { status_messages: 18, agents_before, agents, going_offline }
    }

    #[test]
    fn an_empty_or_short_snapshot_freezes_until_a_good_one_comes() {
        let mut guard = guard();
        assert_eq!(guard.judge(at(0), picture(0, 100, 0)), Verdict::Good);
        assert!(matches!(guard.judge(at(1), picture(100, 0, 0)), Verdict::Doubtful(Doubt::FewerAgents { .. })));
        assert!(matches!(guard.judge(at(30), picture(100, 50, 0)), Verdict::Doubtful(_)), "a second one does not help");
        assert_eq!(guard.ask_at(), Some(at(50)));
        assert_eq!(guard.judge(at(60), picture(100, 99, 0)), Verdict::Thaw);
        assert_eq!(guard.doubt(), None);
    }

    #[test]
    fn a_wave_of_logouts_is_believed_when_a_fresh_snapshot_agrees() {
        let mut guard = guard();
        for _ in 0..21 {
            guard.agent_went_offline(at(5), 100);
        }
        assert_eq!(guard.doubt(), Some(Doubt::OfflineWave { agents: 21, of: 100 }));
        assert_eq!(guard.judge(at(25), picture(100, 100, 21)), Verdict::Thaw);
    }

    #[test]
    fn a_shift_that_ends_over_minutes_is_no_wave() {
        let mut guard = guard();
        for second in 0..100 {
            guard.agent_went_offline(at(second), 100);
        }
        assert_eq!(guard.doubt(), None);
    }

    #[test]
    fn a_small_team_may_go_home_together() {
        let mut guard = guard();
        for _ in 0..5 {
            guard.agent_went_offline(at(0), 5);
        }
        assert_eq!(guard.doubt(), None);
    }
}
