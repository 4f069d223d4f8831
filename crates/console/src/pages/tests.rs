//! What holds for every page, with no agents, with few, and with many.

use axum::body::Body;
use axum::http::{StatusCode, header};
use replicator::engine::{Doubt, SourceState};
use scraper::{Html, Selector};

use crate::house::{ADMIN, Answer, House, LOOPBACK, ask, nobody};
use crate::made_up;

const PAGES: [&str; 6] = [
    "/",
    "/links/main/agents",
    "/links/main/mapping",
    "/links/main/users",
    "/links/main/health",
    "/links/main/agents/nobody",
];

/// What is at the selector, as text.
fn texts(page: &str, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    let clean = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    Html::parse_document(page).select(&selector).map(|found| clean(found.text().collect())).collect()
}

/// Holds for every page, whatever is on it.
#[track_caller]
fn check(path: &str, page: &Answer) {
    let html = Html::parse_document(&page.text);
    assert!(html.errors.is_empty(), "{path}: {:?}", html.errors);
    for (selector, most) in [("[style]", 0), ("script:not([src])", 0), ("style", 0), ("h1", 1), ("main", 1)] {
        let found = html.select(&Selector::parse(selector).unwrap()).count();
        assert!(found <= most, "{path}: {found} times {selector}");
    }
    let events = html.tree.nodes().filter_map(|node| node.value().as_element().cloned());
    let inline: Vec<String> = events
        .flat_map(|element| element.attrs().map(|(name, _)| name.to_owned()).collect::<Vec<_>>())
        .filter(|name| name.starts_with("on"))
        .collect();
    assert!(inline.is_empty(), "{path}: {inline:?}");
    let ids: Vec<String> =
        html.select(&Selector::parse("[id]").unwrap()).filter_map(|one| one.value().id().map(str::to_owned)).collect();
    let mut unique = ids.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(ids.len(), unique.len(), "{path}: an id twice");
    for field in
        html.select(&Selector::parse("input:not([type=hidden]):not([type=checkbox]), select, textarea").unwrap())
    {
        let id = field.value().id().unwrap_or_default();
        let label = Selector::parse(&format!("label[for='{id}']")).unwrap();
        let labelled = html.select(&label).next().is_some() || field.value().attr("aria-label").is_some();
        assert!(labelled, "{path}: nothing says what {} is", field.html());
    }
}

