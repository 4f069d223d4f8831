//! What goes wrong: how each kind of trouble begins, how long it lasts, and how all of it ends.

use std::collections::VecDeque;

use super::{Event, World, mapping_rules};
use crate::cloud::Primary;
use crate::fault::Fault;
use crate::plan::FIRST_WIDE;
use crate::pureconnect::Kind;

/// Pictures that cannot be believed, and what a switchover leaves behind.
#[derive(Debug, Default)]
pub struct BadPictures {
    /// The next pictures.
    next: VecDeque<Kind>,
    /// A switchover is under way.
    pub switching: bool,
    /// Who is logged out by it without having gone.
    pub logged_out: Vec<usize>,
}

impl BadPictures {
    /// The next picture. The first of a process cannot be known to be short, and is not.
    pub fn next(&mut self, first: bool) -> Kind {
        match self.next.front() {
            Some(Kind::Short) if first => Kind::Good,
            Some(_) => self.next.pop_front().unwrap_or(Kind::Good),
            None => Kind::Good,
        }
    }
}

impl World {
    /// Trouble begins, and begins again later.
    pub(super) fn strike(&mut self, fault: Fault) {
        if self.healed.is_some() {
            return;
        }
        let again = self.operator.wait(fault.pace());
        self.after(again, Event::Strike(fault));
        self.trace(format_args!("trouble: {fault:?}"));
        self.tally.fault(fault);
        let lasts = self.make(fault);
        self.oracle.struck(self.now, fault, self.now + lasts);
        self.after(lasts, Event::Ends(fault, usize::MAX));
    }

    /// Makes it, and says how long it lasts.
    fn make(&mut self, fault: Fault) -> u64 {
        match fault {
            Fault::ConnectionLost | Fault::Switchover => self.make_loss(fault),
            Fault::EmptySnapshot => self.make_pictures(Kind::Empty),
            Fault::ShortSnapshot => self.make_pictures(Kind::Short),
            Fault::NoCatalogue => self.make_pictures(Kind::NoCatalogue),
            Fault::OlderSnapshot => self.make_pictures(Kind::Older),
            Fault::UnknownStatus
            | Fault::TickBox
            | Fault::ScopeChange
            | Fault::ServerClock
            | Fault::Duplicate
            | Fault::OldMessages
            | Fault::MassLogout
            | Fault::Flapping => self.make_news(fault),
            Fault::Outage | Fault::Unauthorized => self.make_lasting(fault, 5_000..600_000),
            Fault::Throttled | Fault::ThrottledSilently => self.make_lasting(fault, 1_000..20_000),
            Fault::TooLarge | Fault::NoOutOfOffice => self.make_lasting(fault, 30_000..400_000),
            Fault::Slow | Fault::HintLost | Fault::HintTwice => self.make_lasting(fault, 10_000..120_000),
            Fault::TighterLimit => {
                self.set_limits((self.plan.allowed / 3).max(20));
                self.make_lasting(fault, 60_000..300_000)
            }
            Fault::ErrorAfterApplying
            | Fault::RequestLost
            | Fault::AnswerLost
            | Fault::AppliedLate
            | Fault::AppliedTwice
            | Fault::Deferred
            | Fault::Unmentioned => {
                self.platform.trouble.once.push(fault);
                0
            }
            Fault::PoisonItem | Fault::PoisonBatch => self.make_poison(fault),
            Fault::UserGone | Fault::ForeignWrite | Fault::PrimaryTaken | Fault::ChannelLost => {
                self.make_foreign(fault)
            }
            Fault::Killed | Fault::DiskFull | Fault::SlowDisk | Fault::Paused | Fault::ClockStep | Fault::Restarted => {
                self.make_host(fault)
            }
            Fault::TokenRevoked | Fault::TokenThrottled => self.make_token(fault),
            Fault::Rescoped | Fault::Reloaded => self.make_reload(fault),
            Fault::UserReborn => {
                let user = self.operator.place(self.plan.agents);
                self.platform.organisation.bear_again(user);
                self.oracle.user_gone(user);
                self.hint(user);
                0
            }
            Fault::OffQueueOnly => {
                let user = self.operator.place(self.plan.agents);
                self.platform.trouble.off_queue_only.insert(user);
                self.platform.trouble.ever_poison.insert(user);
                let lasts = self.operator.between(60_000..400_000);
                self.after(lasts, Event::Ends(fault, user));
                0
            }
        }
    }

    fn set_limits(&mut self, allowed: u32) {
        for limit in &mut self.platform.limits {
            limit.allowed = allowed;
        }
    }

    fn make_lasting(&mut self, fault: Fault, time: std::ops::Range<u64>) -> u64 {
        // Credentials that are refused for five minutes end the program, which is another fault.
        let most = if fault == Fault::Unauthorized { time.end.min(200_000) } else { time.end };
        let lasts = self.operator.between(time.start..most);
        self.platform.trouble.begin(fault, self.now + lasts);
        lasts
    }

