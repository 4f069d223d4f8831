//! Sessions: how they begin, what their cookie is like, and how they end.

use super::*;

#[tokio::test]
async fn a_token_begins_a_session_that_leads_to_where_one_wanted_to_go() {
    let house = house(&tokens(), LOOPBACK);
    let (answer, session) = house.log_in(HERE, ORIGIN, VIEWER, "/links/main/agents?page=2").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/links/main/agents?page=2");
    assert!(!session.contains(VIEWER));

    let page = house.answer(empty(ask("/").header(header::COOKIE, &session))).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains(VIEWER) && !page.text.contains(ADMIN), "no page has a token");
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let house = house(&tokens(), LOOPBACK);
    let (answer, _) = house.log_in(HERE, ORIGIN, VIEWER, "/").await;
    let line = answer.headers.get_all(header::SET_COOKIE).iter().next().unwrap().to_str().unwrap();
    assert!(line.contains("; HttpOnly") && line.contains("; SameSite=Strict") && !line.contains("Secure"), "{line}");

    let access = Access { hosts: vec!["console.example".to_owned()], ..tokens() };
    let house = self::house(&access, LOOPBACK);
    let (answer, session) = house.log_in("console.example", "https://console.example", VIEWER, "/").await;
    let line = answer.headers.get_all(header::SET_COOKIE).iter().next().unwrap().to_str().unwrap();
    assert!(line.contains("; Secure") && session.starts_with("__Host-"), "{line}");
}

#[tokio::test]
async fn nobody_logs_in_over_a_network_without_tls() {
    let house = house(&tokens(), NETWORK);
    let (answer, session) = house.log_in("bridge.example", "http://bridge.example", VIEWER, "/").await;
    assert_eq!((answer.status, session.as_str()), (StatusCode::FORBIDDEN, ""));
    assert!(answer.text.contains("TLS"), "{}", answer.text);
}

#[tokio::test]
async fn a_wrong_token_begins_nothing_and_is_not_repeated() {
    let house = house(&tokens(), LOOPBACK);
    let (answer, session) = house.log_in(HERE, ORIGIN, "not-one-of-the-tokens", "/").await;
    assert_eq!((answer.status, session.as_str()), (StatusCode::UNAUTHORIZED, ""));
    assert!(!answer.text.contains("not-one-of-the-tokens"));
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_after_the_login() {
    let house = house(&tokens(), LOOPBACK);
    for next in ["https://evil.example/", "//evil.example/", "/\\evil.example"] {
        let (answer, _) = house.log_in(HERE, ORIGIN, VIEWER, next).await;
        assert_eq!(answer.header("location"), "/", "{next}");
    }
}

#[tokio::test]
async fn a_logout_ends_the_session_on_the_server_too() {
    let house = house(&tokens(), LOOPBACK);
    let (_, session) = house.log_in(HERE, ORIGIN, VIEWER, "/").await;
    let page = house.answer(empty(ask("/").header(header::COOKIE, &session))).await;
    let form = encode(&[("form_token", page.field("form_token"))]);

    let answer = house.answer(post("/logout", HERE, ORIGIN).header(header::COOKIE, &session).body(form).unwrap()).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/login"));
    let again = house.answer(empty(ask("/").header(header::COOKIE, &session))).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "the cookie opens nothing any more");
}

#[tokio::test]
async fn another_run_does_not_know_the_session() {
    let (_, session) = house(&tokens(), LOOPBACK).log_in(HERE, ORIGIN, VIEWER, "/").await;
    let answer = house(&tokens(), LOOPBACK).answer(empty(ask("/").header(header::COOKIE, &session))).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test(start_paused = true)]
async fn after_twelve_hours_the_token_is_asked_for_again() {
    let house = house(&tokens(), LOOPBACK);
    let (_, session) = house.log_in(HERE, ORIGIN, VIEWER, "/").await;
    tokio::time::advance(crate::access::sessions::LIFETIME).await;
    let answer = house.answer(empty(ask("/").header(header::COOKIE, &session))).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}
