//! An agent's page as somebody reads it.

use axum::http::StatusCode;
use jiff::tz::TimeZone;
use maud::html;
use replicator::Command;
use replicator::engine::{Renewal, Unmatched};
use scraper::{Html, Selector};

use super::asked::{Asked, Fields};
use super::day::Known;
use super::{Found, Place, body};
use crate::house::{ADMIN, House, LOOPBACK, encode, post};
use crate::model;
use crate::pages::layout::{self, Clock};
use crate::picture::sample::{at, quiet_day, working_day};
use crate::samples;
use crate::shown::{Agent, Attempt, Change, Day, Disposition, Facet};

const NOW: &str = "2026-11-23T13:00:00Z";

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn ada() -> Agent {
    let link = samples::picture(vec![samples::agent("ada")]);
    model::agent(&link, &domain::ids::AgentId::new("ada")).unwrap()
}

fn page(agent: Option<Agent>, known: Known) -> Html {
    let fields = Fields::default();
    let asked = Asked::new("/links/main/agents/ada".to_owned(), &fields, Some(at(NOW)), &berlin());
    let found = Found { agent, asked, known: Some(known) };
    let clock = Clock::new(berlin(), Some(at(NOW)));
    let markup = body(&found, &Place { link: "main", id: "ada" }, &clock, &html! {});
    Html::parse_fragment(&markup.into_string())
}

fn of_day(agent: Option<Agent>, day: Day) -> Html {
    page(agent, Known::Day(Box::new(day)))
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    let text = |element: scraper::ElementRef<'_>| {
        let text: String = element.text().collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    page.select(&Selector::parse(selector).unwrap()).map(text).collect()
}

fn hrefs(page: &Html, selector: &str) -> Vec<String> {
    let links = Selector::parse(selector).unwrap();
    page.select(&links).map(|link| link.attr("href").unwrap_or_default().to_owned()).collect()
}

/// The value of a fact by its name.
fn fact(page: &Html, name: &str) -> String {
    let names = texts(page, ".now .fact dt");
    let place = names.iter().position(|found| found == name).unwrap_or_else(|| panic!("{name} in {names:?}"));
    texts(page, ".now .fact dd").swap_remove(place)
}

fn change(id: &str, disposition: Disposition) -> Change {
    let happened = at("2026-11-23T11:00:00Z");
    Change {
        id: id.to_owned(),
        agent: "ada".to_owned(),
        facet: Facet::Presence,
        from: Some("On Queue".to_owned()),
        to: "Meal".to_owned(),
        status: Some("At Lunch".to_owned()),
        text: Some("At <b>Lunch</b>".to_owned()),
        rule: "vendor row 6: Meal".to_owned(),
        happened,
        seen: happened,
        recorded: happened,
        sent: Some(at("2026-11-23T11:00:00.250Z")),
        accepted: (disposition == Disposition::Delivered).then(|| at("2026-11-23T11:00:00.400Z")),
        delay: (disposition == Disposition::Delivered).then_some(400),
        disposition,
        dropped_because: (disposition == Disposition::Dropped).then(|| "a newer one replaced it".to_owned()),
        correlation: Some("corr-1".to_owned()),
        attempts: vec![Attempt {
            number: 1,
            sent: at("2026-11-23T11:00:00.250Z"),
            answered: at("2026-11-23T11:00:00.400Z"),
            outcome: "unavailable".to_owned(),
            reason: Some("503 \"busy\"".to_owned()),
            correlation: Some("corr-1".to_owned()),
        }],
        resumed: 1,
    }
}

#[test]
fn who_is_in_step_is_told_so_and_why() {
    let page = of_day(Some(ada()), working_day());
    assert_eq!(texts(&page, ".verdict"), ["Genesys Cloud was told what PureConnect shows."]);
    assert_eq!(fact(&page, "Status"), "Available");
    assert_eq!(fact(&page, "Entered"), "since 08:30:00 (5 h 30 min)");
    assert_eq!(fact(&page, "Presence"), "On Queue");
    assert_eq!(fact(&page, "Ticked"), "allows ACD calls");
    assert_eq!(fact(&page, "Last success"), "5 h 30 min ago");
    let links = hrefs(&page, ".now .follow a");
    assert_eq!(links, ["/links/main/mapping#rules", "/links/main/mapping?status=Available#try"]);
    assert_eq!(texts(&page, "h2"), ["Now", "Timeline of 2026-11-23", "Changes"]);
}