    fn make_loss(&mut self, fault: Fault) -> u64 {
        if fault == Fault::Switchover {
            self.bad.switching = true;
            // Some are logged out just before the connection breaks, some while it is gone.
            for who in self.some_agents() {
                if self.pureconnect.people[who].in_scope {
                    let told = self.pureconnect.set_logged_in(who, false);
                    let updates = told.iter().map(|told| self.pureconnect.dress(&self.session, told)).collect();
                    self.tell(updates);
                    let back = self.operator.between(60_000..120_000);
                    self.after(back, Event::Ends(fault, who));
                }
            }
            self.bad.logged_out = self.some_agents();
            self.after(1_000, Event::Break);
            return 40_000;
        }
        self.break_session();
        0
    }

    fn some_agents(&mut self) -> Vec<usize> {
        (0..self.plan.agents).filter(|_| self.operator.chance(0.15)).collect()
    }

    fn make_pictures(&mut self, kind: Kind) -> u64 {
        for _ in 0..self.operator.between(1..4) {
            self.bad.next.push_back(kind);
        }
        self.break_session();
        0
    }

    fn make_news(&mut self, fault: Fault) -> u64 {
        let who = self.operator.place(self.plan.agents);
        let in_scope = self.pureconnect.people[who].in_scope;
        let told = match fault {
            Fault::UnknownStatus if in_scope => self.pureconnect.enter_unknown(self.now, who),
            Fault::TickBox => self.pureconnect.flip(),
            Fault::ScopeChange => self.pureconnect.move_scope(who),
            Fault::ServerClock => {
                self.pureconnect.offset =
                    if self.pureconnect.offset == 0 { self.operator.one(&[-1, 1]) * 3_600_000 } else { 0 };
                Vec::new()
            }
            Fault::Duplicate | Fault::OldMessages => {
                let again = if fault == Fault::Duplicate { 1 } else { 3 };
                let last: Vec<_> = self.session.outgoing.iter().rev().take(again).cloned().collect();
                for message in last.into_iter().rev() {
                    self.tell(message.updates);
                }
                Vec::new()
            }
            Fault::MassLogout => {
                let out = (0..self.plan.agents).filter(|who| who % 3 != 0 && self.pureconnect.people[*who].in_scope);
                let out: Vec<usize> = out.collect();
                out.into_iter().flat_map(|who| self.pureconnect.set_logged_in(who, false)).collect()
            }
            Fault::Flapping => {
                let lasts = self.operator.between(60_000..500_000);
                self.flapping = Some((who, self.now + lasts));
                self.after(0, Event::Act(who));
                return lasts;
            }
            _ => Vec::new(),
        };
        let updates = told.iter().map(|told| self.pureconnect.dress(&self.session, told)).collect();
        self.tell(updates);
        0
    }

    fn make_token(&mut self, fault: Fault) -> u64 {
        let token = self.operator.place(self.platform.limits.len());
        let lasts = self.operator.between(5_000..400_000);
        let trouble = &mut self.platform.trouble;
        let until = if fault == Fault::TokenRevoked { &mut trouble.revoked } else { &mut trouble.closed };
        until.insert(token, self.now + lasts);
        lasts
    }

    /// The operator changes the configuration and has it read again.
    fn make_reload(&mut self, fault: Fault) -> u64 {
        let rescoped = fault == Fault::Rescoped;
        if rescoped {
            for who in self.some_agents() {
                self.pureconnect.move_scope(who);
            }
        } else {
            self.lunch_is_break = !self.lunch_is_break;
        }
        let now = self.now();
        if let Some(process) = &mut self.process {
            let matching = self.plan.options.matching.clone();
            process.engine.handle_reload(now, mapping_rules(self.lunch_is_break), matching, rescoped);
            process.reported.reload(now, self.lunch_is_break);
            self.rescoping |= rescoped;
        }
        if rescoped {
            let updates = vec![self.pureconnect.rescope()];
            self.tell(updates);
        }
        0
    }

    fn make_poison(&mut self, fault: Fault) -> u64 {
        let user = self.operator.place(self.plan.agents);
        self.platform.trouble.poison.insert(user, fault == Fault::PoisonBatch);
        self.platform.trouble.ever_poison.insert(user);
        let lasts = self.operator.between(60_000..400_000);
        self.after(lasts, Event::Ends(fault, user));
        0
    }

