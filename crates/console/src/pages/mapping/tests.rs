//! The mapping as somebody reads it.

use axum::http::StatusCode;
use mapping::{Options, Precedence, Rules};
use replicator::Command;
use scraper::{Html, Selector};

use crate::house::{Answer, House, LOOPBACK, nobody};
use crate::{made_up, samples};

/// The page of a link with a few agents and the vendor's rules.
async fn answer(path: &str) -> Answer {
    let mut house = House::new(&nobody(), LOOPBACK, &["main"]);
    let agents = vec![samples::agent("ada"), samples::at_lunch("bob", "2026-11-23T07:50:00Z")];
    let report = made_up::report(samples::eight(), &agents);
    house.tell(report, agents).await;
    let mut hand = house.hands.remove(0);
    let rules = async {
        while let Some(command) = hand.commands.recv().await {
            let Command::Rules(answer) = command else { panic!("{command:?}") };
            answer.send(Rules::built_in(Options { precedence: Precedence::Printed })).unwrap();
        }
    };
    tokio::select! {
        answer = house.get(path) => answer,
        () = rules => panic!("the link is gone"),
    }
}

async fn page(path: &str) -> Html {
    let answer = answer(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    Html::parse_document(&answer.text)
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    let text = |element: scraper::ElementRef<'_>| {
        let text: String = element.text().collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    page.select(&Selector::parse(selector).unwrap()).map(text).collect()
}

#[tokio::test]
async fn every_status_message_has_what_it_becomes_by_which_rule_and_who_is_in_it() {
    let page = page("/links/main/mapping").await;
    let rows = texts(&page, ".statuses tbody tr");
    let lunch = rows.iter().find(|row| row.starts_with("At Lunch")).unwrap_or_else(|| panic!("{rows:?}"));
    assert!(lunch.contains("vendor row"), "{lunch}");
    assert_eq!(texts(&page, ".rules tbody tr").len(), 9);
    assert_eq!(texts(&page, ".rules tbody tr:first-child th"), ["vendor row 1: On Queue"]);
    assert_eq!(
        texts(&page, "h1, h2"),
        ["Mapping", "Status messages", "Worth a second look", "Try it", "Rules"]
            .into_iter()
            .map(str::to_owned)
            .chain(["Keys".to_owned()])
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn what_is_worth_a_second_look_is_beside_the_row_and_in_the_list() {
    let page = page("/links/main/mapping").await;
    let remarks: Vec<&str> =
        page.select(&Selector::parse("a.remark").unwrap()).map(|remark| remark.attr("href").unwrap()).collect();
    assert!(!remarks.is_empty());
    for remark in remarks {
        assert_eq!(page.select(&Selector::parse(remark).unwrap()).count(), 1, "{remark} leads somewhere");
    }
    assert!(texts(&page, ".finding p").iter().all(|advice| advice.starts_with("What to do:")));
}

#[tokio::test]
async fn the_list_can_be_searched() {
    assert_eq!(texts(&page("/links/main/mapping?search=lunch").await, ".statuses tbody tr").len(), 1);
    assert!(
        texts(&page("/links/main/mapping?search=zzz").await, ".empty")
            .concat()
            .contains("No status message is like that")
    );
    let used = texts(&page("/links/main/mapping?only=used").await, ".statuses tbody th");
    assert_eq!(used.len(), 2, "{used:?}");
}

#[tokio::test]
async fn a_status_message_that_does_not_exist_can_be_tried() {
    let page = page("/links/main/mapping?text=Coaching+%3Cb%3E&group=Break&acd=&dnd=on").await;
    let answer = texts(&page, ".answer").concat();
    assert!(answer.starts_with("Coaching <b> becomes Break"), "{answer}");
    assert!(answer.contains("vendor row 3: Break") && answer.contains("no such status message"), "{answer}");
    assert_eq!(texts(&page, ".rules tr.fired th"), ["vendor row 3: Break ← decides"]);
    let ticked: Vec<&str> =
        page.select(&Selector::parse(".try input[checked]").unwrap()).filter_map(|tick| tick.attr("name")).collect();
    assert_eq!(ticked, ["dnd"], "the form keeps what was tried");
}

#[tokio::test]
async fn one_of_the_systems_is_tried_by_its_id() {
    let page = page("/links/main/mapping?status=At+Lunch").await;
    let text = Selector::parse("#try-text").unwrap();
    assert_eq!(page.select(&text).next().unwrap().attr("value"), Some("At Lunch"));
    assert!(!texts(&page, ".answer").concat().contains("no such status message"));
    assert!(texts(&page, ".answer .fact")[0].starts_with("Rule6. vendor row 6: Meal"));
}

#[tokio::test]
async fn a_link_that_does_not_answer_says_where_else_the_rules_are() {
    let mut house = House::new(&nobody(), LOOPBACK, &["main"]);
    drop(house.hands.remove(0));
    let answer = house.get("/links/main/mapping").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.contains("presence-bridge mapping show"));
}