#[tokio::test]
async fn every_page_is_well_made_with_no_agents_with_few_and_with_many() {
    for count in [0, 3, 5_000] {
        let house = House::with_agents(count).await;
        for path in PAGES {
            let page = house.get(path).await;
            assert!([StatusCode::OK, StatusCode::NOT_FOUND].contains(&page.status), "{path} {}", page.status);
            check(path, &page);
            assert_eq!(texts(&page.text, "head title").len(), 1, "{path}");
            assert!(page.text.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{path}");
        }
    }
}

#[tokio::test]
async fn every_page_is_well_made_before_a_link_begins_and_when_it_does_not_run() {
    let house = House::new(&nobody(), LOOPBACK, &["main"]);
    let page = house.get("/").await;
    assert!(page.text.contains("The link is connecting"), "{}", page.text);
    assert!(house.get("/links/main/agents").await.text.contains("The link is connecting"));
    house.hands[0].trouble.send_replace(Some("the journal's disk is full".to_owned()));
    let mut news = house.app.board.watch();
    while house.app.board.links()[0].trouble.is_none() {
        news.changed().await.unwrap();
    }
    for path in PAGES {
        let page = house.get(path).await;
        check(path, &page);
        assert!(page.text.contains("the journal's disk is full"), "{path}");
    }
}

#[tokio::test]
async fn the_fragment_is_what_is_in_the_page() {
    let house = House::with_agents(12).await;
    for path in ["/", "/links/main/agents"] {
        let (page, fragment) = (house.get(path).await, house.fragment(path).await);
        assert!(fragment.text.starts_with("<main id=\"main\"") && fragment.text.ends_with("</main>"), "{path}");
        assert!(page.text.contains(&fragment.text), "{path}");
    }
}

#[tokio::test]
async fn names_from_pureconnect_are_text_and_nothing_else() {
    let mut house = House::new(&nobody(), LOOPBACK, &["main"]);
    let now = made_up::NOON.parse().unwrap();
    let mut agent = made_up::agent(0, now);
    let evil = "\"><script>alert(1)</script><img src=x onerror=alert(2)>";
    agent.display_name = evil.to_owned();
    agent.agent = domain::ids::AgentId::new("../<i>'\"&x");
    agent.workgroups = [domain::ids::WorkgroupId::new(evil)].into();
    agent.error = Some(evil.to_owned());
    agent.state = replicator::engine::SyncState::Error;
    let mut report = made_up::report(now, &[agent.clone()]);
    report.source = SourceState::Lost { reason: evil.to_owned(), since: now };
    house.tell(report, vec![agent]).await;
    for path in PAGES.iter().chain(&["/links/main/agents?search=%3Cscript%3Ealert(1)%3C%2Fscript%3E"]) {
        let page = house.get(path).await;
        check(path, &page);
        assert!(!page.text.contains("<script>") && !page.text.contains("<img"), "{path}");
    }
    let page = house.get("/links/main/agents").await.text;
    assert!(texts(&page, "tbody th a")[0].contains("<script>alert(1)</script>"), "it is shown as it is");
    let html = Html::parse_document(&page);
    let link =
        html.select(&Selector::parse("tbody th a").unwrap()).next().unwrap().value().attr("href").unwrap().to_owned();
    assert!(link.starts_with("/links/main/agents/") && !link["/links/main/agents/".len()..].contains('/'), "{link}");
    let own = house.get(&link).await;
    assert_eq!(own.status, StatusCode::OK, "{link}");
}

mod overview {
    use super::*;

    #[tokio::test]
    async fn a_link_says_how_both_sides_stand_and_how_many_agents_are_how() {
        let house = House::with_agents(1_000).await;
        let page = house.get("/").await.text;
        let sides = texts(&page, ".side").join(" ");
        for words in [
            "cic1.example.com, release 2024 R2",
            "Connected",
            "workforce-engagement",
            "by events",
            "epoch 4",
            "mypurecloud.ie",
            "Takes changes",
        ] {
            assert!(sides.contains(words), "{words}: {sides}");
        }
        let link = house.app.board.links().remove(0);
        let report = link.report.as_ref().unwrap();
        let counts = texts(&page, ".counts a").join(", ");
        let wanted = format!("{} Synced, {} Pending, {} Error", report.synced, report.pending, report.errors);
        assert!(counts.starts_with(&wanted), "{counts} {wanted}");
        assert_eq!(texts(&page, ".token-line").len(), 2);
    }

    #[tokio::test]
    async fn an_administrator_finds_the_button_when_delivery_is_frozen_and_a_viewer_the_way_to_it() {
        let house = House::with_agents(20).await;
        let mut report = house.hands[0].report.borrow().clone().unwrap();
        report.frozen = Some(Doubt::FewerAgents { before: 40, now: 20 });
        report.at += jiff::SignedDuration::from_secs(1);
        house.hands[0].report.send_replace(Some(report));
        let mut news = house.app.board.watch();
        while house.app.board.links()[0].report.as_ref().unwrap().frozen.is_none() {
            news.changed().await.unwrap();
        }
        let viewer = house.get("/").await.text;
        assert!(viewer.contains("presence-bridge confirm") && texts(&viewer, "form[action$=confirm]").is_empty());
        assert!(texts(&viewer, ".alarm.critical").len() == 1);

        let (_, session) = house.log_in("localhost:8090", "http://localhost:8090", ADMIN, "/").await;
        let admin = house.answer(ask("/").header(header::COOKIE, session).body(Body::empty()).unwrap()).await;
        check("/", &admin);
        let form = texts(&admin.text, "form[action='/links/main/confirm']").join(" ");
        assert!(form.contains("for 20 agents") && form.contains("cannot be taken back"), "{form}");
    }
}

mod agents {
    use super::*;

    #[tokio::test]
    async fn a_list_is_turned_over_and_says_where_one_is() {
        let house = House::with_agents(120).await;
        let first = house.get("/links/main/agents").await.text;
        assert_eq!(texts(&first, "tbody tr").len(), 50);
        assert_eq!(texts(&first, ".pages p"), ["1 to 50 of 120"]);
        let last = house.get("/links/main/agents?page=3").await.text;
        assert_eq!(texts(&last, "tbody tr").len(), 20);
        assert_eq!(texts(&last, ".pages p"), ["101 to 120 of 120"]);
        let beyond = house.get("/links/main/agents?page=99").await.text;
        assert_eq!(texts(&beyond, ".pages p"), ["101 to 120 of 120"], "the last page is as far as it goes");
    }

    #[tokio::test]
    async fn a_search_and_a_filter_find_some_and_are_kept_in_the_form() {
        let house = House::with_agents(400).await;
        let page = house.get("/links/main/agents?search=maria&presence=On+Queue&workgroup=Sales").await.text;
        let rows = texts(&page, "tbody tr");
        assert!(
            !rows.is_empty() && rows.iter().all(|row| row.contains("Maria") && row.contains("On Queue")),
            "{rows:?}"
        );
        let html = Html::parse_document(&page);
        let value = |selector: &str| {
            html.select(&Selector::parse(selector).unwrap())
                .next()
                .and_then(|one| one.value().attr("value"))
                .map(str::to_owned)
        };
        assert_eq!(value("#search").as_deref(), Some("maria"));
        assert_eq!(value("#by-presence option[selected]").as_deref(), Some("On Queue"));
        assert_eq!(value("#by-workgroup option[selected]").as_deref(), Some("Sales"));
    }

    #[tokio::test]
    async fn a_choice_that_nobody_matches_says_so_and_how_to_go_on() {
        let house = House::with_agents(20).await;
        let page = house.get("/links/main/agents?search=there-is-nobody").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("Nobody matches") && page.text.contains("Show all agents"));
    }

    #[tokio::test]
    async fn a_question_that_means_nothing_is_an_answer_too() {
        let house = House::with_agents(20).await;
        for query in ["presence=Holiday", "page=first", "state=asleep", "sort=colour"] {
            let page = house.get(&format!("/links/main/agents?{query}")).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}");
            check(query, &page);
        }
    }

    #[tokio::test]
    async fn a_heading_sorts_and_then_the_other_way_round() {
        let house = House::with_agents(60).await;
        let names = |page: &str| texts(page, "tbody th a");
        let up = house.get("/links/main/agents?sort=name").await.text;
        let html = Html::parse_document(&up);
        let heading = html.select(&Selector::parse("th[aria-sort] a").unwrap()).next().unwrap();
        let down = house.get(heading.value().attr("href").unwrap()).await.text;
        assert_ne!(names(&up), names(&down));
        assert!(down.contains("aria-sort=\"descending\""));
    }

    #[tokio::test]
    async fn a_link_without_agents_says_why_and_what_to_do() {
        let house = House::with_agents(0).await;
        let page = house.get("/links/main/agents").await.text;
        assert!(page.contains("There are no agents yet") && page.contains("presence-bridge check"), "{page}");
    }

    #[tokio::test]
    async fn times_are_the_viewers_with_utc_at_hand() {
        let house = House::with_agents(3).await;
        let request = ask("/").header(header::COOKIE, "zone=Asia%2FTokyo").body(Body::empty()).unwrap();
        let page = house.answer(request).await.text;
        assert_eq!(texts(&page, ".card-head time"), ["20:00:00"]);
        assert!(page.contains("title=\"2026-11-23 11:00:00 UTC\""));
        let unknown = ask("/").header(header::COOKIE, "zone=Moon/Sea").body(Body::empty()).unwrap();
        assert_eq!(texts(&house.answer(unknown).await.text, ".card-head time"), ["11:00:00"]);
    }
}
