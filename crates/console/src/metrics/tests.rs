//! What is exposed is read as strictly as the formats are written down, and what is made of it is held against it.

mod full;
mod operations;
mod parser;
mod promql;

use std::collections::BTreeSet;

use self::parser::{Format, parse};
use super::exposition::{classic, open_metrics};
use super::*;

fn exposed(readings: Vec<Reading>) -> String {
    open_metrics(readings, process::usage()).unwrap()
}

/// Series of a metric with their labels, as text.
#[track_caller]
fn check(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found == *line), "{line}\nis not in\n{text}");
    }
}

#[test]
fn a_full_link_is_exposed_as_both_formats_want_it() {
    let text = exposed(full::readings());
    let families = parse(&text, Format::OpenMetrics);
    let older = classic(&text);
    let same = parse(&older, Format::Classic);
    let samples = |families: &[parser::Family]| -> BTreeSet<String> {
        families.iter().flat_map(|family| &family.samples).map(|sample| format!("{sample:?}")).collect()
    };
    assert_eq!(samples(&families), samples(&same), "both formats say the same");
    assert!(families.len() > 40, "{} families", families.len());
}

#[test]
fn the_numbers_are_those_of_the_report() {
    let text = exposed(vec![full::reading("north")]);
    let lines = [
        r#"presence_bridge_running{link="north"} 1"#,
        r#"presence_bridge_standby{link="north"} 0"#,
        r#"presence_bridge_report_age_seconds{link="north"} 0.25"#,
        r#"presence_bridge_link_info{link="north",mode="workforce_engagement",delivery="events",server="cic1.example.com",release="2024 R2"} 1"#,
        r#"presence_bridge_link_up{link="north",side="source"} 1"#,
        r#"presence_bridge_link_up{link="north",side="target"} 1"#,
        r#"presence_bridge_frozen{link="north"} 1"#,
        r#"presence_bridge_unsupported{link="north",facet="out_of_office"} 1"#,
        r#"presence_bridge_unsupported{link="north",facet="presence"} 0"#,
        r#"presence_bridge_users{link="north",state="synced",reason=""} 300"#,
        r#"presence_bridge_users{link="north",state="not_synced",reason="several_users"} 2"#,
        r#"presence_bridge_users{link="north",state="not_synced",reason="shared"} 0"#,
        r#"presence_bridge_staleness_seconds_bucket{le="0.1",link="north",since="received"} 1"#,
        r#"presence_bridge_staleness_seconds_bucket{le="+Inf",link="north",since="received"} 3"#,
        r#"presence_bridge_staleness_seconds_sum{link="north",since="received"} 20000.08"#,
        r#"presence_bridge_staleness_seconds_count{link="north",since="received"} 3"#,
        r#"presence_bridge_oldest_dirty_seconds{link="north"} 90.0"#,
        r#"presence_bridge_dirty_users{link="north",class="on_queue"} 4"#,
        r#"presence_bridge_predicted_drain_seconds{link="north"} 7.5"#,
        r#"presence_bridge_wrong_agent_seconds_total{link="north",facet="routing_status"} 42.5"#,
        r#"presence_bridge_source_silence_seconds{link="north"} 3.0"#,
        r#"presence_bridge_snapshot_age_seconds{link="north"} 3600.0"#,
        r#"presence_bridge_changes_seen_total{link="north"} 1000"#,
        r#"presence_bridge_conflated_total{link="north"} 30"#,
        r#"presence_bridge_repaired_total{link="north",by="somebody_else"} 5"#,
        r#"presence_bridge_repaired_total{link="north",by="platform"} 6"#,
        r#"presence_bridge_requests_total{link="north",class="read_back",outcome="throttled"} 11"#,
        r#"presence_bridge_requests_total{link="north",class="presence",outcome="ambiguous"} 0"#,
        r#"presence_bridge_ratelimit_allowed{link="north",token="2"} 300"#,
        r#"presence_bridge_ratelimit_remaining{link="north",token="1"} 180"#,
        r#"presence_bridge_ratelimit_remaining{link="north",token="2"} 0"#,
        r#"presence_bridge_token_refused{link="north",token="2"} 1"#,
        r#"presence_bridge_throttled_total{link="north"} 9"#,
        r#"presence_bridge_throttled_seconds_total{link="north"} 12.0"#,
        r#"presence_bridge_batch_fill_ratio{link="north"} 0.25"#,
        r#"presence_bridge_journal_fsync_seconds_count{link="north"} 1"#,
        r#"presence_bridge_lease_epoch{link="north"} 17"#,
        r#"presence_bridge_audit_gap_total{link="north",kind="source_down"} 3"#,
        r#"presence_bridge_open_gaps{link="north",kind="late"} 1"#,
        r#"presence_bridge_open_gaps{link="north",kind="frozen"} 0"#,
    ];
    check(&text, &lines);
    check(&text, &[&format!(r#"presence_bridge_build_info{{version="{}"}} 1"#, env!("CARGO_PKG_VERSION"))]);
}

#[test]
fn a_link_that_does_not_run_has_no_numbers_and_is_not_up() {
    let reading = Reading { report: None, ..full::reading("north") };
    let text = exposed(vec![reading]);
    parse(&text, Format::OpenMetrics);
    check(
        &text,
        &[
            r#"presence_bridge_running{link="north"} 0"#,
            r#"presence_bridge_link_up{link="north",side="source"} 0"#,
            r#"presence_bridge_link_up{link="north",side="target"} 0"#,
            r#"presence_bridge_lease_epoch{link="north"} 17"#,
        ],
    );
    assert!(!text.contains("presence_bridge_users{"), "{text}");
    let standby = Signs { phase: crate::Phase::Standby, ..full::signs("north") };
    let reading = Reading { report: None, epoch: None, signs: Some(standby), ..full::reading("north") };
    let text = exposed(vec![reading]);
    check(&text, &[r#"presence_bridge_standby{link="north"} 1"#]);
    assert!(!text.contains("report_age_seconds{"), "who does not run is not late: {text}");
}

#[test]
fn a_link_that_has_measured_nothing_yet_says_nothing_that_it_does_not_know() {
    let mut report = full::report();
    report.figures = replicator::engine::Figures::default();
    let text = exposed(vec![Reading { report: Some(Arc::new(report)), ..full::reading("north") }]);
    parse(&text, Format::OpenMetrics);
    check(&text, &[r#"presence_bridge_oldest_dirty_seconds{link="north"} 0.0"#]);
    for absent in ["source_silence_seconds{", "snapshot_age_seconds{", "batch_fill_ratio{"] {
        assert!(!text.contains(absent), "{absent} {text}");
    }
}

#[test]
fn a_name_may_have_any_characters() {
    let name = "a \"quoted\"\nname\\with, everything={} é";
    for (text, format) in [
        (exposed(vec![full::reading(name)]), Format::OpenMetrics),
        (classic(&exposed(vec![full::reading(name)])), Format::Classic),
    ] {
        let families = parse(&text, format);
        let names: BTreeSet<&str> = families
            .iter()
            .flat_map(|family| &family.samples)
            .filter_map(|sample| sample.labels.get("link").map(String::as_str))
            .collect();
        assert_eq!(names, BTreeSet::from([name]));
    }
}

#[test]
fn a_scrape_is_as_large_with_100_000_agents_as_with_10() {
    let of = |agents: usize| {
        let mut report = full::report();
        (report.agents, report.synced, report.pending) = (agents, agents / 2, agents / 2);
        exposed(vec![Reading { report: Some(Arc::new(report)), ..full::reading("north") }])
    };
    let series = |text: &str| text.lines().count();
    assert_eq!(series(&of(10)), series(&of(100_000)));
    assert!(of(100_000).len() < 64 * 1_024, "{} bytes", of(100_000).len());
}

#[test]
fn the_process_tells_what_it_uses() {
    let usage = process::usage();
    assert_eq!(usage.is_some(), cfg!(target_os = "linux"));
    let Some(usage) = usage else { return };
    assert!(usage.resident > 1_000_000, "{usage:?}");
    assert!(usage.virtually >= usage.resident, "{usage:?}");
    assert!(usage.open_files > 2, "{usage:?}");
    assert!(usage.threads > 0, "{usage:?}");
    // The year 2020, and far in the future: a start is neither 0 nor in ticks.
    assert!((1_577_836_800.0..9_999_999_999.0).contains(&usage.started), "{usage:?}");
}
