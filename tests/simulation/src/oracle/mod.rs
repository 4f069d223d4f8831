//! The promises, checked at every step. Each part knows one kind of evidence; this one hands it to them.
//!
//! | promise | where |
//! |---|---|
//! | P1 in step within a bound, and quiet then | `pace`, and `world` after healing |
//! | P2 no regression that lasts | `pace` |
//! | P3 one write under way for a user, in order | `sends` |
//! | P6 an intent on the disk before each request, and every outcome after it | `sends`, `journal` |
//! | P7 the share of the rate, and the time that a 429 names | `sends` |
//! | P8 nobody waits for another's poison | `pace` |
//! | P9 bounded memory | `pace` |
//! | P10 nothing is written by a picture that cannot be right | `sends` |
//! | P13 every durable transition is delivered, with its own time, once; nothing is invented | `news`, `drops` |
//! | what cannot be told is in the journal, and nothing else is there as that | `untold` |
//! | who left the scope is given back | `standing` |
//! | trust: what was down or frozen is covered by a gap | `gaps` |

mod drops;
mod gaps;
mod news;
mod pace;
mod sends;
mod standing;
mod untold;

use std::collections::BTreeSet;

use domain::change::Facet;
use domain::ids::{ChangeId, CloudUserId};
use jiff::Timestamp;
use replicator::engine::WorkId;
use replicator::options::GuardOptions;
use replicator::ports::{ClaimScope, Entry, Lane, Order};

use crate::cloud::{Applied, Organisation, Platform, Reply};
use crate::fault::Fault;
use crate::journal::{Books, End, Journal};
use crate::plan::Plan;
use crate::pureconnect::Kind;
use crate::reported::{Reported, Wanted};
use crate::tally::Tally;
use standing::same;

/// The checks of one run.
#[derive(Debug)]
pub struct Oracle {
    agents: usize,
    without_email: usize,
    external: usize,
    faults: BTreeSet<Fault>,
    utc: Timestamp,
    violated: Option<String>,
    /// Users that were ever deactivated.
    unsteady: BTreeSet<usize>,
    sends: sends::Sends,
    news: news::News,
    gaps: gaps::Needed,
    pace: pace::Pace,
    drops: drops::Freezes,
    untold: untold::Untold,
    direct: bool,
}

