//! Orders: whose form is taken, and whose is not.

use super::*;

/// A session of an administrator, and what its forms carry.
async fn admin(house: &House) -> (String, String) {
    let (_, session) = house.log_in(HERE, ORIGIN, ADMIN, "/").await;
    let page = house.answer(empty(ask("/").header(header::COOKIE, &session))).await;
    (session, page.field("form_token"))
}

async fn confirm(house: &House, session: &str, origin: Option<&str>, site: Option<&str>, form_token: &str) -> Answer {
    let mut request = Request::post("/links/main/confirm").header(header::HOST, HERE).header(header::COOKIE, session);
    if let Some(origin) = origin {
        request = request.header(header::ORIGIN, origin);
    }
    if let Some(site) = site {
        request = request.header("sec-fetch-site", site);
    }
    house.answer(request.body(encode(&[("form_token", form_token.to_owned())])).unwrap()).await
}

#[tokio::test]
async fn an_administrators_own_form_is_taken() {
    let house = house(&tokens(), LOOPBACK);
    let (session, token) = admin(&house).await;
    let answer = confirm(&house, &session, Some(ORIGIN), Some("same-origin"), &token);
    // Nobody runs the link: it is asked all the same.
    drop(tokio::time::timeout(std::time::Duration::ZERO, answer).await);
    assert_eq!(house.hands.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_order_reaches_the_link() {
    let mut house = house(&tokens(), LOOPBACK);
    let (session, token) = admin(&house).await;
    let mut commands = {
        let (_, nothing) = tokio::sync::mpsc::channel(1);
        std::mem::replace(&mut house.hands[0].commands, nothing)
    };
    let link = async {
        let Some(replicator::Command::Confirm(told)) = commands.recv().await else { panic!("another command") };
        told.send(replicator::engine::Confirmation::NothingFrozen).unwrap();
    };
    let (answer, ()) = tokio::join!(confirm(&house, &session, Some(ORIGIN), Some("same-origin"), &token), link);
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/?link=main&done=nothing-frozen");
}

#[tokio::test]
async fn another_sites_form_is_not_taken_whatever_it_carries() {
    let house = house(&tokens(), LOOPBACK);
    let (session, token) = admin(&house).await;
    for (origin, site) in [
        (Some("https://evil.example"), Some("cross-site")),
        (Some("https://evil.example"), None),
        (Some("http://localhost:3000"), Some("same-site")),
        (Some("null"), None),
        (None, Some("cross-site")),
        (None, None),
    ] {
        let answer = confirm(&house, &session, origin, site, &token).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin:?} {site:?}");
    }
}

#[tokio::test]
async fn a_form_without_its_token_is_not_taken() {
    let house = house(&tokens(), LOOPBACK);
    let (session, token) = admin(&house).await;
    let (other, _) = admin(&house).await;
    for (session, token) in [(&session, ""), (&session, "00"), (&other, token.as_str())] {
        let answer = confirm(&house, session, Some(ORIGIN), Some("same-origin"), token).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.text.contains("out of date"), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_viewers_form_is_not_taken() {
    let house = house(&tokens(), LOOPBACK);
    let (_, session) = house.log_in(HERE, ORIGIN, VIEWER, "/").await;
    let page = house.answer(empty(ask("/").header(header::COOKIE, &session))).await;
    let answer = confirm(&house, &session, Some(ORIGIN), Some("same-origin"), &page.field("form_token")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nobody_is_logged_in_by_another_site() {
    let house = house(&tokens(), LOOPBACK);
    let form = [("form_token", "00".to_owned()), ("token", VIEWER.to_owned())];
    let foreign = post("/login", HERE, "https://evil.example").body(encode(&form)).unwrap();
    assert_eq!(house.answer(foreign).await.status, StatusCode::FORBIDDEN);

    let own = post("/login", HERE, ORIGIN).body(encode(&form)).unwrap();
    let answer = house.answer(own).await;
    assert_eq!((answer.status, answer.cookie("session").as_str()), (StatusCode::FORBIDDEN, ""), "the form is not ours");
}