    fn make_foreign(&mut self, fault: Fault) -> u64 {
        let user = self.operator.place(self.plan.agents);
        match fault {
            Fault::UserGone => {
                self.platform.organisation.users[user].active = false;
                self.oracle.user_gone(user);
                let lasts = self.operator.between(30_000..400_000);
                self.after(lasts, Event::Ends(fault, user));
            }
            Fault::ForeignWrite => self.write_foreign(user),
            Fault::PrimaryTaken => self.take_primary(user),
            _ => {
                if let Some(process) = &mut self.process
                    && !process.channels.is_empty()
                {
                    let channel = self.operator.place(process.channels.len());
                    process.channels[channel].clear();
                    let lost = replicator::ports::FeedEvent::Lost { channel, reason: "closed".to_owned() };
                    self.after(100, Event::Hint(self.incarnation, lost));
                }
            }
        }
        0
    }

    fn make_host(&mut self, fault: Fault) -> u64 {
        match fault {
            Fault::Killed => self.end_process(fault),
            Fault::DiskFull => self.after(1, Event::DiskFailed(self.incarnation)),
            Fault::SlowDisk => {
                let lasts = self.operator.between(10_000..100_000);
                self.slow_disk = self.now + lasts;
                return lasts;
            }
            Fault::Paused => {
                let lasts = self.operator.one(&[5_000, 20_000, 60_000, 180_000]);
                let until = self.stopped_until.map_or(0, |until| until).max(self.now + lasts);
                self.stopped_until = Some(until);
                // The server gives up a session that does not answer for long.
                if lasts >= 60_000 {
                    self.after(50_000, Event::Break);
                }
                self.at(until, Event::Resume);
                return lasts;
            }
            Fault::ClockStep => {
                let step = self.operator.one(&[-3_600_000, -60_000, -1_500, 1_500, 60_000, 3_600_000]);
                self.clock += step;
                self.oracle.set_time(self.now().utc);
                self.oracle.clock_stepped();
            }
            Fault::Restarted => {
                let now = self.now();
                if let Some(process) = &mut self.process {
                    process.engine.handle_stopping(now);
                    self.after(3_000, Event::Stopped(self.incarnation));
                }
            }
            _ => {}
        }
        0
    }

    /// Trouble ends by itself.
    pub(super) fn end_trouble(&mut self, fault: Fault, whose: usize) {
        match fault {
            Fault::PoisonItem | Fault::PoisonBatch if whose != usize::MAX => {
                self.platform.trouble.poison.remove(&whose);
            }
            Fault::OffQueueOnly if whose != usize::MAX => {
                self.platform.trouble.off_queue_only.remove(&whose);
            }
            Fault::UserGone if whose != usize::MAX => self.platform.organisation.users[whose].active = true,
            Fault::TighterLimit => self.set_limits(self.plan.allowed),
            Fault::Switchover
                if whose != usize::MAX && self.healed.is_none() && self.pureconnect.people[whose].in_scope =>
            {
                let told = self.pureconnect.set_logged_in(whose, true);
                let updates = told.iter().map(|told| self.pureconnect.dress(&self.session, told)).collect();
                self.tell(updates);
            }
            _ => {}
        }
        self.oracle.over(self.now, fault);
    }

    /// The operator looks at a frozen link, and says that it is right when it is.
    pub(super) fn operate(&mut self) {
        self.after(30_000, Event::Operator);
        let now = self.now();
        let pictures = [Fault::EmptySnapshot, Fault::ShortSnapshot, Fault::NoCatalogue, Fault::OlderSnapshot]
            .map(|fault| self.plan.has(fault));
        // As long as pictures may be wrong, nobody believes them; once all is well, whoever is asked looks and says so.
        if self.healed.is_none() && (pictures.contains(&true) || !self.operator.chance(0.3)) {
            return;
        }
        if let Some(process) = &mut self.process {
            let said = process.engine.handle_confirm(now);
            self.trace(format_args!("the operator confirms: {said:?}"));
        }
    }

    /// All trouble is over, and nobody does anything any more.
    pub(super) fn heal(&mut self) {
        self.trace(format_args!("everything heals"));
        // A doubt that no picture ends is for the operator, who looks after two minutes.
        self.after(120_000, Event::Operator);
        self.healed = Some(self.now);
        self.platform.trouble.heal();
        self.set_limits(self.plan.allowed);
        self.bad = BadPictures::default();
        self.slow_disk = 0;
        self.flapping = None;
        // Who took the users back gives them back: the bridge does not fight for them.
        let told = self.pureconnect.heal(self.now, self.plan.seed < FIRST_WIDE);
        let people = self.pureconnect.people.iter();
        for (user, person) in self.platform.organisation.users.iter_mut().zip(people) {
            user.active = true;
            if user.primary == Primary::Taken {
                user.primary = if person.in_scope { Primary::Ours } else { Primary::GivenBack };
            }
        }
        let updates = told.iter().map(|told| self.pureconnect.dress(&self.session, told)).collect();
        self.tell(updates);
        // What an older picture hid is shown by the next session.
        self.break_session();
    }
}
