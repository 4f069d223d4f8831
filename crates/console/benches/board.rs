//! What the console takes for 100,000 agents: pictures of them, memory, and every question that a page or the API asks.
//!
//! `cargo bench -p console`. A page has to be there within 50 ms, and a picture must not hold up the link that it is of.

#![expect(clippy::wildcard_imports, reason = "each group of figures is a module of the same file")]

use std::sync::{Arc, LazyLock};

use console::About;
use console::board::{LinkBoard, Roster};
use console::model::{self, AgentQuery, Sort, UserQuery};
use divan::{AllocProfiler, Bencher, black_box};
use domain::change::Value;
use domain::ids::{AgentId, WorkgroupId};
use domain::source::{Catalogue, StatusMessage, UserStatus};
use domain::target::{Presence, RoutingStatus, SystemPresence};
use jiff::{SignedDuration, Timestamp};
use mapping::{Options, Precedence, Rules, default_catalogue};
use replicator::Command;
use replicator::engine::{AgentReport, SyncState, Unmatched};
use tokio::sync::mpsc;

/// Counts what is allocated, and shows it beside the times.
#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const AGENTS: usize = 100_000;

/// As many as a running link says at once.
const PORTION: usize = 2_000;

fn main() {
    divan::main();
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(default_catalogue);
static LINK: LazyLock<LinkBoard> = LazyLock::new(|| link(mpsc::channel(1).0));

const FIRST: [&str; 12] =
    ["Ada", "Ben", "Cleo", "Dora", "Émile", "Fatima", "Grace", "Håkon", "Ines", "Jonas", "Keiko", "Łukasz"];
const LAST: [&str; 10] =
    ["Lovelace", "Okafor", "Nowak", "García", "Schmidt", "Öberg", "Tanaka", "Haddad", "Murphy", "Rossi"];

/// An agent like those of a large company: three of four are at work, one of fifty has no cloud user.
fn agent(number: usize) -> AgentReport {
    let messages: Vec<&StatusMessage> = CATALOGUE.iter().collect();
    // Neighbours in the list have nothing in common.
    let dice = number.wrapping_mul(2_654_435_761) >> 7;
    let message = messages[dice % messages.len()];
    let on_queue = message.allows_acd;
    let presence = if on_queue { SystemPresence::OnQueue } else { SystemPresence::ALL[dice % 10] };
    let routing = if on_queue { RoutingStatus::Idle } else { RoutingStatus::OffQueue };
    let values = [Some(Value::Presence(Presence::of(presence))), Some(Value::Routing(routing)), None];
    let (first, last) = (FIRST[dice % FIRST.len()], LAST[dice / 16 % LAST.len()]);
    let since = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_795_000_000 + (dice % 36_000) as i64);
    let unmatched = number.is_multiple_of(50);
    AgentReport {
        agent: AgentId::new(&format!("{first}.{last}.{number}")),
        display_name: format!("{first} {last} {number}"),
        email: Some(format!("{first}.{last}.{number}@contact.example.com")),
        workgroups: [dice % 40, 40 + dice / 40 % 20]
            .map(|group| WorkgroupId::new(&format!("Workgroup {group}")))
            .into(),
        user: (!unmatched).then(|| format!("00000000-0000-0000-0000-{number:012}").parse().expect("it is a UUID")),
        state: if unmatched { SyncState::NotSynced(Unmatched::NotFound) } else { SyncState::Synced },
        status: Some(UserStatus { status: message.id.clone(), since: Some(since), logged_in: true, until: None }),
        message: Some(message.clone()),
        unknown_status: false,
        logged_in: true,
        entered: Some(since),
        rule: Some("anything else".to_owned()),
        wanted: values,
        told: values,
        pending: 0,
        pending_off_queue: false,
        interactions: Vec::new(),
        not_shown: None,
        error: None,
        last_success: Some(since),
    }
}

fn roster() -> Roster {
    let mut roster = Roster::default();
    for portion in (0..AGENTS).step_by(PORTION) {
        roster.take((portion..portion + PORTION).map(agent).collect());
    }
    roster
}

fn link(commands: mpsc::Sender<Command>) -> LinkBoard {
    LinkBoard {
        name: "main".into(),
        about: Arc::new(About { hosts: Vec::new(), region: String::new() }),
        report: None,
        stale_since: None,
        trouble: None,
        standby: false,
        epoch: None,
        agents: roster().picture(),
        catalogue: Arc::new(CATALOGUE.clone()),
        delays: Arc::default(),
        revision: 0,
        commands,
        journal: store::Location::Sqlite("/nowhere/journal.db".into()),
    }
}

