//! Whatever is recorded, in whatever groups and by however many bridges: what is loaded is what a simple model says.

use std::collections::BTreeMap;

use domain::change::{Change, Facet, Value};
use domain::ids::AgentId;
use domain::trust::{Gap, GapKind};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use replicator::ports::{Entry, Memory, Remembered};
use store::{Store, line};

use crate::entries::*;
use crate::place::{Place, now};

/// What may happen next. Numbers pick among what there is.
#[derive(Debug, Clone)]
enum Step {
    Change {
        agent: u8,
        routing: bool,
        later: i64,
    },
    Accept(u8),
    Fail(u8),
    Drop(u8),
    Resume(u8),
    GapBegan,
    GapEnded(u8),
    Alive,
    Enter {
        agent: u8,
        status: u8,
    },
    Claim {
        agent: u8,
        user: u8,
    },
    Release(u8),
    /// The group ends here.
    Commit,
    /// The bridge ends here, and the next one begins.
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..4_u8, any::<bool>(), -3..10_i64)
            .prop_map(|(agent, routing, later)| Step::Change { agent, routing, later }),
        5 => any::<u8>().prop_map(Step::Accept),
        2 => any::<u8>().prop_map(Step::Fail),
        1 => any::<u8>().prop_map(Step::Drop),
        1 => any::<u8>().prop_map(Step::Resume),
        1 => Just(Step::GapBegan),
        1 => any::<u8>().prop_map(Step::GapEnded),
        1 => Just(Step::Alive),
        2 => (0..5_u8, 0..3_u8).prop_map(|(agent, status)| Step::Enter { agent, status }),
        2 => (0..4_u8, 0..3_u8).prop_map(|(agent, user)| Step::Claim { agent, user }),
        1 => any::<u8>().prop_map(Step::Release),
        2 => Just(Step::Commit),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 0..60)
}

/// What is told and when it happened, and when the newest change happened.
type Standing = (Option<(Value, Timestamp)>, Option<Timestamp>);

/// What a journal amounts to, as plainly as it can be said.
#[derive(Debug, Default)]
struct Model {
    open: Vec<(AgentId, Change, u32)>,
    gaps: Vec<Gap>,
    claimed: Vec<(AgentId, u8)>,
    facets: BTreeMap<(AgentId, Facet), Standing>,
    alive: Option<Timestamp>,
    entries: Vec<Entry>,
    changes: u128,
    second: i64,
}

impl Model {
    fn step(&mut self, step: &Step) -> Option<Entry> {
        self.second += 1;
        let second = self.second;
        let entry = match step {
            Step::Change { agent, routing, later } => {
                self.changes += 1;
                let to = if *routing { idle() } else { meal() };
                let change = change(self.changes, second * 5 + later, to);
                let agent = AgentId::new(&format!("agent{agent}"));
                let (_, newest) = self.facets.entry((agent.clone(), to.facet())).or_default();
                *newest = (*newest).max(Some(change.happened));
                self.open.push((agent.clone(), change.clone(), 0));
                recorded(agent.as_str(), &change)
            }
            Step::Accept(pick) => {
                let (agent, change, attempts) = self.take(*pick)?;
                let (told, _) = self.facets.entry((agent.clone(), change.to.facet())).or_default();
                if told.is_none_or(|(_, before)| change.happened >= before) {
                    *told = Some((change.to, change.happened));
                }
                accepted(agent.as_str(), change.id.0.as_u128(), attempts + 1, self.changes as u64, second)
            }
            Step::Fail(pick) => {
                let index = self.pick(*pick)?;
                let (agent, change, attempts) = &mut self.open[index];
                *attempts += 1;
                failed(agent.as_str(), change.id.0.as_u128(), *attempts, 7, second)
            }
            Step::Drop(pick) => {
                let (agent, change, _) = self.take(*pick)?;
                dropped(agent.as_str(), change.id.0.as_u128(), second)
            }
            Step::Resume(pick) => {
                let index = self.pick(*pick)?;
                let (agent, change, _) = &self.open[index];
                resumed(agent.as_str(), change.id.0.as_u128(), second)
            }
            Step::GapBegan => {
                self.changes += 1;
                let gap = gap(self.changes, GapKind::ALL[self.gaps.len() % GapKind::ALL.len()], second);
                self.gaps.push(gap.clone());
                gap_began(&gap)
            }
            Step::GapEnded(pick) => {
                let index = usize::from(*pick) % self.gaps.len().max(1);
                let gap = (!self.gaps.is_empty()).then(|| self.gaps.remove(index))?;
                gap_ended(gap.id.0.as_u128(), second)
            }
            Step::Alive => alive(second),
            // Nothing that a start would have to know.
            Step::Enter { agent, status } => entered(&format!("agent{agent}"), &format!("Status {status}"), second),
            Step::Claim { agent, user } => self.claim(*agent, *user),
            Step::Release(pick) => self.release(*pick)?,
            Step::Commit | Step::Restart => return None,
        };
        self.alive = Some(entry.at);
        self.entries.push(entry.clone());
        Some(entry)
    }

