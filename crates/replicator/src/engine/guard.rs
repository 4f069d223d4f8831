//! Fail static: when what PureConnect shows cannot be believed, deliver nothing rather than something wrong.
//!
//! Told what happened and when; answers whether delivery is frozen and why. It neither asks for a snapshot nor logs.

use std::collections::VecDeque;
use std::time::Duration;

use domain::time::Instant;

use super::doubt::{Confirmation, Doubt};
use crate::options::GuardOptions;

/// How long to wait before asking for a snapshot that confirms or contradicts.
const ASK_AGAIN: Duration = Duration::from_secs(20);

/// What to do with a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Take it over.
    Good,
    /// Take it over, delivery goes on: what was doubted is right.
    Agreed,
    /// Take it over, delivery goes on: what was doubted was wrong, so that only the newest state of each agent counts.
    Disproved,
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
    /// Agents in it, known before, of whom it shows no status.
    pub missing: usize,
    /// Agents in statuses that they left before.
    pub older: usize,
    /// Agents in statuses from before what the run before told.
    pub older_than_told: usize,
    /// Agents in statuses that are not in its catalogue.
    pub unknown: usize,
    /// Agents who were not Offline before and would be by it.
    pub going_offline: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Frozen { doubt: Doubt, since: Instant, ask_at: Instant, confirmed: bool },
}

/// The guard of one link.
#[derive(Debug, Clone)]
pub struct Guard {
    options: GuardOptions,
    state: State,
    /// Who went Offline lately and when, oldest first, each agent once.
    offline: VecDeque<(Instant, usize)>,
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

    /// From when on nothing is believed that came in, if delivery is frozen.
    #[must_use]
    pub fn doubted_since(&self) -> Option<Instant> {
        match self.state {
            State::Open => None,
            State::Frozen { since, .. } => Some(since - self.options.window),
        }
    }

    /// Judges a whole snapshot.
    pub fn judge(&mut self, now: Instant, picture: Picture) -> Verdict {
        let doubt = self.doubt_of(picture);
        let confirmed = matches!(self.state, State::Frozen { confirmed: true, .. });
        match (doubt, self.doubt()) {
            (None, None) => Verdict::Good,
            (Some(doubt), Some(_)) if confirmed && doubt.is_confirmable() => self.thaw(Verdict::Agreed),
            (Some(doubt), Some(before)) if doubt.is_settled_by_agreement() && before.is_settled_by_agreement() => {
                self.thaw(Verdict::Agreed)
            }
            (None, Some(Doubt::OfflineWave { .. })) => self.thaw(Verdict::Disproved),
            (None, Some(_)) => self.thaw(Verdict::Agreed),
            (Some(doubt), _) => {
                self.freeze(now, doubt);
                Verdict::Doubtful(doubt)
            }
        }
    }

    /// An agent goes Offline by a single message. Freezes when there were too many of them.
    pub fn agent_went_offline(&mut self, now: Instant, agent: usize, agents: usize) {
        let oldest = now - self.options.window;
        self.offline.retain(|(at, who)| *at >= oldest && *who != agent);
        self.offline.push_back((now, agent));
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
        let since = match self.state {
            State::Frozen { since, .. } => since,
            State::Open => now,
        };
        self.state = State::Frozen { doubt, since, ask_at: now + ASK_AGAIN, confirmed: false };
    }

