//! What happens is seen without doing anything, and when nothing can be seen any more, that is said.

use std::time::{Duration, Instant};

use super::browser::{Browser, has, quoted};
use super::setting::Setting;
use crate::harness::User;

/// The console's promise: what happens in PureConnect is on an open page within this time.
const PROMISE: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_seen_within_two_seconds_and_disturbs_nobody() {
    let setting = Setting::with(60).await;
    let browser = Browser::at(&setting.origin).await;
    let ada = &setting.users[0];
    browser.goto(&setting.page("agents")).await;
    // Somebody searches; what is typed is looked for at once.
    browser.fill("#search", &ada.agent).await;
    browser.until("document.querySelectorAll(\"main tbody tr a[href*='/agents/']\").length === 1").await;
    browser.until(&row_has(ada, "Available")).await;
    let loads = "performance.getEntriesByType('navigation').length";
    let before = browser.value(loads).await;
    let mut slowest = Duration::ZERO;
    for (status, shown) in [("In a meeting", "In a meeting"), ("Do Not disturb", "Do Not"), ("Available", "Available")]
    {
        let happens = Instant::now();
        setting.simulators.status(&ada.agent, status).await;
        browser.until_within(PROMISE.saturating_sub(happens.elapsed()), &row_has(ada, shown)).await;
        slowest = slowest.max(happens.elapsed());
    }
    println!("the slowest of three changes was on the page after {} ms", slowest.as_millis());
    let search = "document.getElementById('search')";
    assert_eq!(browser.value(&format!("{search}.value")).await, ada.agent, "what was typed stays");
    assert_eq!(browser.value(&format!("document.activeElement === {search}")).await, true, "the focus stays");
    assert_eq!(browser.value(loads).await, before, "the page was not loaded again");

    // The same on the agent's own page, and of how many are in step on the overview.
    browser.goto(&setting.agent(ada)).await;
    let happens = Instant::now();
    setting.simulators.status(&ada.agent, "In a meeting").await;
    browser.until_within(PROMISE.saturating_sub(happens.elapsed()), &has("main", "In a meeting")).await;
    println!("on the agent's page after {} ms", happens.elapsed().as_millis());
    browser.leave().await;
    setting.bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bridge_that_is_gone_is_missed_and_one_that_is_back_is_followed() {
    let mut setting = Setting::with(5).await;
    let mut browser = Browser::at(&setting.origin).await;
    let ada = &setting.users[0];
    browser.goto(&setting.page("agents")).await;
    browser.until(&row_has(ada, "Available")).await;
    assert_eq!(browser.value("document.getElementById('lost').hidden").await, true);

    browser.may_say("net::ERR_");
    setting.bridge.halt().await;
    browser.sees("#lost:not([hidden])", "Not connected to the bridge since").await;
    browser.until(&row_has(ada, "Available")).await;

    setting.simulators.status(&ada.agent, "In a meeting").await;
    let listens = format!("listen = {}", quoted(setting.origin.trim_start_matches("http://")));
    setting.bridge.edit(|text| text.replace("listen = \"127.0.0.1:0\"", &listens));
    setting.bridge.restart();
    browser.until("document.getElementById('lost').hidden").await;
    browser.until(&row_has(ada, "In a meeting")).await;
    browser.leave().await;
    setting.bridge.stop().await;
}

/// An expression: the agent's row in the list has these words.
fn row_has(user: &User, words: &str) -> String {
    let link = quoted(&format!("main a[href$='/agents/{}']", user.agent));
    format!("document.querySelector({link})?.closest('tr')?.innerText.includes({})", quoted(words))
}
