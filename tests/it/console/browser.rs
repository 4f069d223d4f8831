//! A browser, as a person uses it: pages, clicks, keys and what is to be read; and what it complains of.
//!
//! Every look at a page waits for a state: the console swaps its content whenever something happened.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::driver::Driver;
use crate::harness::{PATIENCE, client, within};

/// What WebDriver says when the content was swapped between finding an element and using it.
const SWAPPED: [&str; 4] =
    ["no such element", "stale element reference", "element click intercepted", "element not interactable"];

/// The browser at the console's address.
pub struct Browser {
    driver: Driver,
    origin: String,
    /// Complaints that the story is about.
    expected: Vec<&'static str>,
    left: bool,
}

/// How a person likes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    Light,
    Dark,
}

impl Browser {
    /// Starts one for the pages of this address.
    pub async fn at(origin: &str) -> Self {
        let driver = Driver::start(client()).await;
        // What it shows before the first page is its own, and asks for much.
        driver.post("/url", json!({"url": "about:blank"})).await.unwrap();
        driver.log("performance").await;
        Self { driver, origin: origin.to_owned(), expected: Vec::new(), left: false }
    }

    /// Goes to a page and waits until it is there.
    pub async fn goto(&self, path: &str) {
        let url = format!("{}{path}", self.origin);
        let gone = self.driver.post("/url", json!({"url": url})).await;
        gone.unwrap_or_else(|refused| panic!("{url}: {refused}"));
    }

    /// The path and the query of the page.
    pub async fn path(&self) -> String {
        let url = self.driver.get("/url").await.unwrap();
        let url = url.as_str().unwrap();
        url.strip_prefix(&self.origin).unwrap_or(url).to_owned()
    }

    /// Runs a script of the test in the page.
    pub async fn run(&self, script: &str) {
        let run = self.driver.post("/execute/sync", json!({"script": script, "args": []})).await;
        run.unwrap_or_else(|refused| panic!("{refused}"));
    }

    /// What a JavaScript expression is; of a promise, what it promises.
    pub async fn value(&self, expression: &str) -> Value {
        let script = format!("return {expression};");
        let value = self.driver.post("/execute/sync", json!({"script": script, "args": []})).await;
        value.unwrap_or_else(|refused| panic!("{expression}: {refused}"))
    }

    /// The words of the first element that a selector finds; nothing when there is none.
    pub async fn text(&self, selector: &str) -> String {
        let found = self.value(&format!("document.querySelector({})?.innerText ?? ''", quoted(selector))).await;
        found.as_str().unwrap().to_owned()
    }

    /// How many elements a selector finds.
    pub async fn count(&self, selector: &str) -> usize {
        let found = self.value(&format!("document.querySelectorAll({}).length", quoted(selector))).await;
        usize::try_from(found.as_u64().unwrap()).unwrap()
    }

    /// Waits until an expression is true.
    pub async fn until(&self, expression: &str) {
        self.until_within(PATIENCE, expression).await;
    }

    /// The same with a promise of how long it takes.
    pub async fn until_within(&self, promise: Duration, expression: &str) {
        let truth = format!("Boolean({expression})");
        let what = format!("{expression}, at {}", self.path().await);
        within(promise, &what, || async { (self.value(&truth).await == true).then_some(()) }).await;
    }

    /// Waits until an element has these words.
    pub async fn sees(&self, selector: &str, words: &str) {
        self.until(&has(selector, words)).await;
    }

    /// Clicks an element, as soon as it can be.
    pub async fn click(&self, selector: &str) {
        self.element(selector, "click", json!({})).await;
    }

    /// Writes into a field, in the place of what is there.
    pub async fn fill(&self, selector: &str, text: &str) {
        self.element(selector, "clear", json!({})).await;
        self.element(selector, "value", json!({"text": text})).await;
    }

