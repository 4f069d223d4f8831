//! What is answered instead: each problem has its kind, its status, its words and its place.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::Value;
use tokio::sync::mpsc;

use super::document::Document;
use super::stage::{Stage, answer_frozen};
use crate::house::{Answer, House, LOOPBACK, NETWORK, VIEWER, ask, nobody, tokens};
use replicator::engine::Confirmation;

/// A problem of this kind, with these words in it.
#[track_caller]
fn check(answer: &Answer, status: u16, kind: &str, words: &str) -> Value {
    let problem = Document::new().check_problem(answer);
    assert_eq!(answer.status, status, "{problem}");
    let kind = if kind == "about:blank" { kind.to_owned() } else { format!("urn:presence-bridge:problem:{kind}") };
    assert_eq!(problem["type"], kind, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains(words), "{words:?} is not in {problem}");
    problem
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let stage = Stage::new().await;
    let nothing = stage.get("/api/v1/nothing").await;
    let problem = check(&nothing, 404, "about:blank", "There is nothing at /api/v1/nothing");
    assert_eq!((&problem["title"], &problem["instance"]), (&"Not Found".into(), &"/api/v1/nothing".into()));
    let problem = check(&stage.get("/api/v1/links/north").await, 404, "unknown-link", "there is main");
    assert_eq!((&problem["known"][0], &problem["instance"]), (&"main".into(), &"/api/v1/links/north".into()));
    for path in ["", "/day", "/changes", "/changes.csv"] {
        let answer = stage.get(&format!("/api/v1/links/main/agents/jim{path}")).await;
        check(&answer, 404, "unknown-agent", "has the id \"jim\"");
    }
    check(&stage.order("/api/v1/links/main/agents/jim/resync").await, 404, "unknown-agent", "jim");
    check(&stage.get("/api/v2/links").await, 404, "about:blank", "/api/v2/links");
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_a_problem_that_says_which_it_takes() {
    let stage = Stage::new().await;
    let deleted = stage.house.answer(stage.request("DELETE", "/api/v1/links").body(Body::empty()).unwrap()).await;
    check(&deleted, 405, "about:blank", "does not take DELETE");
    assert_eq!(deleted.header("allow"), "GET,HEAD");
    let got = stage.get("/api/v1/links/main/confirm").await;
    check(&got, 405, "about:blank", "does not take GET");
    assert_eq!(got.header("allow"), "POST");
}

#[tokio::test]
async fn a_parameter_that_is_not_known_is_answered_with_those_that_are() {
    let stage = Stage::new().await;
    let problem = check(
        &stage.get("/api/v1/links/main/agents?serach=jane").await,
        400,
        "unknown-parameter",
        "there is no parameter \"serach\": there are search, presence,",
    );
    assert!(problem["known"].as_array().unwrap().contains(&"search".into()), "{problem}");
    check(&stage.get("/api/v1/links?page=1").await, 400, "unknown-parameter", "there is none here");
    for path in
        ["agents/jane/day?search=x", "stream?link=main", "users?facet=x", "health?day=x", "trust-intervals?page=1"]
    {
        let answer = stage.get(&format!("/api/v1/links/main/{path}")).await;
        check(&answer, 400, "unknown-parameter", "there is no parameter");
    }
}

#[tokio::test]
async fn a_parameter_that_cannot_be_understood_is_named() {
    let stage = Stage::new().await;
    for (query, words) in [
        ("agents?page=two", "page"),
        ("agents?presence=Asleep", "\"Asleep\" is not a presence"),
        ("agents?state=good", "\"good\" is not a synchronisation state"),
        ("agents?sort=shoe-size", "with or without a `-`"),
        ("agents?page=1&page=2", "duplicate field"),
        ("users?set=some", "`matched` or `not-matched`"),
        ("agents/jane/changes?facet=shoes", "unknown variant"),
        ("agents/jane/day?day=yesterday", "\"yesterday\" is no day"),
        ("agents/jane/day?day=2026-11-23&zone=Mars/Olympus", "there is no zone \"Mars/Olympus\""),
        ("agents/jane/day?day=2026-11-23&from=2026-11-23T08:00:00Z", "not both"),
        ("agents/jane/changes?from=08:00", "\"08:00\" is no time"),
        ("agents/jane/changes?from=2026-11-23T08:00:00Z&until=2026-11-23T07:00:00Z", "before it begins"),
        ("agents/jane/changes?from=2026-10-01T00:00:00Z&until=2026-11-23T07:00:00Z", "longer than 31 days"),
    ] {
        check(&stage.get(&format!("/api/v1/links/main/{query}")).await, 400, "invalid-parameter", words);
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_understood_is_a_problem() {
    let stage = Stage::new().await;
    let path = "/api/v1/links/main/mapping/try";
    check(&stage.post(path, "{").await, 400, "invalid-body", "JSON");
    check(&stage.post(path, "[]").await, 400, "invalid-body", "an object is expected");
    check(&stage.post(path, r#"{"acd": "perhaps"}"#).await, 400, "invalid-body", "true or false");
    let problem = check(&stage.post(path, r#"{"txt": "Lunch"}"#).await, 400, "invalid-body", "there is no key \"txt\"");
    assert!(problem["known"].as_array().unwrap().contains(&"text".into()), "{problem}");
    let plain = stage.request("POST", path).body(Body::from("{}")).unwrap();
    check(&stage.house.answer(plain).await, 415, "about:blank", "Content-Type");
    check(&stage.post(path, &" ".repeat(300 * 1_024)).await, 413, "about:blank", "");
}

#[tokio::test]
async fn a_link_that_does_not_run_says_so_and_when_to_come_again() {
    let mut house = House::new(&nobody(), LOOPBACK, &["main"]);
    house.hands[0].trouble.send_replace(Some("the journal is in use".to_owned()));
    house.hands[0].commands = mpsc::channel(1).1;
    let answer = house.get("/api/v1/links/main/mapping").await;
    check(&answer, 503, "link-not-running", "the link main does not run");
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(house.get("/api/v1/links/main").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_journal_that_is_not_there_is_one_clear_problem_and_health_says_it_too() {
    let house = House::with_agents(1).await;
    let agent = house.app.board.links()[0].agents[0].id.clone();
    for path in [format!("agents/{agent}/day"), format!("agents/{agent}/changes"), "trust-intervals".to_owned()] {
        let answer = house.get(&format!("/api/v1/links/main/{path}")).await;
        check(&answer, 503, "journal-unreadable", "there is no journal at no-such-journal.db yet");
        assert_eq!(answer.header("retry-after"), "5");
    }
    let health = house.get("/api/v1/links/main/health").await;
    assert_eq!(health.status, StatusCode::OK);
    let health: Value = serde_json::from_str(&health.text).unwrap();
    assert!(health["journal"]["trouble"].as_str().unwrap().contains("no journal"), "{health}");
    assert_eq!(health["faults"], Value::Null);
}

#[tokio::test]
async fn a_journal_of_an_older_program_is_one_clear_problem() {
    let stage = Stage::new().await;
    store::migrate_down(&stage.journal).await.unwrap();
    let answer = stage.get("/api/v1/links/main/agents/jane/day").await;
    check(&answer, 503, "journal-unreadable", "has schema version 2, and this program reads");
}

#[tokio::test]
async fn orders_take_the_administrator() {
    let stage = Stage::new().await;
    for path in ["/api/v1/links/main/confirm", "/api/v1/links/main/agents/jane/resync"] {
        let as_viewer = stage.house.answer(stage.request("POST", path).body(Body::empty()).unwrap()).await;
        check(&as_viewer, 403, "about:blank", "administrator");
    }
    check(&stage.order("/api/v1/links/main/agents/kim/resync").await, 409, "no-cloud-user", "no user in Genesys Cloud");
    check(&stage.order("/api/v1/links/main/agents/joe/resync").await, 409, "delivery-frozen", "frozen");
}

#[tokio::test]
async fn what_froze_delivery_may_not_be_anybody_s_to_confirm() {
    let mut stage = Stage::new().await;
    for (confirmation, status) in
        [(Confirmation::Confirmed as fn(_) -> _, 200), (Confirmation::NotConfirmable as fn(_) -> _, 409)]
    {
        let access = crate::access::Access { admin_tokens: vec![crate::house::ADMIN.into()], ..nobody() };
        stage.house = House::new(&access, LOOPBACK, &["main"]);
        let commands = std::mem::replace(&mut stage.house.hands[0].commands, mpsc::channel(1).1);
        drop(tokio::spawn(answer_frozen(commands, confirmation)));
        let answer = stage.order("/api/v1/links/main/confirm").await;
        assert_eq!(answer.status, status, "{}", answer.text);
        Document::new().check("post", "/api/v1/links/main/confirm", &answer);
    }
}

#[tokio::test]
async fn whoever_has_no_token_is_answered_with_a_problem() {
    let house = House::new(&tokens(), NETWORK, &["main"]);
    let asked = |token: Option<&str>| {
        let asked = Request::get("/api/v1/links").header(header::HOST, "bridge.example.com");
        let asked = match token {
            Some(token) => asked.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => asked,
        };
        asked.body(Body::empty()).unwrap()
    };
    let problem = check(&house.answer(asked(None)).await, 401, "about:blank", "token");
    assert_eq!(problem["instance"], "/api/v1/links");
    check(&house.answer(asked(Some("not-the-token-at-all"))).await, 401, "about:blank", "token");
    assert_eq!(house.answer(asked(Some(VIEWER))).await.status, StatusCode::OK);
    let order = Request::post("/api/v1/links/main/confirm").header(header::HOST, "bridge.example.com");
    let order = order.header(header::AUTHORIZATION, format!("Bearer {VIEWER}")).body(Body::empty()).unwrap();
    check(&house.answer(order).await, 403, "about:blank", "administrator");
}

#[tokio::test]
async fn a_head_has_no_body_and_the_same_headers() {
    let stage = Stage::new().await;
    let head = stage.house.answer(stage.request("HEAD", "/api/v1/links").body(Body::empty()).unwrap()).await;
    assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""));
    let got = stage.house.answer(ask("/api/v1/links").body(Body::empty()).unwrap()).await;
    assert_eq!(head.header("content-type"), got.header("content-type"));
}
