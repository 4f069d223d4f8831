//! Programs: a token in each request, and what becomes of those who guess.

use super::*;

fn bearer(path: &str, token: &str) -> axum::http::request::Builder {
    from("192.0.2.77", path).header(header::AUTHORIZATION, format!("Bearer {token}"))
}

#[tokio::test]
async fn a_program_shows_its_token_in_each_request() {
    let house = house(&tokens(), NETWORK);
    assert_eq!(house.answer(empty(bearer("/api/v1/links", VIEWER))).await.status, StatusCode::OK);

    let answer = house.answer(empty(from("192.0.2.77", "/api/v1/links"))).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::UNAUTHORIZED, "application/problem+json"));
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test]
async fn a_wrong_token_is_refused_also_where_everybody_may_look() {
    let house = house(&nobody(), LOOPBACK);
    let answer =
        house.answer(empty(ask("/api/v1/links").header(header::AUTHORIZATION, "Bearer not-a-token-of-ours"))).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.header("www-authenticate").contains("invalid_token"));
}

#[tokio::test]
async fn who_guesses_tokens_is_not_listened_to_for_a_while() {
    let house = house(&tokens(), NETWORK);
    for _ in 0..5 {
        let answer = house.answer(empty(bearer("/api/v1/links", "a-wrong-token-again"))).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let answer = house.answer(empty(bearer("/api/v1/links", VIEWER))).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "whether it is right is not said");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait));

    let elsewhere = from("192.0.2.78", "/api/v1/links").header(header::AUTHORIZATION, format!("bearer {VIEWER}"));
    assert_eq!(house.answer(empty(elsewhere)).await.status, StatusCode::OK, "others are not to blame");
}

#[tokio::test]
async fn logins_are_limited_in_the_same_way() {
    let house = house(&tokens(), LOOPBACK);
    for _ in 0..5 {
        assert_eq!(house.log_in(HERE, ORIGIN, "a-wrong-token-again", "/").await.0.status, StatusCode::UNAUTHORIZED);
    }
    let (answer, session) = house.log_in(HERE, ORIGIN, VIEWER, "/").await;
    assert_eq!((answer.status, session.as_str()), (StatusCode::TOO_MANY_REQUESTS, ""));
    assert!(answer.header("retry-after").parse::<u64>().is_ok() && answer.text.contains("Try again in"));
}

#[tokio::test]
async fn probes_need_no_token_and_metrics_do() {
    let house = house(&tokens(), NETWORK);
    for path in ["/livez", "/readyz"] {
        let status = house.answer(empty(from("192.0.2.77", path))).await.status;
        assert!([StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE].contains(&status), "{path} {status}");
    }
    assert_eq!(house.answer(empty(from("192.0.2.77", "/metrics"))).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.answer(empty(bearer("/metrics", VIEWER))).await.status, StatusCode::OK);
}