#[test]
fn what_differs_is_said_in_words() {
    let mut agent = ada();
    agent.wanted.presence = Some("Meal".to_owned());
    agent.pending = 1;
    agent.pending_off_queue = true;
    let page = of_day(Some(agent), working_day());
    let verdict = texts(&page, ".verdict").concat();
    assert!(verdict.contains("presence: should be Meal, was told On Queue"), "{verdict}");
    assert!(verdict.ends_with("1 change is on its way."), "{verdict}");
    assert!(fact(&page, "Routing status").contains("pending off queue"));
}

#[test]
fn whoever_is_not_synchronised_is_told_why_and_what_to_do() {
    let link = samples::picture(vec![samples::nobody("ada", Unmatched::NoEmail)]);
    let agent = model::agent(&link, &domain::ids::AgentId::new("ada")).unwrap();
    let page = of_day(Some(agent), working_day());
    assert!(texts(&page, ".verdict")[0].contains("no user there"));
    assert!(fact(&page, "State").contains("no e-mail in PureConnect"));
    assert!(fact(&page, "What to do").contains("Interaction Administrator"));
}

#[test]
fn an_error_is_in_the_platforms_own_words() {
    let agent = Agent {
        state: crate::shown::State::Error,
        reason: Some(crate::shown::Reason::Refused),
        error: Some("409 <presence.conflict>".to_owned()),
        ..ada()
    };
    assert_eq!(fact(&of_day(Some(agent), working_day()), "Genesys Cloud says"), "409 <presence.conflict>");
}

#[test]
fn every_change_has_its_times_its_ids_and_its_end() {
    let day = Day {
        changes: vec![
            change("1", Disposition::Delivered),
            change("2", Disposition::Dropped),
            change("3", Disposition::Pending),
        ],
        ..working_day()
    };
    let page = of_day(Some(ada()), day);
    assert_eq!(texts(&page, ".changes caption"), ["3 changes, by the time when they happened"]);
    assert_eq!(texts(&page, ".changes tbody th"), ["12:00:00", "12:00:00", "12:00:00"]);
    let first = texts(&page, ".changes tbody tr:first-child > td");
    assert_eq!(
        first[..6],
        ["On Queue → Meal presence", "At <b>Lunch</b>", "12:00:00", "12:00:00", "400 ms", "delivered"]
    );
    assert!(first[7].contains("503 \"busy\"") && first[7].contains("corr-1"), "{}", first[7]);
    assert_eq!(texts(&page, "#change-2 td[data-label=Outcome]"), ["not sent any more a newer one replaced it"]);
    assert_eq!(texts(&page, "#change-3 td[data-label=Accepted]"), ["–"]);
    assert!(page.select(&Selector::parse("td b").unwrap()).next().is_none(), "names are text");
    let csv = hrefs(&page, "a[download]");
    assert_eq!(csv, ["/links/main/agents/ada/changes.csv?day=2026-11-23"]);
}

#[test]
fn a_day_without_changes_says_what_that_means() {
    let page = of_day(Some(ada()), working_day());
    assert!(texts(&page, ".empty").concat().contains("No change happened in this time"));
    let nothing = of_day(Some(ada()), quiet_day("2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z", NOW));
    assert!(texts(&nothing, ".empty").concat().contains("Nothing is known of what held"));
}

#[test]
fn whoever_left_the_scope_still_has_a_past() {
    let page = of_day(None, working_day());
    assert!(texts(&page, ".banner").concat().contains("Not in scope"));
    assert_eq!(texts(&page, "h2"), ["Timeline of 2026-11-23", "Changes"]);
    assert!(!texts(&page, "svg[role=img] .band").is_empty());
}

