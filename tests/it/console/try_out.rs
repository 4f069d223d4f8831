//! The mapping page: what each status means and how many are in it, and what another one would mean.

use super::browser::Browser;
use super::setting::Setting;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_is_tried_out_before_anybody_is_in_it() {
    let setting = Setting::with(3).await;
    let browser = Browser::at(&setting.origin).await;
    browser.goto(&setting.page("mapping")).await;
    // Three are available, and nobody is at lunch.
    browser.until(&row("Available", "3")).await;
    setting.simulators.status(&setting.users[0].agent, "At Lunch").await;
    browser.until(&row("Available", "2")).await;
    browser.until(&row("At Lunch", "1")).await;

    // "At Lunch" is filed under Break in the default catalogue: the printed order says Break, the other one Meal.
    browser.fill("#try-text", "At Lunch").await;
    browser.fill("#try-group", "Break").await;
    browser.click("form.try button[type=submit]").await;
    browser.sees(".answer h3", "At Lunch becomes").await;
    browser.sees(".answer h3", "Break").await;
    browser.sees(".answer", "Meal").await;
    // Whoever is sent the address sees the same.
    browser.goto(&browser.path().await).await;
    browser.sees(".answer h3", "Break").await;
    // One that the system does not have.
    browser.fill("#try-text", "Walking the dog").await;
    browser.fill("#try-group", "Dogs").await;
    browser.click("form.try button[type=submit]").await;
    browser.sees(".answer", "no such status message").await;
    browser.leave().await;
    setting.bridge.stop().await;
}

/// An expression: the row of a status has these words.
fn row(status: &str, words: &str) -> String {
    format!(
        "[...document.querySelectorAll('main tbody tr')].some(row => row.cells[0].innerText.includes('{status}') \
         && [...row.cells].some(cell => cell.innerText.trim() === '{words}'))"
    )
}
