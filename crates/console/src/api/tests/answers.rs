//! What every operation answers.

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use super::document::Document;
use super::stage::Stage;
use crate::house::{Answer, House, ask};

fn json(answer: &Answer) -> Value {
    assert!(answer.status.is_success(), "{}: {}", answer.status, answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

#[tokio::test]
async fn every_operation_of_the_document_answers_as_it_says() {
    let stage = Stage::new().await;
    let mut document = Document::new();
    for path in [
        "/links",
        "/links/main",
        "/links/main/agents?search=jane&limit=1",
        "/links/main/agents/jane",
        "/links/main/agents/JANE/day",
        "/links/main/agents/jane/day?day=2026-11-23&zone=Europe/Berlin",
        "/links/main/agents/jane/changes",
        "/links/main/agents/jane/changes.csv",
        "/links/main/delays",
        "/links/main/mapping",
        "/links/main/users",
        "/links/main/users.csv",
        "/links/main/health",
        "/links/main/trust-intervals",
        "/openapi.json",
    ] {
        let path = format!("/api/v1{path}");
        let answer = stage.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        document.check("get", &path, &answer);
    }
    let tried = stage.post("/api/v1/links/main/mapping/try", r#"{"text": "Lunch"}"#).await;
    assert_eq!(tried.status, StatusCode::OK, "{}", tried.text);
    document.check("post", "/api/v1/links/main/mapping/try", &tried);
    for (path, status) in [("/links/main/confirm", 200), ("/links/main/agents/jane/resync", 202)] {
        let path = format!("/api/v1{path}");
        let answer = stage.order(&path).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        document.check("post", &path, &answer);
    }
    // A stream does not end; what is in it is shown elsewhere.
    let followed = stage.house.begin(ask("/api/v1/links/main/stream").body(Body::empty()).unwrap()).await;
    let (parts, _) = followed.into_parts();
    let begun = Answer { status: parts.status, headers: parts.headers, text: String::new() };
    document.check("get", "/api/v1/links/main/stream", &begun);
    assert_eq!(document.not_called(), [""; 0]);
}

#[tokio::test]
async fn a_day_shows_both_sides_and_where_they_differed() {
    let stage = Stage::new().await;
    let day = json(&stage.get("/api/v1/links/main/agents/jane/day").await);
    assert_eq!((&day["from"], &day["until"]), (&json!("2026-11-23T00:00:00Z"), &json!("2026-11-24T00:00:00Z")));
    assert_eq!((&day["at"], &day["name"]), (&json!("2026-11-23T08:00:00Z"), &json!("Jane Example")));
    let values = |side: &str| -> Vec<String> {
        let bands = day[side]["presence"].as_array().unwrap().iter();
        bands.map(|band| format!("{} {}", band["value"].as_str().unwrap(), band["from"].as_str().unwrap())).collect()
    };
    let wanted = ["On Queue 2026-11-23T07:00:00Z", "Meal 2026-11-23T07:20:00Z", "On Queue 2026-11-23T07:59:55Z"];
    assert_eq!(values("wanted"), wanted);
    assert_eq!(values("told"), wanted[..2]);
    let late = &day["differences"][1];
    assert_eq!((&late["wanted"], &late["told"]), (&json!("Meal"), &json!("On Queue")));
    assert_eq!((&late["from"], &late["until"]), (&json!("2026-11-23T07:20:00Z"), &json!("2026-11-23T07:20:30Z")));
    assert_eq!(day["gaps"][0]["kind"], "late");
    // In another zone the same day begins and ends at other times.
    let day = json(&stage.get("/api/v1/links/main/agents/jane/day?day=2026-11-23&zone=Asia/Kolkata").await);
    assert_eq!(day["from"], "2026-11-22T18:30:00Z");
}

#[tokio::test]
async fn changes_are_found_paged_and_filtered() {
    let stage = Stage::new().await;
    let path = "/api/v1/links/main/agents/jane/changes";
    let all = stage.get(path).await;
    let ids = |answer: &Answer| -> Vec<String> {
        let changes = json(answer)["changes"].as_array().unwrap().clone();
        changes.iter().map(|change| change["id"].as_str().unwrap()[35..].to_owned()).collect()
    };
    assert_eq!(ids(&all), ["1", "2", "3", "4", "5", "6"]);
    let second = stage.get(&format!("{path}?limit=4&page=2")).await;
    assert_eq!(ids(&second), ["5", "6"]);
    assert_eq!(json(&second)["page"], json!({ "page": 2, "pages": 2, "limit": 4, "found": 6, "total": 6 }));
    assert!(second.header("link").contains(&format!("<{path}?limit=4&page=1>; rel=\"prev\"")), "{:?}", second.headers);
    assert_eq!(ids(&stage.get(&format!("{path}?facet=routing%20status")).await), ["2", "4", "6"]);
    assert_eq!(ids(&stage.get(&format!("{path}?disposition=dropped")).await), ["5"]);
    assert_eq!(ids(&stage.get(&format!("{path}?disposition=pending&facet=presence")).await), [""; 0]);
    let from = "from=2026-11-23T08:20:00+01:00&until=2026-11-23T07:30:00Z";
    assert_eq!(ids(&stage.get(&format!("{path}?{from}")).await), ["3", "4"]);
    let late = &json(&all)["changes"][2];
    assert_eq!((&late["delay"], &late["disposition"]), (&json!(30_000), &json!("delivered")));
    assert_eq!((&late["attempts"][0]["outcome"], &late["text"]), (&json!("throttled"), &json!("At Lunch")));
}

#[tokio::test]
async fn tables_are_files_in_which_nothing_is_a_formula() {
    let stage = Stage::new().await;
    let changes = stage.get("/api/v1/links/main/agents/jane/changes.csv?disposition=dropped").await;
    assert_eq!(changes.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(changes.header("content-disposition"), "attachment; filename=\"changes-jane.csv\"");
    let rows: Vec<&str> = changes.text.lines().collect();
    assert!(rows[0].starts_with("change_id,agent,facet,from,to,") && rows.len() == 2, "{rows:?}");
    assert!(rows[1].contains(",dropped,refused: =SUM(A1) is no presence,0,"), "{}", rows[1]);
    for path in ["agents/jane/changes", "users"] {
        let asked = ask(&format!("/api/v1/links/main/{path}")).header(header::ACCEPT, "text/csv");
        let answer = stage.house.answer(asked.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8", "{path}");
    }
    let users = stage.get("/api/v1/links/main/users.csv?set=not-matched").await;
    assert_eq!(users.text.lines().count(), 3, "{}", users.text);
}

#[tokio::test]
async fn the_pages_of_a_list_lead_from_one_to_the_next() {
    let house = House::with_agents(120).await;
    let mut path = "/api/v1/links/main/agents?limit=50&sort=agent".to_owned();
    let mut seen: Vec<String> = Vec::new();
    loop {
        let answer = house.get(&path).await;
        let page = json(&answer);
        assert_eq!(page["page"]["found"], 120);
        seen.extend(page["agents"].as_array().unwrap().iter().map(|agent| agent["agent"].as_str().unwrap().to_owned()));
        let next = answer.header("link").split(", ").find(|link| link.ends_with("rel=\"next\""));
        match next {
            Some(link) => path = link[1..].split_once('>').unwrap().0.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen.len(), 120);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 120);
}

#[tokio::test]
async fn health_says_how_the_journal_stands_and_what_went_wrong() {
    let stage = Stage::new().await;
    let health = json(&stage.get("/api/v1/links/main/health").await);
    assert_eq!((&health["journal"]["entries"], &health["journal"]["epoch"]), (&json!(14), &json!(1)));
    assert_eq!(health["journal"]["last_written"], "2026-11-23T07:59:58Z");
    assert!(health["journal"]["bytes"].as_u64().unwrap() > 4_096);
    assert_eq!(health["faults"]["failed_attempts"], json!({ "throttled": 1 }));
    assert_eq!(health["faults"]["dropped"], json!({ "refused": 1 }));
    assert_eq!(health["faults"]["gaps"]["late"], json!({ "count": 1, "duration": 21_000, "open": 0 }));
    assert_eq!(health["target"]["region"], "mypurecloud.ie");
    assert_eq!(health["source"]["host"], "cic1.example.com");
}

#[tokio::test]
async fn trust_intervals_are_those_that_reach_into_the_period() {
    let stage = Stage::new().await;
    let path = "/api/v1/links/main/trust-intervals";
    let week = json(&stage.get(path).await);
    assert_eq!((&week["from"], &week["until"]), (&json!("2026-11-16T08:00:00Z"), &json!("2026-11-23T08:00:00Z")));
    assert_eq!(week["intervals"][0]["reason"], "changes wait too long");
    let later = json(&stage.get(&format!("{path}?from=2026-11-23T07:30:00Z&until=2026-11-23T08:00:00Z")).await);
    assert_eq!(later["intervals"], json!([]));
}

#[tokio::test]
async fn a_status_message_can_be_tried() {
    let stage = Stage::new().await;
    let path = "/api/v1/links/main/mapping/try";
    let lunch = json(&stage.post(path, r#"{"text": "Lunch", "group": "Floor"}"#).await);
    assert_eq!((&lunch["presence"], &lunch["known"]), (&json!("Meal"), &json!(false)));
    let acd = json(&stage.post(path, r#"{"text": "Anything", "acd": true}"#).await);
    assert_eq!(acd["presence"], "On Queue");
}