    /// The operator says that it is right: the next snapshot, which is due now, is believed.
    pub fn confirm(&mut self, now: Instant) -> Confirmation {
        match &mut self.state {
            State::Open => Confirmation::NothingFrozen,
            State::Frozen { doubt, .. } if !doubt.is_confirmable() => Confirmation::NotConfirmable(*doubt),
            State::Frozen { doubt, ask_at, confirmed, .. } => {
                *ask_at = now;
                *confirmed = true;
                Confirmation::Confirmed(*doubt)
            }
        }
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

    fn thaw(&mut self, verdict: Verdict) -> Verdict {
        self.state = State::Open;
        self.offline.clear();
        verdict
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
        let of = picture.agents;
        if self.is_wave(picture.missing, of) {
            return Some(Doubt::MissingStatuses { agents: picture.missing, of });
        }
        if self.is_wave(picture.unknown, of) {
            return Some(Doubt::UnknownStatuses { agents: picture.unknown, of });
        }
        if self.is_wave(picture.older, of) {
            return Some(Doubt::OlderStatuses { agents: picture.older, of });
        }
        if self.is_wave(picture.older_than_told, of) {
            return Some(Doubt::OlderThanTold { agents: picture.older_than_told, of });
        }
        let of = of.max(picture.agents_before);
        self.is_wave(picture.going_offline, of).then_some(Doubt::OfflineWave { agents: picture.going_offline, of })
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
        Picture {
            status_messages: 18,
            agents_before,
            agents,
            missing: 0,
            older: 0,
            older_than_told: 0,
            unknown: 0,
            going_offline,
        }
    }

    #[test]
    fn an_empty_or_short_snapshot_freezes_until_a_good_one_comes() {
        let mut guard = guard();
        assert_eq!(guard.judge(at(0), picture(0, 100, 0)), Verdict::Good);
        assert!(matches!(guard.judge(at(1), picture(100, 0, 0)), Verdict::Doubtful(Doubt::FewerAgents { .. })));
        assert!(matches!(guard.judge(at(30), picture(100, 50, 0)), Verdict::Doubtful(_)), "a second one does not help");
        assert_eq!(guard.ask_at(), Some(at(50)));
        assert_eq!(guard.judge(at(60), picture(100, 99, 0)), Verdict::Agreed);
        assert_eq!(guard.doubt(), None);
    }

    #[test]
    fn a_wave_of_logouts_is_believed_when_a_fresh_snapshot_agrees() {
        let mut guard = guard();
        for agent in 0..21 {
            guard.agent_went_offline(at(5), agent, 100);
        }
        assert_eq!(guard.doubt(), Some(Doubt::OfflineWave { agents: 21, of: 100 }));
        assert_eq!(guard.judge(at(25), picture(100, 100, 21)), Verdict::Agreed);
    }

    #[test]
    fn a_wave_of_logouts_that_a_fresh_snapshot_does_not_show_was_none() {
        let mut guard = guard();
        for agent in 0..21 {
            guard.agent_went_offline(at(5), agent, 100);
        }
        assert_eq!(guard.judge(at(25), picture(100, 100, 0)), Verdict::Disproved);
    }

    #[test]
    fn many_agents_in_older_or_unknown_statuses_freeze() {
        let stale = Picture { older: 21, ..picture(100, 100, 0) };
        assert_eq!(guard().judge(at(0), stale), Verdict::Doubtful(Doubt::OlderStatuses { agents: 21, of: 100 }));
        let strange = Picture { unknown: 21, ..picture(100, 100, 0) };
        assert_eq!(guard().judge(at(0), strange), Verdict::Doubtful(Doubt::UnknownStatuses { agents: 21, of: 100 }));
    }

    #[test]
    fn an_operator_can_confirm_what_a_snapshot_shows_but_not_that_there_are_no_status_messages() {
        let mut guard = guard();
        assert_eq!(guard.confirm(at(0)), Confirmation::NothingFrozen);
        assert!(matches!(guard.judge(at(1), picture(100, 50, 0)), Verdict::Doubtful(_)));
        let doubt = Doubt::FewerAgents { before: 100, now: 50 };
        assert_eq!(guard.confirm(at(2)), Confirmation::Confirmed(doubt));
        assert_eq!((guard.ask_at(), guard.doubt()), (Some(at(2)), Some(doubt)), "until the snapshot is there");
        assert_eq!(guard.judge(at(3), picture(100, 50, 0)), Verdict::Agreed);
        let empty = Picture { status_messages: 0, ..picture(50, 50, 0) };
        assert!(matches!(guard.judge(at(4), empty), Verdict::Doubtful(Doubt::NoCatalogue)));
        assert_eq!(guard.confirm(at(5)), Confirmation::NotConfirmable(Doubt::NoCatalogue));
    }

    #[test]
    fn a_shift_that_ends_over_minutes_is_no_wave() {
        let mut guard = guard();
        for second in 0..100 {
            guard.agent_went_offline(at(second), usize::try_from(second).unwrap(), 100);
        }
        assert_eq!(guard.doubt(), None);
    }

    #[test]
    fn a_small_team_may_go_home_together() {
        let mut guard = guard();
        for agent in 0..5 {
            guard.agent_went_offline(at(0), agent, 5);
        }
        assert_eq!(guard.doubt(), None);
    }

    #[test]
    fn one_agent_who_comes_and_goes_is_no_wave() {
        let mut guard = guard();
        for _ in 0..50 {
            guard.agent_went_offline(at(0), 7, 20);
        }
        assert_eq!(guard.doubt(), None);
    }
}
