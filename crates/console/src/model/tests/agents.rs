//! A supervisor looks for agents.

use domain::change::Value;
use domain::ids::{AgentId, StatusId, WorkgroupId};
use domain::target::{OutOfOffice, RoutingStatus, SystemPresence};
use replicator::engine::{AgentReport, SyncState, Unmatched};

use crate::board::LinkBoard;
use crate::model::{self, AgentQuery};
use crate::samples::{agent, at_lunch, eight, nobody, picture, shown};
use crate::shown::{AgentPage, Count};

/// Ada and Ben wait for calls, Cleo is at lunch, Dora is nobody in Genesys Cloud, Eve's status is refused, Finn is on
/// vacation.
fn crew() -> LinkBoard {
    let support = [WorkgroupId::new("Support"), WorkgroupId::new("Sales")];
    let vacation = {
        let [presence, routing, _] = shown(SystemPresence::Away, RoutingStatus::OffQueue);
        [presence, routing, Some(Value::OutOfOffice(OutOfOffice::On { until: None }))]
    };
    picture(vec![
        agent("ada"),
        AgentReport { state: SyncState::Pending, pending: 1, workgroups: support.into(), ..agent("Ben") },
        at_lunch("cleo", "2026-11-23T07:45:00Z"),
        nobody("dora", Unmatched::NotFound),
        AgentReport {
            state: SyncState::Error,
            error: Some("403 missing permission".to_owned()),
            ..at_lunch("eve", "2026-11-23T06:00:00Z")
        },
        AgentReport { wanted: vacation, told: vacation, ..agent("finn") },
    ])
}

/// What a URL asks for.
fn asked(query: &str) -> AgentPage {
    let uri = format!("/agents?{query}").parse().unwrap();
    let axum::extract::Query(query) = axum::extract::Query::<AgentQuery>::try_from_uri(&uri).unwrap();
    model::agents(&crew(), &query)
}

fn ids(page: &AgentPage) -> Vec<&str> {
    page.agents.iter().map(|agent| agent.agent.as_str()).collect()
}

fn counts(counts: &[Count]) -> Vec<(&str, u64)> {
    counts.iter().map(|count| (count.value.as_str(), count.agents)).collect()
}

#[test]
fn without_a_wish_all_are_there_by_name() {
    let page = asked("");
    assert_eq!(ids(&page), ["ada", "Ben", "cleo", "dora", "eve", "finn"]);
    assert_eq!((page.page.page, page.page.pages, page.page.limit), (1, 1, 50));
    assert_eq!((page.page.found, page.page.total), (6, 6));
    assert_eq!((page.at, page.stale_since), (Some(eight()), None));
}

#[test]
fn search_finds_names_ids_addresses_workgroups_and_statuses_without_case() {
    assert_eq!(ids(&asked("search=CLEO+exa")), ["cleo"]);
    assert_eq!(ids(&asked("search=eve%40example.com")), ["eve"]);
    assert_eq!(ids(&asked("search=support")), ["Ben"]);
    assert_eq!(ids(&asked("search=at+lunch")), ["cleo", "eve"]);
    assert_eq!(ids(&asked("search=lunch+eve")), ["eve"], "all words must be found, wherever");
    assert!(ids(&asked("search=nobody+lunch")).is_empty());
}

#[test]
fn a_status_that_the_catalogue_does_not_have_is_found_by_its_id() {
    let odd = AgentReport {
        status: Some(domain::source::UserStatus {
            status: StatusId::new("Gone Fishing"),
            since: None,
            logged_in: true,
            until: None,
        }),
        message: None,
        unknown_status: true,
        ..agent("ada")
    };
    let query = AgentQuery { search: Some("fishing".to_owned()), ..AgentQuery::default() };
    assert_eq!(ids(&model::agents(&picture(vec![odd, agent("ben")]), &query)), ["ada"]);
}

#[test]
fn each_choice_narrows_the_list() {
    assert_eq!(ids(&asked("presence=On+Queue")), ["ada", "Ben", "dora"]);
    assert_eq!(ids(&asked("presence=ON_QUEUE&workgroup=support")), ["Ben"]);
    assert_eq!(ids(&asked("presence=Out+of+Office")), ["finn"]);
    assert!(ids(&asked("presence=Away")).is_empty(), "whoever is out of office is not counted as away");
    assert_eq!(ids(&asked("routing=OFF_QUEUE")), ["cleo", "eve", "finn"]);
    assert_eq!(ids(&asked("state=error")), ["eve"]);
    assert_eq!(ids(&asked("reason=no-such-user")), ["dora"]);
    assert_eq!(ids(&asked("presence=&routing=&state=&reason=&workgroup=&search=&sort=&page=&limit=")).len(), 6);
}

