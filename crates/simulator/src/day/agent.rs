//! One agent's day: arrives, works through pauses and calls one after the other, leaves.
//!
//! It knows what an agent does next and when; how a call goes is in [`super::calls`].

use std::collections::VecDeque;
use std::time::Duration;

use super::plan::{Doing, Moment};
use super::shifts::{Shift, within};
use crate::icws::Action;
use crate::population::{Person, answers_group_ring};

/// Nothing begins that might not be over by the end of the shift; no call takes longer than this.
const LONGEST: Duration = Duration::from_secs(900);

/// A time away from the queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pause {
    pub(super) due: Duration,
    pub(super) length: Duration,
    pub(super) status: &'static str,
    /// Whether the agent says until when.
    pub(super) says_until: bool,
}

/// What is left of an agent's day.
pub(super) struct AgentDay {
    pub(super) user: String,
    pub(super) workgroup: &'static str,
    /// Whether the agent also takes calls that ring at many.
    pub(super) rings_along: bool,
    pub(super) random: fastrand::Rng,
    shift: Shift,
    length: Duration,
    /// Up to when everything is planned.
    pub(super) now: Duration,
    pauses: VecDeque<Pause>,
    script: VecDeque<Moment>,
    next_interaction: u64,
    over: bool,
}

impl AgentDay {
    pub(super) fn new(person: &Person, place: usize, shift: Shift, seed: u64, length: Duration) -> Self {
        let number = place as u64;
        let random = fastrand::Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
        let mut agent = Self {
            user: person.user_id.clone(),
            workgroup: person.workgroup,
            rings_along: answers_group_ring(place),
            random,
            shift,
            length,
            now: shift.from,
            pauses: VecDeque::new(),
            script: VecDeque::new(),
            next_interaction: 1_000_000_000 + number * 10_000,
            over: false,
        };
        agent.plan_pauses();
        agent.push(shift.from, vec![Action::LogOn { user: agent.user.clone() }]);
        let ready = shift.from + agent.seconds(2, 6);
        agent.push_status(ready, "Available");
        agent.now = ready + agent.seconds(2, 4);
        agent
    }

    /// When the agent does something next.
    pub(super) fn next_at(&mut self) -> Option<Duration> {
        while self.script.is_empty() && !self.over {
            self.work();
        }
        self.script.front().map(|moment| moment.at)
    }

    /// What the agent does next.
    pub(super) fn take(&mut self) -> Option<Moment> {
        self.script.pop_front()
    }

    /// Breaks, a meal, and for some a meeting, a training or other absences, in order of time.
    fn plan_pauses(&mut self) {
        let hour = self.length / 8;
        let (from, share) = (self.shift.from, |tenths: u32| hour * tenths / 10);
        // Chance in percent; due and length in tenths of an hour.
        let all = [
            (100, (15, 22), (2, 3), "Away from desk", false),
            (100, (32, 45), (5, 8), "At Lunch", true),
            (100, (55, 60), (2, 3), "Away from desk", false),
            (30, (20, 55), (5, 6), "In a meeting", false),
            (15, (8, 50), (7, 10), "At a training session", false),
            (10, (5, 55), (1, 2), "Do Not disturb", false),
            (6, (20, 35), (2, 6), "Working at Home", false),
            (4, (10, 55), (2, 3), "At Play", false),
            (5, (12, 50), (3, 5), "Out of the office", true),
            (10, (5, 55), (1, 1), "Available, No ACD", false),
        ];
        for (percent, due, length, status, says_until) in all {
            if self.random.u32(..100) < percent {
                let due = from + share(due.0) + within(&mut self.random, share(due.1 - due.0));
                let length = share(length.0) + within(&mut self.random, share(length.1 - length.0));
                self.pauses.push_back(Pause { due, length, status, says_until });
            }
        }
        self.pauses.make_contiguous().sort_by_key(|pause| pause.due);
    }

    /// Plans the next thing: the end of the shift, a pause that is due, or a call.
    fn work(&mut self) {
        let end = self.shift.to.unwrap_or(self.length * 47 / 48);
        if self.now + LONGEST > end {
            self.go_home();
            return;
        }
        let next_pause = self.pauses.front().copied();
        if let Some(pause) = next_pause
            && pause.due <= self.now
        {
            self.pauses.pop_front();
            if self.now + pause.length + LONGEST < end {
                self.pause(pause);
            }
            return;
        }
        let idle = self.idle_time();
        match next_pause.filter(|pause| pause.due <= self.now + idle) {
            Some(pause) => self.now = pause.due,
            None => {
                self.now += idle;
                // Some go to lunch while a call still rings or lasts.
                let soon = next_pause.filter(|pause| {
                    pause.due < self.now + Duration::from_secs(200) && self.now + pause.length + LONGEST * 2 < end
                });
                match soon {
                    Some(pause) if self.random.bool() => {
                        self.pauses.pop_front();
                        self.call_into(pause);
                    }
                    Some(_) | None => self.call(),
                }
            }
        }
    }

    /// How long until the next call; longer when it is not busy.
    fn idle_time(&mut self) -> Duration {
        let eighth = self.now.as_secs_f64() / self.length.as_secs_f64() * 8.0;
        let slack = match eighth {
            hour if hour < 1.0 => 1.5,
            hour if hour < 3.0 => 0.8,
            hour if hour < 4.0 => 1.4,
            hour if hour < 6.0 => 0.8,
            _ => 1.8,
        };
        let wait = -40.0 * slack * (1.0 - self.random.f64()).ln();
        Duration::from_secs_f64(wait.clamp(4.0, 400.0))
    }

    fn pause(&mut self, pause: Pause) {
        let back = self.now + pause.length;
        self.push_pause(self.now, pause, back);
        self.push_status(back, "Available");
        self.now = back + self.seconds(3, 8);
    }

    pub(super) fn push_pause(&mut self, at: Duration, pause: Pause, until: Duration) {
        let doing = if pause.says_until {
            Doing::StatusUntil { user: self.user.clone(), status: pause.status, until }
        } else {
            Doing::Act(Action::status(&self.user, pause.status))
        };
        self.push_doings(at, vec![doing]);
    }

    fn go_home(&mut self) {
        self.over = true;
        if let Some(to) = self.shift.to {
            let said = to - self.seconds(3, 8);
            match self.random.u32(..20) {
                0 => {
                    let days = Duration::from_secs(86_400) * self.random.u32(2..14);
                    let vacation = Pause { due: said, length: days, status: "On Vacation", says_until: true };
                    self.push_pause(said, vacation, said + days);
                }
                _ => self.push_status(said, "Gone Home"),
            }
            self.push(to, vec![Action::LogOff { user: self.user.clone() }]);
        }
    }

    pub(super) fn push(&mut self, at: Duration, actions: Vec<Action>) {
        self.push_doings(at, actions.into_iter().map(Doing::Act).collect());
    }

    pub(super) fn push_status(&mut self, at: Duration, status: &str) {
        self.push(at, vec![Action::status(&self.user, status)]);
    }

    /// Adds a moment at its place in time.
    fn push_doings(&mut self, at: Duration, doings: Vec<Doing>) {
        let place = self.script.partition_point(|moment| moment.at <= at);
        self.script.insert(place, Moment { at, user: Some(self.user.clone()), doings });
    }

    pub(super) fn seconds(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.random.u64(least * 1000..=most * 1000))
    }

    pub(super) fn new_id(&mut self) -> String {
        self.next_interaction += 1;
        self.next_interaction.to_string()
    }
}
