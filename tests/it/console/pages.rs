//! Every page, with nobody and with thousands on it: what it shows, how it is searched and leafed through, and the same
//! without scripts and on a phone.

use std::time::Instant;

use super::browser::{Browser, quoted};
use super::setting::{Setting, spoken};

/// A page that is larger than this would not be read by anybody, and not be swapped each second.
const LARGEST: u64 = 400_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_there_and_every_page_says_so() {
    let setting = Setting::with(0).await;
    let browser = Browser::at(&setting.origin).await;
    for (heading, path) in setting.pages() {
        browser.goto(&path).await;
        browser.sees("main h1", &heading).await;
        browser.sees("nav [aria-current=page]", &heading).await;
        assert_eq!(browser.count("main tbody tr a[href*='/agents/']").await, 0, "{path}");
    }
    for page in ["agents", "users"] {
        browser.goto(&setting.page(page)).await;
        browser.sees("main .empty", "").await;
    }
    browser.leave().await;
    setting.bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_agents_are_searched_filtered_and_leafed_through() {
    let setting = Setting::with(5_000).await;
    let browser = Browser::at(&setting.origin).await;
    for (heading, path) in setting.pages() {
        let asked = Instant::now();
        browser.goto(&path).await;
        browser.sees("main h1", &heading).await;
        println!("{heading}: {} ms", asked.elapsed().as_millis());
        let size = browser.value("document.documentElement.outerHTML.length").await.as_u64().unwrap();
        assert!(size < LARGEST, "{path} has {size} characters");
    }

    browser.goto(&setting.page("agents")).await;
    browser.sees("main", "5\u{202f}000 agents").await;
    let first = rows(&browser).await;
    assert_eq!(first.len(), 50, "a page of them");
    browser.click("main a[rel=next]").await;
    browser.until("location.search.includes('page=2')").await;
    let second = rows(&browser).await;
    assert_eq!(second.len(), 50);
    assert!(first.iter().all(|one| !second.contains(one)), "each agent is on one page");
    browser.click("main a[rel=prev]").await;
    browser.until("!location.search.includes('page=2')").await;
    assert_eq!(rows(&browser).await, first);

    let somebody = &setting.users[4_321];
    browser.fill("main input[name=search]", &somebody.agent).await;
    browser.press("\u{E007}").await;
    browser.until(&format!("document.querySelectorAll({}).length === 1", quoted(ROWS))).await;
    assert_eq!(rows(&browser).await, [format!("{}/{}", setting.page("agents"), somebody.agent)]);
    browser.click(ROWS).await;
    browser.sees("main h1", &spoken(&somebody.agent)).await;

    setting.simulators.status(&somebody.agent, "In a meeting").await;
    browser.goto(&format!("{}?presence=Meeting", setting.page("agents"))).await;
    browser.until(&format!("document.querySelectorAll({}).length === 1", quoted(ROWS))).await;
    browser.goto(&format!("{}?routing=IDLE", setting.page("agents"))).await;
    browser.sees("main", "4\u{202f}999").await;
    browser.goto(&format!("{}?search=nobody.of.this.name", setting.page("agents"))).await;
    browser.sees("main .empty", "").await;
    browser.leave().await;
    setting.bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_work_without_scripts_and_fit_a_phone() {
    let setting = Setting::with(60).await;
    let browser = Browser::at(&setting.origin).await;
    browser.without_scripts().await;
    browser.screen(360, 740, true).await;
    for (heading, path) in setting.pages() {
        browser.goto(&path).await;
        browser.sees("main h1", &heading).await;
        let width = browser.value("document.documentElement.scrollWidth").await;
        assert_eq!(width, 360, "{path} is as wide as the phone");
    }
    // Forms and links do without, too: the search, the next page, an agent.
    browser.goto(&setting.page("agents")).await;
    browser.click("main a[rel=next]").await;
    browser.until("location.search.includes('page=2')").await;
    assert_eq!(rows(&browser).await.len(), 10);
    browser.fill("main input[name=search]", &setting.users[7].agent).await;
    browser.press("\u{E007}").await;
    browser.until(&format!("document.querySelectorAll({}).length === 1", quoted(ROWS))).await;
    assert_eq!(browser.value("document.getElementById('show-keys').hidden").await, true, "no keys without scripts");
    browser.leave().await;
    setting.bridge.stop().await;
}

/// The links to the agents of the list.
const ROWS: &str = "main tbody tr a[href*='/agents/']";

/// Where they lead.
async fn rows(browser: &Browser) -> Vec<String> {
    let links = format!("[...document.querySelectorAll({})].map(link => link.pathname)", quoted(ROWS));
    let links = browser.value(&links).await;
    links.as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned()).collect()
}