#[test]
fn a_journal_that_cannot_be_read_spoils_the_past_only() {
    let page = page(Some(ada()), Known::Unreadable("an older version wrote it: run `journal upgrade`".to_owned()));
    assert_eq!(fact(&page, "Presence"), "On Queue");
    assert!(texts(&page, ".empty").concat().contains("an older version wrote it"));
    assert!(texts(&page, "svg").is_empty());
}

#[test]
fn differences_and_intervals_are_tables_and_lists_beside_the_picture() {
    let page = of_day(Some(ada()), working_day());
    let rows = texts(&page, ".differences tbody tr");
    assert_eq!(rows, ["12:00:0012:05:005 minpresenceMealOn QueueGenesys Cloud took nothing change"]);
    assert_eq!(
        texts(&page, ".bullets li"),
        ["12:01:00 to now (1 h 59 min), target down: 503 from <b>the platform</b>"]
    );
    assert_eq!(texts(&page, "#bands tbody tr").len(), 7, "every band of the picture is a row");
    for table in page.select(&Selector::parse("table").unwrap()) {
        let head = Selector::parse("thead th:not([scope=col]), tbody tr:not(:has(th[scope=row]))").unwrap();
        assert!(table.select(&head).next().is_none(), "{}", table.html());
        assert!(table.select(&Selector::parse("caption").unwrap()).next().is_some());
    }
}

#[tokio::test]
async fn an_agent_of_thousands_is_found_and_the_missing_journal_is_said() {
    let house = House::with_agents(5_000).await;
    let id = house.app.board.links()[0].agents[4_999].id.clone();
    let answer = house.get(&format!("/links/main/agents/{id}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let page = Html::parse_document(&answer.text);
    assert!(texts(&page, ".empty").concat().contains("The journal cannot be read"), "{}", answer.text);
    assert!(texts(&page, "form.order").is_empty(), "a viewer cannot order anything");
    assert!(!answer.text.contains(" style="), "the content security policy forbids it");
}

#[tokio::test]
async fn an_administrator_has_an_agent_put_right() {
    let mut house = House::with_agents(10).await;
    let id = house.app.board.links()[0].agents.iter().find(|agent| agent.user.is_some()).unwrap().id.clone();
    let mut hand = house.hands.remove(0);
    let path = layout::href(&["links", "main", "agents", id.as_str()]);
    let (_, session) = house.log_in("localhost:8090", "http://localhost:8090", ADMIN, &path).await;
    let form = house
        .answer(crate::house::ask(&path).header("cookie", &session).body(axum::body::Body::empty()).unwrap())
        .await;
    let token = form.field("form_token");
    let request = || post(&path, "localhost:8090", "http://localhost:8090").header("cookie", &session);
    let refused = house.answer(request().body(encode(&[("form_token", "x".to_owned())])).unwrap()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "without the form's token it is nobody's order");
    let link_answers = async {
        let Some(Command::Renew(agent, answer)) = hand.commands.recv().await else { panic!("another order") };
        answer.send(Renewal::Begun).unwrap();
        agent
    };
    let fields = [("form_token", token)];
    let (answer, agent) = tokio::join!(house.answer(request().body(encode(&fields)).unwrap()), link_answers);
    assert_eq!(agent, id);
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, format!("{path}?done=begun").as_str())
    );
    let done = house.get(&format!("{path}?done=begun")).await;
    assert!(done.text.contains("It is on its way"), "{}", done.text);
}

#[tokio::test]
async fn nobody_is_a_page_with_help() {
    let house = House::with_agents(10).await;
    let answer = house.get("/links/main/agents/nobody%3Cscript%3E").await;
    // The journal of this house cannot be read, so it cannot deny that there was one.
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.text.contains("nobody<script>"));
    let silent = House::new(&crate::house::nobody(), LOOPBACK, &["main"]);
    let answer = silent.get("/links/main/agents/nobody").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.text.contains("Search all agents"));
    assert_eq!(house.get("/links/none/agents/ada").await.status, StatusCode::NOT_FOUND);
}