#[test]
fn counts_say_what_another_choice_would_find() {
    let page = asked("");
    assert_eq!(counts(&page.counts.presence), [("Meal", 2), ("On Queue", 3), ("Out of Office", 1)]);
    assert_eq!(counts(&page.counts.routing), [("OFF_QUEUE", 3), ("IDLE", 3)]);
    assert_eq!(counts(&page.counts.state), [("error", 1), ("not-synced", 1), ("pending", 1), ("synced", 3)]);
    assert_eq!(counts(&page.counts.reason), [("refused", 1), ("no-such-user", 1)]);
    assert_eq!(counts(&page.counts.workgroup), [("Sales", 6), ("Support", 1)]);
    let at_meals = asked("presence=Meal");
    assert_eq!(counts(&at_meals.counts.presence), counts(&page.counts.presence), "the choice does not narrow itself");
    assert_eq!(counts(&at_meals.counts.state), [("error", 1), ("synced", 1)]);
    let both = asked("presence=Meal&state=synced");
    assert_eq!(counts(&both.counts.presence), [("Meal", 1), ("On Queue", 1), ("Out of Office", 1)]);
    assert_eq!(counts(&both.counts.state), [("error", 1), ("synced", 1)]);
    assert_eq!(counts(&both.counts.routing), [("OFF_QUEUE", 1)]);
    assert_eq!(counts(&asked("search=ben").counts.workgroup), [("Sales", 1), ("Support", 1)]);
}

#[test]
fn lists_are_sorted_by_what_is_asked_for_and_the_other_way_round() {
    assert_eq!(ids(&asked("sort=-name")), ["finn", "eve", "dora", "cleo", "Ben", "ada"]);
    assert_eq!(ids(&asked("sort=agent")), ["ada", "Ben", "cleo", "dora", "eve", "finn"]);
    assert_eq!(ids(&asked("sort=state")), ["eve", "dora", "Ben", "ada", "cleo", "finn"]);
    assert_eq!(ids(&asked("sort=since&limit=2")), ["eve", "ada"], "longest first");
    assert_eq!(ids(&asked("sort=-since&limit=1")), ["cleo"]);
    assert_eq!(ids(&asked("sort=status")), ["cleo", "eve", "ada", "Ben", "dora", "finn"]);
}

#[test]
fn pages_together_are_the_list() {
    let link = picture((0..1_237).map(|number| agent(&format!("agent{}", number * 611 % 1_237))).collect());
    for sort in ["name", "-name", "agent", "since", "status", "-state"] {
        let page =
            |page| AgentQuery { sort: sort.parse().ok(), page: Some(page), limit: Some(100), ..AgentQuery::default() };
        let pages: Vec<AgentPage> = (1..=13).map(|number| model::agents(&link, &page(number))).collect();
        let listed: Vec<&str> = pages.iter().flat_map(ids).collect();
        assert_eq!(listed.len(), 1_237, "{sort}");
        let mut sorted = listed.clone();
        sorted.sort_unstable();
        if sort.starts_with('-') {
            sorted.reverse();
        }
        assert_eq!(listed, sorted, "{sort}: who is equal follows by name");
    }
}

#[test]
fn a_page_beyond_the_end_is_the_last_one_and_limits_have_limits() {
    let link = picture((0..600).map(|number| agent(&format!("agent{number}"))).collect());
    let page = |page, limit| {
        let query = AgentQuery { page: Some(page), limit: Some(limit), ..AgentQuery::default() };
        model::agents(&link, &query)
    };
    assert_eq!((page(1, 9_999).agents.len(), page(1, 9_999).page.pages), (500, 2));
    assert_eq!((page(u64::MAX, 500).agents.len(), page(u64::MAX, 500).page.page), (100, 2));
    assert_eq!((page(0, 0).agents.len(), page(0, 0).page.page), (1, 1));
    let nobody = model::agents(&picture(Vec::new()), &AgentQuery::default());
    assert_eq!((nobody.agents.len(), nobody.page.pages, nobody.page.found), (0, 1, 0));
}

#[test]
fn one_agent_is_found_by_id() {
    let found = model::agent(&crew(), &AgentId::new("BEN")).unwrap();
    assert_eq!(
        (found.agent.as_str(), found.workgroups.as_slice()),
        ("Ben", &["Sales".to_owned(), "Support".to_owned()][..])
    );
    assert_eq!(found.message.unwrap().text, "Available");
    assert!(model::agent(&crew(), &AgentId::new("zoe")).is_none());
}

#[test]
fn the_board_and_the_control_socket_say_the_same_of_an_agent() {
    let report = at_lunch("cleo", "2026-11-23T07:45:00Z");
    let of_board = model::agent(&picture(vec![report.clone()]), &AgentId::new("cleo"));
    assert_eq!(of_board, Some(crate::shown::convert::agent(report)));
}
