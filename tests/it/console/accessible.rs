//! Each page, light and dark, on a desk and on a phone: axe finds nothing grave.

use super::axe::{self, Finding};
use super::browser::{Browser, Colours};
use super::setting::Setting;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axe_finds_nothing_grave_on_any_page() {
    let setting = Setting::with(60).await;
    let mut browser = Browser::at(&setting.origin).await;
    // A page that is not there is one of the pages.
    browser.may_say("the server responded with a status of 404");
    let ada = &setting.users[0];
    setting.simulators.status(&ada.agent, "In a meeting").await;
    setting.simulators.shows(ada, "Meeting", "OFF_QUEUE").await;
    let beside =
        ["/login", "/no/such/page", "/links/default/agents/nobody"].map(|path| (String::new(), path.to_owned()));
    let mut grave: Vec<String> = Vec::new();
    for (_, path) in setting.pages().into_iter().chain(beside) {
        browser.goto(&path).await;
        for colours in [Colours::Light, Colours::Dark] {
            browser.prefers(colours).await;
            let findings = match colours {
                Colours::Light => axe::findings(&browser).await,
                Colours::Dark => axe::contrasts(&browser).await,
            };
            for finding in &findings {
                println!("{path}, {colours:?}: {}", finding.words());
            }
            grave.extend(
                findings
                    .iter()
                    .filter(|one| one.is_grave())
                    .map(|one: &Finding| format!("{path}, {colours:?}: {}", one.rule)),
            );
        }
    }
    assert_eq!(grave, Vec::<String>::new(), "each is printed above");
    browser.leave().await;
    setting.bridge.stop().await;
}
