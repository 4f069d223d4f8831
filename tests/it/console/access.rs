//! Who may come in, and what they may do there.

use super::browser::Browser;
use super::setting::{Setting, spoken};
use crate::harness::keep_secret;

const VIEWER: &str = "viewer-token-0123456789";
const ADMIN: &str = "admin-token-0123456789";

/// With a token for those who look and one for those who act. As environment variables they would be every test's.
async fn guarded(agents: usize) -> Setting {
    let tokens = tempfile::tempdir().unwrap();
    for (name, token) in [("viewer", VIEWER), ("admin", ADMIN)] {
        keep_secret(&tokens.path().join(name), token);
    }
    let folder = tokens.path().display();
    let more =
        format!("viewer_token = {{ file = \"{folder}/viewer\" }}\nadmin_token = {{ file = \"{folder}/admin\" }}\n");
    Setting::guarded(agents, &more, VIEWER).await
}

async fn log_in(browser: &Browser, token: &str) {
    browser.fill("#token", token).await;
    browser.click("button[type=submit]").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_no_token_sees_nothing_and_who_has_one_sees_what_it_is_for() {
    let setting = guarded(3).await;
    let mut browser = Browser::at(&setting.origin).await;
    let ada = &setting.users[0];
    let page = setting.agent(ada);
    // The browser complains of each answer that is a refusal.
    browser.may_say("the server responded with a status of 4");

    browser.goto(&page).await;
    browser.sees("h1", "Log in").await;
    log_in(&browser, "not-a-token-0123456789").await;
    browser.sees("#wrong", "").await;
    assert!(browser.cookie("session").await.is_none());

    log_in(&browser, VIEWER).await;
    browser.sees("main h1", &spoken(&ada.agent)).await;
    assert_eq!(browser.path().await, page, "where one wanted to go");
    assert_eq!(browser.count(RESYNC).await, 0, "who looks does not act");
    let cookies = browser.value("document.cookie").await;
    assert!(!cookies.as_str().unwrap().contains("session"), "scripts cannot read the session: {cookies}");
    let html = browser.value("document.documentElement.outerHTML").await;
    assert!(!html.as_str().unwrap().contains(VIEWER), "no token on a page");

    browser.click("form[action='/logout'] button").await;
    browser.goto(&page).await;
    browser.sees("h1", "Log in").await;

    log_in(&browser, ADMIN).await;
    browser.sees("main h1", &spoken(&ada.agent)).await;
    browser.sees(".role", "Administrator").await;
    browser.click(RESYNC).await;
    browser.sees("main .banner.good", "on its way").await;
    browser.leave().await;
    setting.bridge.stop().await;
}

/// The administrator's button on an agent's page.
const RESYNC: &str = "main form.order button";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_guesses_tokens_has_to_wait() {
    let setting = guarded(0).await;
    let mut browser = Browser::at(&setting.origin).await;
    browser.may_say("the server responded with a status of 4");
    browser.goto("/login").await;
    let mut guesses = 0;
    while !browser.text("#wrong").await.contains("Too many") {
        guesses += 1;
        assert!(guesses < 50, "guessing has no end");
        log_in(&browser, &format!("guess-number-{guesses:06}")).await;
        browser.sees("#wrong", "").await;
    }
    // Even the right one: or guessing would be told apart.
    log_in(&browser, VIEWER).await;
    browser.sees("#wrong", "Too many").await;
    browser.leave().await;
    setting.bridge.stop().await;
}