    fn claim(&mut self, agent: u8, user: u8) -> Entry {
        let claim = (AgentId::new(&format!("agent{agent}")), user);
        self.claimed.retain(|one| *one != claim);
        self.claimed.push(claim.clone());
        claimed(claim.0.as_str(), user.into(), self.second)
    }

    fn release(&mut self, pick: u8) -> Option<Entry> {
        let index = usize::from(pick) % self.claimed.len().max(1);
        let (agent, user) = (!self.claimed.is_empty()).then(|| self.claimed.remove(index))?;
        Some(released(agent.as_str(), user.into(), self.second))
    }

    fn pick(&self, pick: u8) -> Option<usize> {
        (!self.open.is_empty()).then(|| usize::from(pick) % self.open.len())
    }

    fn take(&mut self, pick: u8) -> Option<(AgentId, Change, u32)> {
        Some(self.open.remove(self.pick(pick)?))
    }

    fn memory(&self) -> Memory {
        let facets = self.facets.iter().map(|((agent, facet), (told, newest))| {
            let of_facet = self.open.iter().filter(|(whose, change, _)| whose == agent && change.to.facet() == *facet);
            let pending = of_facet.map(|(_, change, attempts)| (change.clone(), *attempts)).collect();
            Remembered { agent: agent.clone(), facet: *facet, told: *told, newest: *newest, pending }
        });
        let claimed = self.claimed.iter().map(|(agent, id)| (agent.clone(), user((*id).into()))).collect();
        Memory { facets: facets.collect(), gaps: self.gaps.clone(), claimed, alive: self.alive }
    }
}

fn sorted(mut memory: Memory) -> Memory {
    memory.facets.sort_by(|a, b| (&a.agent, a.facet).cmp(&(&b.agent, b.facet)));
    memory
}

async fn check(place: &Place, link: &str, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut model = Model::default();
    let mut group = Vec::new();
    let mut store = Store::open(place.options_of(link), now()).await.unwrap();
    for step in steps {
        group.extend(model.step(step));
        let ends = matches!(step, Step::Commit | Step::Restart);
        if ends {
            store.journal().record(std::mem::take(&mut group)).await.unwrap();
        }
        if matches!(step, Step::Restart) {
            store.close().await.unwrap();
            store = Store::open(place.options_of(link), now()).await.unwrap();
            prop_assert_eq!(sorted(store.journal().load().await.unwrap()), model.memory());
        }
    }
    store.journal().record(group).await.unwrap();
    prop_assert_eq!(sorted(store.journal().load().await.unwrap()), model.memory());
    store.close().await.unwrap();
    let verified = store::verify(&place.location, link).await.unwrap();
    // The steps are not always what the engine would do, but the log is always whole, and its state what it says.
    let broken = [
        store::Flaw::Missing,
        store::Flaw::Edited,
        store::Flaw::Unreadable,
        store::Flaw::State,
        store::Flaw::Epoch,
        store::Flaw::Claim,
    ];
    prop_assert!(!verified.findings.iter().any(|finding| broken.contains(&finding.flaw)), "{:?}", verified.findings);
    prop_assert_eq!(verified.entries, u64::try_from(model.entries.len()).unwrap());
    for entry in model.entries {
        let kept = store::Kept { number: 1, epoch: 1, entry };
        prop_assert_eq!(line::parse(&line::write(&kept)).unwrap(), kept);
    }
    Ok(())
}

fn run(place: &Place, cases: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner = TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let mut count = 0;
    let links = std::cell::RefCell::new(&mut count);
    runner
        .run(&steps(), |steps| {
            let link = {
                let mut count = links.borrow_mut();
                **count += 1;
                format!("link {count}")
            };
            runtime.block_on(check(place, &link, &steps))
        })
        .unwrap();
}

#[test]
fn what_is_loaded_is_what_was_recorded_sqlite() {
    run(&Place::sqlite(), 60);
}

#[test]
fn what_is_loaded_is_what_was_recorded_postgres() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    run(&runtime.block_on(Place::postgres()), 15);
}
