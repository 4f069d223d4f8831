//! An administrator looks what each status message means, and tries another.

use domain::ids::StatusId;
use domain::source::{Catalogue, UserStatus};
use domain::target::Definitions;
use mapping::{Known, Options, Precedence, Rules, Source};
use replicator::Command;
use replicator::engine::AgentReport;
use tokio::sync::mpsc;

use crate::board::LinkBoard;
use crate::model;
use crate::samples::{agent, at_lunch, catalogue, message, picture};
use crate::shown::{By, Mapping, Tried, TryMapping};

const OWN: &str = "
[[rule]]
name = \"coaching\"
when = { message = \"Coaching\" }
presence = \"Meeting\"
routing = \"OFF_QUEUE\"
";

fn rules() -> Rules {
    let own = [Source { name: "rules.toml", text: OWN }];
    let definitions: Option<&Definitions> = None;
    Rules::compile(Options { precedence: Precedence::Printed }, &own, Known { catalogue: None, definitions }).unwrap()
}

/// Runs a link that answers one question.
async fn asked<T>(link: LinkBoard, question: impl AsyncFnOnce(&LinkBoard) -> T) -> T {
    let (commands, mut orders) = mpsc::channel(1);
    let link = LinkBoard { commands, ..link };
    let running = tokio::spawn(async move {
        let Some(Command::Rules(answer)) = orders.recv().await else { panic!("the rules are asked for") };
        drop(answer.send(rules()));
    });
    let answer = question(&link).await;
    running.await.unwrap();
    answer
}

async fn mapped(link: LinkBoard) -> Mapping {
    asked(link, async |link| model::mapping(link).await).await.unwrap()
}

async fn tried(wanted: TryMapping) -> Tried {
    asked(picture(Vec::new()), async |link| model::try_mapping(link, &wanted).await).await.unwrap()
}

fn floor() -> LinkBoard {
    let odd = UserStatus { status: StatusId::new("Gone Fishing"), since: None, logged_in: true, until: None };
    picture(vec![
        agent("ada"),
        agent("ben"),
        at_lunch("cleo", "2026-11-23T07:45:00Z"),
        AgentReport { status: Some(odd), message: None, unknown_status: true, ..agent("dora") },
    ])
}

#[tokio::test]
async fn each_status_message_has_its_presence_its_rule_and_who_is_in_it() {
    let mapping = mapped(floor()).await;
    let told: Vec<_> = mapping
        .statuses
        .iter()
        .map(|status| (status.message.id.as_str(), status.presence.as_str(), status.by, status.agents))
        .collect();
    let expected = [
        ("At Lunch", "Break", By::VendorRow, 1),
        ("Available", "On Queue", By::VendorRow, 2),
        ("Coaching", "Meeting", By::OwnRule, 0),
    ];
    assert_eq!(told, expected);
    let coaching = &mapping.statuses[2];
    assert_eq!((coaching.rule.as_str(), coaching.routing.as_deref()), ("coaching", Some("OFF_QUEUE")));
    assert_eq!(coaching.from, "rules.toml:2");
}

#[tokio::test]
async fn a_status_that_the_catalogue_does_not_have_is_listed_with_who_is_in_it() {
    let mapping = mapped(floor()).await;
    let unknown: Vec<_> = mapping.unknown.iter().map(|status| (status.id.as_str(), status.agents)).collect();
    assert_eq!(unknown, [("Gone Fishing", 1)]);
}

#[tokio::test]
async fn rules_are_in_their_order_with_what_they_decide() {
    let mapping = mapped(floor()).await;
    let first = &mapping.rules[0];
    assert_eq!((first.number, first.name.as_str(), first.statuses, first.agents), (1, "coaching", 1, 0));
    let deciding: u64 = mapping.rules.iter().map(|rule| rule.statuses).sum();
    assert_eq!(deciding, 3, "one rule decides about each");
    assert_eq!(mapping.rules.iter().map(|rule| rule.agents).sum::<u64>(), 3);
}

#[tokio::test]
async fn what_is_probably_not_meant_is_found_and_marked_at_its_status() {
    let mapping = mapped(floor()).await;
    let precedence = mapping.findings.iter().find(|finding| finding.code == "precedence-matters").unwrap();
    assert_eq!(precedence.each[0].statuses, ["At Lunch"]);
    assert!(precedence.each[0].line.contains("Break as printed, Meal message-first"), "{precedence:?}");
    assert!(precedence.advice.contains("[mapping]"), "{precedence:?}");
    assert!(mapping.statuses[0].findings.contains(&"precedence-matters".to_owned()));
    assert!(mapping.statuses[2].findings.is_empty(), "an own rule is meant");
}

#[tokio::test]
async fn a_system_that_has_shown_nothing_yet_has_rules_and_no_statuses() {
    let mapping = mapped(LinkBoard { catalogue: Catalogue::default().into(), ..picture(Vec::new()) }).await;
    assert!(mapping.statuses.is_empty() && mapping.unknown.is_empty());
    assert_eq!(mapping.rules.len(), rules().rows().count());
}

#[tokio::test]
async fn a_status_of_the_system_is_tried_by_its_id_or_its_text() {
    for name in ["at lunch", "AT LUNCH"] {
        let tried = tried(TryMapping { status: Some(name.to_owned()), acd: true, ..TryMapping::default() }).await;
        assert!(tried.known && !tried.message.acd, "what it is counts, not what else was ticked");
        assert_eq!(tried.presence, "Break");
        assert!(tried.near_misses.iter().any(|miss| miss.presence == "Meal"), "{tried:?}");
        assert_eq!(tried.other_precedence.unwrap().presence, "Meal");
    }
}

#[tokio::test]
async fn a_status_that_does_not_exist_yet_is_tried_by_its_properties() {
    let wanted = TryMapping {
        text: Some("Fire drill".to_owned()),
        group: Some("Emergency".to_owned()),
        dnd: true,
        ..TryMapping::default()
    };
    let told = tried(wanted).await;
    assert_eq!((told.known, told.presence.as_str(), told.message.group.as_str()), (false, "Away", "Emergency"));
    assert!(told.because.contains("Do Not Disturb") || told.because.contains("dnd") || !told.because.is_empty());
    let own = tried(TryMapping { status: Some("Coaching.".to_owned()), ..TryMapping::default() }).await;
    assert_eq!((own.known, own.rule.as_str(), own.routing.as_deref()), (false, "coaching", Some("OFF_QUEUE")));
}

#[test]
fn a_form_and_json_say_the_same() {
    let expected = TryMapping { text: Some("Fire drill".to_owned()), dnd: true, ..TryMapping::default() };
    let json = serde_json::from_str::<TryMapping>(r#"{ "text": "Fire drill", "dnd": true, "acd": false }"#);
    assert_eq!(json.unwrap(), expected);
    let uri = "/mapping?status=&text=Fire+drill&group=&dnd=on".parse().unwrap();
    let axum::extract::Query(form) = axum::extract::Query::<TryMapping>::try_from_uri(&uri).unwrap();
    assert_eq!(form, expected);
    let wrong = "/mapping?dnd=perhaps".parse().unwrap();
    assert!(axum::extract::Query::<TryMapping>::try_from_uri(&wrong).is_err());
}

#[test]
fn texts_are_found_whatever_language_they_are_in() {
    let catalogue: Catalogue = catalogue().iter().cloned().chain([message("ÜBUNG", "Training")]).collect();
    assert!(catalogue.get(&StatusId::new("übung")).is_some());
}