mod pictures {
    use super::*;

    /// All agents are heard of for the first time. What stays allocated is what they take.
    #[divan::bench(sample_count = 5, sample_size = 1)]
    fn the_first_of_all_agents(bencher: Bencher) {
        let reports = || (0..AGENTS).map(agent).collect::<Vec<_>>();
        bencher.with_inputs(reports).bench_local_values(|reports| {
            let mut roster = Roster::default();
            roster.take(reports);
            roster
        });
    }

    #[divan::bench(args = [1, PORTION])]
    fn another_after_changes(bencher: Bencher, changed: usize) {
        let mut roster = roster();
        let mut shown = roster.picture();
        let reports = || (0..changed).map(|number| agent(number * 41 % AGENTS)).collect::<Vec<_>>();
        bencher.with_inputs(reports).bench_local_values(|reports| {
            roster.take(reports);
            // The one before is dropped when there is another, as it is by whoever looks.
            shown = roster.picture();
        });
        black_box(shown);
    }
}

mod agents {
    use super::*;

    fn asked(bencher: Bencher, query: AgentQuery) {
        let link = &*LINK;
        bencher.bench_local(|| model::agents(black_box(link), black_box(&query)));
    }

    fn searched(search: &str) -> AgentQuery {
        AgentQuery { search: Some(search.to_owned()), ..AgentQuery::default() }
    }

    #[divan::bench]
    fn first_page(bencher: Bencher) {
        asked(bencher, AgentQuery::default());
    }

    #[divan::bench]
    fn last_page(bencher: Bencher) {
        asked(bencher, AgentQuery { page: Some(u64::MAX), ..AgentQuery::default() });
    }

    #[divan::bench(args = ["agent", "state", "since", "status", "-name"])]
    fn sorted_by(bencher: Bencher, sort: &str) {
        let sort: Sort = sort.parse().expect("there is such an order");
        asked(bencher, AgentQuery { sort: Some(sort), page: Some(1_000), ..AgentQuery::default() });
    }

    #[divan::bench(args = ["lovelace", "ada nowak", "workgroup 17", "at lunch", "nobody has this"])]
    fn search(bencher: Bencher, search: &str) {
        asked(bencher, searched(search));
    }

    #[divan::bench]
    fn filter_by_presence(bencher: Bencher) {
        let presence = Some("Meal".parse().expect("it is a presence"));
        asked(bencher, AgentQuery { presence, ..AgentQuery::default() });
    }

    #[divan::bench]
    fn everything_at_once(bencher: Bencher) {
        let query = AgentQuery {
            routing: Some("OFF_QUEUE".parse().expect("it is a routing status")),
            workgroup: Some("Workgroup 17".parse().expect("any text is a name")),
            state: Some("synced".parse().expect("it is a state")),
            sort: Some("-since".parse().expect("it is an order")),
            limit: Some(500),
            ..searched("a e")
        };
        asked(bencher, query);
    }

    #[divan::bench]
    fn one_of_them(bencher: Bencher) {
        let (link, id) = (&*LINK, &agent(4_711).agent);
        bencher.bench_local(|| model::agent(black_box(link), black_box(id)));
    }
}

mod users {
    use super::*;

    #[divan::bench]
    fn first_page(bencher: Bencher) {
        let link = &*LINK;
        bencher.bench_local(|| model::users(black_box(link), &UserQuery::default()));
    }

    #[divan::bench]
    fn not_matched(bencher: Bencher) {
        let (link, set) = (&*LINK, Some("not-matched".parse().expect("it is a set")));
        let query = UserQuery { set, ..UserQuery::default() };
        bencher.bench_local(|| model::users(black_box(link), &query));
    }

    #[divan::bench]
    fn all_as_a_file(bencher: Bencher) {
        let (link, query) = (&*LINK, UserQuery::default());
        bencher.bench_local(|| {
            let rows = model::user_rows(black_box(link), &query);
            console::shown::spreadsheet::csv(model::USER_COLUMNS, rows)
        });
    }
}

#[divan::bench]
fn every_status_message(bencher: Bencher) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime begins");
    let (commands, mut orders) = mpsc::channel(1);
    let link = link(commands);
    let answering = async move {
        while let Some(order) = orders.recv().await {
            let Command::Rules(answer) = order else { continue };
            drop(answer.send(Rules::built_in(Options { precedence: Precedence::Printed })));
        }
    };
    let answering = runtime.spawn(answering);
    bencher.bench_local(|| runtime.block_on(model::mapping(&link)));
    drop(link);
    runtime.block_on(answering).expect("it ends when nobody asks any more");
}
