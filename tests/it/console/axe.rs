//! Accessibility, judged by axe-core: what it finds on a page.
//!
//! axe-core is test material under the MPL 2.0 (its licence is beside it), and no part of the program.

use serde_json::Value;

use super::browser::Browser;

const AXE: &str = include_str!("axe/axe.min.js");

/// Findings of these weights are mistakes. The others are looked at by people.
const GRAVE: [&str; 2] = ["critical", "serious"];

/// What axe finds on the page that is shown: the rule, how grave, and where.
pub async fn findings(browser: &Browser) -> Vec<Finding> {
    browser.run(AXE).await;
    look(browser, "{resultTypes: ['violations']}").await
}

/// Only what depends on the colours, of a page that was looked at before.
pub async fn contrasts(browser: &Browser) -> Vec<Finding> {
    look(browser, "{runOnly: ['color-contrast', 'link-in-text-block'], resultTypes: ['violations']}").await
}

async fn look(browser: &Browser, options: &str) -> Vec<Finding> {
    let found = browser.value(&format!("axe.run(document, {options})")).await;
    let checked = |kind: &str| found[kind].as_array().map_or(0, Vec::len);
    assert!(checked("passes") + checked("violations") > 0, "axe looked at nothing");
    found["violations"].as_array().unwrap().iter().map(Finding::of).collect()
}

/// One thing that is wrong.
#[derive(Debug)]
pub struct Finding {
    pub rule: String,
    impact: String,
    places: Vec<String>,
}

impl Finding {
    fn of(violation: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let places = violation["nodes"].as_array().unwrap().iter();
        Self {
            rule: text(&violation["id"]),
            impact: text(&violation["impact"]),
            places: places.map(|place| format!("{}: {}", place["html"], place["failureSummary"])).collect(),
        }
    }

    /// All that axe says of it.
    pub fn words(&self) -> String {
        format!("{} ({}):\n  {}", self.rule, self.impact, self.places.join("\n  "))
    }

    /// Whether it keeps somebody from using the page.
    pub fn is_grave(&self) -> bool {
        GRAVE.contains(&self.impact.as_str())
    }
}