    /// Presses keys one after another, wherever the focus is. `\u{E004}` is Tab, `\u{E007}` is Enter.
    pub async fn press(&self, keys: &str) {
        let strokes = keys.chars().flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key})));
        let strokes: Vec<Value> = strokes.collect();
        let actions = json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]});
        self.driver.post("/actions", actions).await.unwrap();
    }

    /// Does something with an element, once it is there.
    async fn element(&self, selector: &str, action: &str, body: Value) {
        let what = format!("{action} {selector}, at {}", self.path().await);
        let located = json!({"using": "css selector", "value": selector});
        within(PATIENCE, &what, || async {
            let done = match self.driver.post("/element", located.clone()).await {
                Ok(found) => {
                    let id = found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned();
                    self.driver.post(&format!("/element/{id}/{action}"), body.clone()).await
                }
                Err(refused) => Err(refused),
            };
            match done {
                Ok(_) => Some(()),
                Err(refused) if SWAPPED.contains(&refused.error.as_str()) => None,
                Err(refused) => panic!("{what}: {refused}"),
            }
        })
        .await;
    }

    /// Prefers light or dark pages.
    pub async fn prefers(&self, colours: Colours) {
        let value = match colours {
            Colours::Light => "light",
            Colours::Dark => "dark",
        };
        let wanted = json!([
            {"name": "prefers-color-scheme", "value": value},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.driver.devtools("Emulation.setEmulatedMedia", json!({"features": wanted})).await;
        // Colours that are on their way are nobody's.
        self.until("document.getAnimations().every(one => one.playState !== 'running')").await;
    }

    /// Shows pages on a screen of this size.
    pub async fn screen(&self, width: u32, height: u32, phone: bool) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone});
        self.driver.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Lives in this time zone.
    pub async fn lives_in(&self, zone: &str) {
        self.driver.devtools("Emulation.setTimezoneOverride", json!({"timezoneId": zone})).await;
    }

    /// Runs no scripts of the pages; those of the test run still.
    pub async fn without_scripts(&self) {
        self.driver.devtools("Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
    }

    /// A cookie of the console's address, as the browser keeps it.
    pub async fn cookie(&self, name: &str) -> Option<Value> {
        self.driver.get(&format!("/cookie/{name}")).await.ok()
    }

    /// A picture of what is on the screen, as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let shot = self.driver.devtools("Page.captureScreenshot", json!({"format": "png"})).await;
        STANDARD.decode(shot["data"].as_str().unwrap()).unwrap()
    }

    /// What the browser may complain of from now on, because the story is about it.
    pub fn may_say(&mut self, words: &'static str) {
        self.expected.push(words);
    }

    /// Ends it. It had nothing to complain of, and spoke to the console alone.
    pub async fn leave(mut self) {
        self.left = true;
        assert_eq!(self.complaints().await, Vec::<String>::new(), "the console of the browser");
        assert_eq!(self.elsewhere().await, Vec::<String>::new(), "requests to another host");
        self.driver.end().await;
    }

    /// What it complained of since the last time.
    pub async fn complaints(&self) -> Vec<String> {
        self.driver.log("browser").await.iter().filter_map(|entry| self.complaint(entry)).collect()
    }

    fn complaint(&self, entry: &Value) -> Option<String> {
        let message = entry["message"].as_str().unwrap();
        let expected = self.expected.iter().any(|words| message.contains(words));
        // A warning is one of the page's own making, too: a style that is refused, a form without a label.
        let matters = ["SEVERE", "WARNING"].contains(&entry["level"].as_str().unwrap());
        (matters && !expected).then(|| message.to_owned())
    }

    fn is_ours(&self, url: &str) -> bool {
        url.strip_prefix(&self.origin).is_some_and(|path| path.starts_with('/')) || url.starts_with("data:")
    }

    /// The addresses of others that were asked for since the last time.
    pub async fn elsewhere(&self) -> Vec<String> {
        let entries = self.driver.log("performance").await;
        assert!(!entries.is_empty(), "the network is watched");
        let event = |entry: &Value| serde_json::from_str::<Value>(entry["message"].as_str().unwrap()).unwrap();
        let events = entries.iter().map(event).map(|mut event| event["message"].take());
        let sent = events.filter(|event| event["method"] == "Network.requestWillBeSent");
        let urls = sent.map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned());
        urls.filter(|url| !self.is_ours(url)).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A story that ends well says so, or nobody asks what the browser complained of.
        assert!(self.left || std::thread::panicking(), "`leave` the browser");
    }
}

/// An expression: an element has these words.
pub fn has(selector: &str, words: &str) -> String {
    format!("document.querySelector({})?.innerText.includes({})", quoted(selector), quoted(words))
}

/// A string, as JavaScript writes it.
pub fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
