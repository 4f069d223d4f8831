//! The dashboard for Grafana.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Known, between, file};

fn dashboard() -> Value {
    serde_json::from_str(&file("ops/grafana/dashboard.json")).unwrap()
}

/// Panels that show something: all but the headings.
fn panels() -> Vec<Value> {
    let panels = dashboard()["panels"].as_array().unwrap().clone();
    panels.into_iter().filter(|panel| panel["type"] != "row").collect()
}

fn expressions(panel: &Value) -> Vec<(String, String)> {
    let targets = panel["targets"].as_array().unwrap();
    let text = |target: &Value, key: &str| target[key].as_str().unwrap().to_owned();
    targets.iter().map(|target| (text(target, "expr"), text(target, "legendFormat"))).collect()
}

#[test]
fn every_panel_speaks_of_metrics_that_there_are() {
    let known = Known::new();
    for panel in panels() {
        for (expression, legend) in expressions(&panel) {
            let read = known.check(&expression);
            let there: BTreeSet<&str> = read.chosen.iter().flat_map(|chosen| known.labels(&chosen.metric)).collect();
            for label in between(&legend, "{{", "}}") {
                let is_left = !expression.contains(" by (") || read.grouped.iter().any(|grouped| grouped == label);
                assert!(there.contains(label) && is_left, "{label} in the legend of {expression}");
            }
        }
    }
}

#[test]
fn every_metric_of_ours_has_its_panel() {
    let known = Known::new();
    let shown: BTreeSet<String> = panels()
        .iter()
        .flat_map(expressions)
        .flat_map(|(expression, _)| known.check(&expression).chosen)
        .map(|chosen| known.family(&chosen.metric))
        .collect();
    assert_eq!(known.families(), shown, "left: exposed, right: on the dashboard");
}

#[test]
fn every_panel_says_what_it_shows_and_has_its_own_place() {
    let mut ids = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for panel in dashboard()["panels"].as_array().unwrap() {
        let title = panel["title"].as_str().unwrap();
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "the id of {title} is another's, too");
        let at = |key: &str| panel["gridPos"][key].as_u64().unwrap();
        assert!(at("x") + at("w") <= 24, "{title} is too wide");
        for x in at("x")..at("x") + at("w") {
            for y in at("y")..at("y") + at("h") {
                assert!(taken.insert((x, y)), "{title} is over another one");
            }
        }
        if panel["type"] != "row" {
            assert!(panel["description"].as_str().unwrap().ends_with('.'), "{title}");
            assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
            for target in panel["targets"].as_array().unwrap() {
                assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
            }
        }
    }
}

#[test]
fn it_can_be_loaded_anywhere() {
    let dashboard = dashboard();
    assert!(dashboard["schemaVersion"].as_u64().unwrap() >= 38, "Grafana 10");
    assert!(dashboard["id"].is_null(), "an id is given by whoever loads it");
    assert_eq!(dashboard["uid"], "presence-bridge");
    let variables: Vec<&str> =
        dashboard["templating"]["list"].as_array().unwrap().iter().filter_map(|each| each["name"].as_str()).collect();
    assert_eq!(variables, ["datasource", "link"]);
    let known = Known::new();
    known.check(dashboard["annotations"]["list"][1]["expr"].as_str().unwrap());
    let query = dashboard["templating"]["list"][1]["query"]["query"].as_str().unwrap();
    assert_eq!(query, "label_values(presence_bridge_running, link)");
    assert!(known.labels("presence_bridge_running").contains("link"));
}
