//! An agent's page: what happened today, when it arrived, and in whose time zone.

use super::browser::{Browser, has, quoted};
use super::setting::{Setting, spoken};

/// Half an hour off, and never UTC: a time in the wrong zone is found.
const ZONE: &str = "America/St_Johns";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supervisor_sees_what_an_agent_did_and_when_it_arrived() {
    let setting = Setting::with(3).await;
    let browser = Browser::at(&setting.origin).await;
    browser.lives_in(ZONE).await;
    let ada = &setting.users[0];
    setting.simulators.status(&ada.agent, "In a meeting").await;
    setting.simulators.shows(ada, "Meeting", "OFF_QUEUE").await;
    browser.goto(&setting.page("agents")).await;
    browser.click(&format!("main a[href$='/agents/{}']", ada.agent)).await;
    browser.sees("main h1", &spoken(&ada.agent)).await;
    browser.sees("#now ~ *, main", "In a meeting").await;

    // The change with its delay, and what support asks for.
    browser.until(&format!("{CHANGE} && {CHANGE}.innerText.match(/\\d (ms|s)/)")).await;
    let words = browser.value(&format!("{CHANGE}.innerText")).await;
    assert!(words.as_str().unwrap().contains("delivered"), "{words}");
    browser.value(&format!("{CHANGE}.querySelector('summary').click()")).await;
    browser.until(&format!("{CHANGE}.innerText.match(/[0-9a-f]{{8}}-[0-9a-f]{{4}}-/)")).await;
    // What was opened stays open when something happens.
    setting.simulators.status(&ada.agent, "Available").await;
    browser.until(&has("table.changes", "On Queue")).await;
    setting.simulators.shows(ada, "On Queue", "IDLE").await;
    assert_eq!(browser.value(&format!("{CHANGE}.querySelector('details').open")).await, true);

    // Both bands of the day, as a picture that can be read aloud, too.
    assert!(browser.count("main figure svg .band").await >= 4, "two presences and two routing statuses");
    browser.until("document.querySelector('main figure svg').getAttribute('role') === 'img'").await;

    // The times are the viewer's, with UTC at hand.
    browser.sees("#zone", ZONE).await;
    let times = browser.value(&wrong_times()).await;
    assert_eq!(times, serde_json::json!([]), "times that are not in {ZONE}");

    // Before the bridge was there, nothing happened.
    browser.goto(&format!("{}?day=2020-02-29", setting.agent(ada))).await;
    browser.sees("main .empty", "").await;
    assert_eq!(browser.count("table.changes tbody tr").await, 0);
    browser.leave().await;
    setting.bridge.stop().await;
}

/// The row of the change of presence that the meeting was.
const CHANGE: &str = "[...document.querySelectorAll('table.changes tbody tr')].find(row => \
    row.innerText.includes('Meeting') && row.innerText.includes('presence'))";

/// An expression: the times that are shown with hours and minutes, but with those of another zone.
fn wrong_times() -> String {
    let local = format!(
        "new Date(time.dateTime).toLocaleTimeString('en-GB', {{timeZone: {}, hour: '2-digit', minute: '2-digit'}})",
        quoted(ZONE)
    );
    format!(
        "[...document.querySelectorAll('main time')].filter(time => /\\d\\d:\\d\\d/.test(time.innerText) \
         && !time.innerText.includes({local})).map(time => time.outerHTML)"
    )
}