impl Oracle {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            agents: plan.agents,
            without_email: plan.without_email,
            external: plan.external,
            faults: plan.faults.clone(),
            utc: Timestamp::UNIX_EPOCH,
            violated: None,
            unsteady: BTreeSet::new(),
            sends: sends::Sends::new(plan),
            news: news::News::default(),
            gaps: gaps::Needed::new(plan.options.budget.tokens),
            pace: pace::Pace::new(plan),
            drops: drops::Freezes::default(),
            untold: untold::Untold::default(),
            direct: plan.is_direct(),
        }
    }

    /// What was violated first.
    #[must_use]
    pub fn violated(&self) -> Option<&str> {
        self.violated.as_deref()
    }

    /// Something was violated.
    pub fn fail(&mut self, what: String) {
        self.violated.get_or_insert(what);
    }

    fn judge(&mut self, result: Result<(), String>) {
        if let Err(what) = result {
            self.fail(what);
        }
    }

    /// The bridge's clock.
    pub fn set_time(&mut self, utc: Timestamp) {
        self.utc = utc;
    }

    /// Whether anything names an agent's cloud user.
    #[must_use]
    pub fn has_user(&self, who: usize) -> bool {
        who >= self.without_email || who < self.external
    }

    /// Whether an agent has had a cloud user all the time.
    fn is_steady(&self, who: usize) -> bool {
        self.has_user(who) && !self.unsteady.contains(&who)
    }

    /// What the checks that take their time say.
    pub fn tick(
        &mut self,
        now: u64,
        in_step: bool,
        reported: Option<&Reported>,
        platform: &Platform,
        journal: &Journal,
        tally: &mut Tally,
    ) {
        if self.drops.is_frozen() {
            self.pace.disturb(now);
        }
        self.pace.tick(now, in_step, tally);
        let result = self.pace.bounded(&journal.noted);
        self.judge(result);
        if let Some(reported) = reported {
            let healthy = |who: &usize| {
                self.is_steady(*who) && reported.in_scope(*who) && !platform.trouble.ever_poison.contains(who)
            };
            let healthy: BTreeSet<usize> = (0..self.agents).filter(healthy).collect();
            let result = self.pace.isolated(now, &journal.noted, |who| healthy.contains(&who));
            self.judge(result);
            let result = self.pace.regressions(now, |user, facet| {
                let wanted = reported.wanted(user, facet);
                let is_right = |wanted| same(wanted, platform.organisation.value(user, facet), self.utc);
                !reported.in_scope(user) || wanted.is_none_or(is_right)
            });
            self.judge(result);
        }
    }

    /// From here on nothing may be written any more.
    pub fn expect_quiet(&mut self) {
        self.sends.quiet = true;
    }

    /// What is left to check at the end.
    pub fn end(&mut self, reported: Option<&Reported>, organisation: &Organisation, journal: &Journal) {
        let scope = |who: usize| self.is_steady(who) && reported.is_some_and(|reported| reported.in_scope(who));
        let result = (self.news.end(scope))
            .and_then(|()| self.sends.end(&journal.durable, organisation))
            .and_then(|()| self.gaps.covered(&journal.durable))
            .and_then(|()| self.untold.end(scope))
            .and_then(|()| self.given_back(reported, organisation, &journal.durable));
        self.judge(result);
    }

    /// What came of the changes.
    pub fn count(&self, journal: &Journal, tally: &mut Tally) {
        tally.entries += journal.durable.entries;
        for life in journal.durable.lives.values() {
            tally.recorded += 1;
            match &life.end {
                End::Pending => tally.lost += u64::from(self.sends.quiet && self.is_steady(life.agent)),
                End::Delivered => tally.delivered += 1,
                End::Dropped(reason) => {
                    let reason = reason.split(':').next().unwrap_or_default().to_owned();
                    *tally.dropped.entry(reason).or_default() += 1;
                }
            }
        }
    }

    /// The connection to PureConnect is lost, and the process knows.
    pub fn source_lost(&mut self) {
        self.gaps.begin(gaps::Kind::Source, self.utc);
    }

    /// A picture was taken over.
    pub fn source_back(&mut self) {
        self.gaps.end(gaps::Kind::Source, self.utc);
        self.gaps.end(gaps::Kind::Process, self.utc);
    }

    /// A picture is shown to the process.
    pub fn picture(&mut self, kind: Kind, in_scope: usize, shown: usize, first: bool, guard: GuardOptions) {
        let bad = match kind {
            Kind::Good | Kind::Older => false,
            Kind::Empty => !first && in_scope > 0,
            Kind::NoCatalogue => !first,
            Kind::Short => !first && is_wave(guard, in_scope.saturating_sub(shown), in_scope),
        };
        if bad {
            self.gaps.begin(gaps::Kind::Picture, self.utc);
        }
        self.sends.bad_picture = bad;
    }

    /// The engine says that it is frozen, or not any more.
    pub fn frozen(&mut self, now: u64, frozen: bool) {
        self.drops.set(now, frozen);
        if !frozen {
            self.gaps.end(gaps::Kind::Picture, self.utc);
        }
    }

    /// The process has started, and so many requests were made with each token by then.
    pub fn started(&mut self, now: u64, requests: &[u32]) {
        self.sends.started(now, requests);
        self.news.started();
        self.untold.started();
        self.pace.disturb(now);
        self.drops.set(now, false);
    }

    /// The process has ended.
    pub fn ended(&mut self, now: u64, alive: Option<Timestamp>) {
        self.gaps.process_ended(self.utc, alive);
        self.sends.ended();
        self.pace.disturb(now);
    }

    /// PureConnect reported these.
    pub fn expect(&mut self, now: u64, news: Vec<Wanted>) {
        for wanted in news {
            if !wanted.news {
                // Back in scope: what was left pending has waited for that.
                self.pace.disturb(now);
            }
            self.news.expect(wanted);
        }
    }

    /// These agents are not in scope.
    pub fn out_of_scope(&mut self, agents: impl Iterator<Item = usize>) {
        agents.for_each(|who| self.news.release(who));
    }

    /// These routing statuses cannot be told.
    pub fn expect_untold(&mut self, untold: Vec<Wanted>) {
        for wanted in untold {
            self.untold.expect(wanted);
        }
    }

    /// A request with changes leaves.
    pub fn sent(
        &mut self,
        (id, token): (WorkId, usize),
        lane: Lane,
        orders: &[Order],
        incarnation: u32,
        journal: &Journal,
    ) {
        let users = orders.iter().map(|order| crate::cloud::user_number(order.user)).collect();
        self.news.sent(id, users);
        let result = self.sends.sent(self.utc, (id, token), lane, orders, incarnation, journal);
        self.judge(result);
    }

    /// A claim leaves.
    pub fn claims(&mut self, (id, token): (WorkId, usize), scope: ClaimScope) {
        let result = match scope {
            ClaimScope::Organisation => Ok(()),
            ClaimScope::User(user) => {
                let number = crate::cloud::user_number(user);
                self.sends.fly(id, user).and_then(|()| self.sends.pays(number, token))
            }
        };
        self.judge(result);
    }

    /// The end of a claim leaves.
    pub fn releases(&mut self, id: WorkId, user: CloudUserId) {
        let result = self.sends.fly(id, user);
        self.judge(result);
    }

    /// Any request leaves.
    pub fn leaves(&mut self, now: u64, id: WorkId, token: usize) {
        let result = self.sends.leaves(now, id, token);
        self.judge(result);
    }

    /// An entry is handed to the journal; the books do not have it yet.
    pub fn noted(&mut self, now: u64, entry: &Entry, books: &Books, reported: &Reported) {
        let result = self.news_of_entry(now, entry, books, reported);
        self.judge(result);
    }

    fn news_of_entry(&mut self, now: u64, entry: &Entry, books: &Books, reported: &Reported) -> Result<(), String> {
        use replicator::ports::{Fact, Stage};
        let Fact::Change { agent, change: id, stage } = &entry.fact else { return Ok(()) };
        let who = crate::pureconnect::number(agent);
        match stage {
            Stage::Recorded(change) => {
                self.pace.noted(now, *id);
                if self.direct && change.to.facet() == Facet::Routing {
                    let shown = self.news.shown(who, Facet::Routing).map(|(value, _)| value);
                    self.untold.recorded(*id, change, shown);
                } else if self.is_steady(who) {
                    self.news.recorded(who, change, books, reported, self.utc)?;
                }
            }
            Stage::Dropped { reason } => {
                let Some(life) = books.lives.get(id) else { return Ok(()) };
                let since = self.pace.noted_at(*id);
                drops::is_promised(self, life, reason, since, books)?;
                self.news.dropped(life, reason);
                if self.is_steady(life.agent) {
                    self.untold.dropped(*id, life, reason)?;
                }
            }
            Stage::Attempted(attempt) => self.sends.attempted(*id, attempt)?,
            Stage::Resumed => {}
        }
        Ok(())
    }

    /// A request arrives at the cloud.
    pub fn arrived(&mut self, now: u64, id: WorkId, token: usize, awaited: bool) {
        if awaited {
            let result = self.sends.arrived(now, token);
            self.judge(result);
            self.news.read(id, now);
        }
    }

    /// The place of a change among all.
    #[must_use]
    pub fn version(&self, id: ChangeId) -> u64 {
        self.sends.version(id)
    }

    /// A change of ours has its effect.
    pub fn applied(&mut self, now: u64, applied: &Applied) {
        self.pace.applied(now, applied);
    }

    /// An answer reaches the process.
    pub fn answered(&mut self, now: u64, id: WorkId, reply: &Reply) {
        self.sends.answered(now, id, reply);
        self.gaps.answered(self.utc, reply);
        self.news.answered(now, self.utc, id, reply);
        if sends::is_throttled(reply) {
            self.pace.disturb(now + 60_000);
        } else if sends::is_unavailable(reply) {
            self.pace.disturb(now);
        }
    }

    /// Trouble begins, and lasts until a time.
    pub fn struck(&mut self, now: u64, fault: Fault, until: u64) {
        self.pace.struck(now, fault, until);
    }

    /// Trouble is over.
    pub fn over(&mut self, now: u64, fault: Fault) {
        self.pace.over(now, fault);
    }

    /// A user is deactivated.
    pub fn user_gone(&mut self, user: usize) {
        self.unsteady.insert(user);
    }

    /// More waits of an agent than is kept.
    pub fn overrun(&mut self, who: usize) {
        self.unsteady.insert(who);
    }

    /// The bridge's clock stepped: intervals cannot be compared over that.
    pub fn clock_stepped(&mut self) {
        self.gaps.spoil();
    }

    fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a number of agents")]
fn is_wave(guard: GuardOptions, agents: usize, of: usize) -> bool {
    agents >= guard.offline_least && agents as f64 > guard.offline_share * of as f64
}
