//! Where the status messages that PureConnect comes with land.

use domain::ids::StatusId;
use mapping::{Rules, default_catalogue};

use crate::scene::PRINTED;

#[test]
fn every_default_status_and_its_presence() {
    let rules = Rules::built_in(PRINTED);
    let lines: String = default_catalogue()
        .iter()
        .map(|status| {
            let explanation = rules.explain(status);
            format!("{:<24} {:<14} {}\n", status.text, explanation.presence, explanation.mapped.rule)
        })
        .collect();
    insta::assert_snapshot!(lines);
}

#[test]
fn a_status_is_found_by_its_unlocalised_name() {
    let catalogue = default_catalogue();
    assert_eq!(catalogue.len(), 18);
    let status = catalogue.get(&StatusId::new("acdagentnotanswering")).unwrap();
    assert_eq!(status.text, "ACD - Agent Not Answering");
    assert!(status.do_not_disturb && !status.allows_acd);
}

#[test]
fn only_available_allows_acd_calls_and_only_follow_up_is_after_call_work() {
    let catalogue = default_catalogue();
    let acd: Vec<_> = catalogue.iter().filter(|status| status.allows_acd).map(|status| &status.text).collect();
    let acw: Vec<_> = catalogue.iter().filter(|status| status.after_call_work).map(|status| &status.text).collect();
    assert_eq!(acd, ["Available"]);
    assert_eq!(acw, ["Follow Up"]);
}
