//! The list of users as somebody reads it.

use axum::http::StatusCode;
use replicator::engine::Unmatched;
use scraper::{Html, Selector};

use crate::house::{House, LOOPBACK, nobody};
use crate::made_up;
use crate::samples;

async fn house() -> House {
    let mut house = House::new(&nobody(), LOOPBACK, &["main"]);
    let agents = vec![
        samples::agent("ada"),
        samples::nobody("bob", Unmatched::NoEmail),
        samples::nobody("cyd", Unmatched::NoEmail),
        samples::nobody("dan", Unmatched::Inactive),
    ];
    let report = made_up::report(samples::eight(), &agents);
    house.tell(report, agents).await;
    house
}

async fn page(house: &House, path: &str) -> Html {
    let answer = house.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    Html::parse_document(&answer.text)
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    let text = |element: scraper::ElementRef<'_>| {
        let text: String = element.text().collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    page.select(&Selector::parse(selector).unwrap()).map(text).collect()
}

fn names(page: &Html) -> Vec<String> {
    texts(page, ".users tbody th a")
}

#[tokio::test]
async fn who_is_not_matched_comes_first_with_what_to_do() {
    let house = house().await;
    let page = page(&house, "/links/main/users").await;
    assert_eq!(texts(&page, ".sums a"), ["4 All users", "1 Matched", "3 Not matched"]);
    assert_eq!(names(&page), ["Bob Example", "Cyd Example", "Dan Example", "Ada Example"]);
    let reasons = texts(&page, "[aria-labelledby=reasons] tbody th");
    assert_eq!(reasons, ["no e-mail in PureConnect", "inactive in Genesys Cloud"]);
    let advice = texts(&page, "[aria-labelledby=reasons] tbody td:last-child");
    assert!(advice[0].contains("Interaction Administrator"), "{advice:?}");
}

#[tokio::test]
async fn filters_are_links_and_say_what_they_are() {
    let house = house().await;
    let narrowed = page(&house, "/links/main/users?reason=no-email").await;
    assert_eq!(names(&narrowed), ["Bob Example", "Cyd Example"]);
    assert_eq!(texts(&narrowed, "#reason option[selected]"), ["no e-mail in PureConnect (2)"]);
    let csv = Selector::parse("a[download]").unwrap();
    assert_eq!(narrowed.select(&csv).next().unwrap().attr("href"), Some("/links/main/users.csv?reason=no%2Demail"));
    let found = page(&house, "/links/main/users?search=dan").await;
    assert_eq!(names(&found), ["Dan Example"]);
    let none = page(&house, "/links/main/users?search=zoe").await;
    assert!(texts(&none, ".empty").concat().contains("Nobody is like that"));
}

#[tokio::test]
async fn the_file_has_whoever_is_found() {
    let house = house().await;
    let file = house.get("/links/main/users.csv?set=not-matched").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"users-main.csv\"");
    let lines: Vec<&str> = file.text.lines().collect();
    assert_eq!(lines.len(), 4, "{}", file.text);
    assert!(lines[1].starts_with("bob,Bob Example,"), "{}", lines[1]);
}

#[tokio::test]
async fn five_thousand_users_are_read_page_by_page() {
    let house = House::with_agents(5_000).await;
    let first = page(&house, "/links/main/users").await;
    assert_eq!(names(&first).len(), 50);
    assert_eq!(texts(&first, ".pages span"), ["Page 1 of 100"]);
    assert_eq!(texts(&first, ".pages a"), ["Next", "Last"]);
    let next = Selector::parse(".pages a[rel=next]").unwrap();
    let next = first.select(&next).next().unwrap().attr("href").unwrap().to_owned();
    let second = page(&house, &next).await;
    assert_eq!(texts(&second, ".pages a"), ["First", "Previous", "Next", "Last"]);
    assert!(names(&first).iter().all(|name| !names(&second).contains(name)) || names(&first) != names(&second));
    let last = page(&house, "/links/main/users?page=9999").await;
    assert_eq!(texts(&last, ".pages span"), ["Page 100 of 100"]);
}

#[tokio::test]
async fn a_link_that_was_never_heard_has_no_users_yet() {
    let house = House::new(&nobody(), LOOPBACK, &["main"]);
    let page = page(&house, "/links/main/users").await;
    assert!(texts(&page, ".empty").concat().contains("Users are not known yet"));
}
