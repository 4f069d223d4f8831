//! The console without a mouse.

use super::browser::Browser;
use super::setting::Setting;

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";

/// Nobody presses Tab more often than this to get to what the page is about.
const PATIENCE: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_reached_by_keys() {
    let setting = Setting::with(3).await;
    let browser = Browser::at(&setting.origin).await;
    browser.goto("/").await;
    for (keys, place) in [("ga", "agents"), ("gm", "mapping"), ("gu", "users"), ("gh", "health")] {
        browser.press(keys).await;
        browser.until(&format!("location.pathname.endsWith('/{place}')")).await;
        browser.sees("nav [aria-current=page]", "").await;
    }
    browser.press("go").await;
    browser.until("location.pathname === '/'").await;

    browser.press("?").await;
    browser.until("document.getElementById('keys').open").await;
    browser.press(ESCAPE).await;
    browser.until("!document.getElementById('keys').open").await;

    browser.goto(&setting.page("agents")).await;
    browser.press("/").await;
    browser.until("document.activeElement.name === 'search'").await;
    // In a field, letters are letters.
    browser.press("ga/?").await;
    assert_eq!(browser.value("document.activeElement.value").await, "ga/?");
    assert_eq!(browser.path().await, setting.page("agents"));

    // From the top of the page: first the way past the navigation, then on to the list.
    browser.goto(&setting.page("agents")).await;
    browser.press(TAB).await;
    assert_eq!(browser.value("document.activeElement.className").await, "skip");
    browser.press(ENTER).await;
    browser.until("document.activeElement.id === 'main'").await;
    let mut presses = 0;
    while browser.value("Boolean(document.activeElement.closest('tbody a'))").await != true {
        presses += 1;
        assert!(presses < PATIENCE, "the list is too far away");
        browser.press(TAB).await;
        let outlined = "getComputedStyle(document.activeElement).outlineStyle !== 'none'";
        assert_eq!(browser.value(outlined).await, true, "where the focus is, is to be seen");
    }
    browser.press(ENTER).await;
    browser.until(&format!("location.pathname.startsWith({:?})", setting.page("agents/"))).await;
    browser.leave().await;
    setting.bridge.stop().await;
}
