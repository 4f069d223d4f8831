//! A working day on which everything goes wrong, one thing after the other: `demo --trouble`.

use serde_json::Value;

use crate::harness::presence_bridge;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_day_full_of_trouble_only_what_nobody_saw_is_missing() {
    let arguments = ["demo", "--trouble", "--agents", "60", "--speed", "150", "--exit-after", "2h", "--json"];
    let finished = presence_bridge(&arguments).await;
    assert_eq!(finished.code, Some(0), "{}\n{}", finished.stdout, finished.stderr);
    let summary: Value = serde_json::from_str(finished.stdout.lines().last().unwrap()).unwrap();
    println!("{summary}");
    for key in ["agents_differ", "lost", "invented", "out_of_order", "journal_flaws"] {
        assert_eq!(summary[key], 0, "{key}: {summary}");
    }
    let number = |value: &Value| value.as_u64().unwrap();
    assert!(number(&summary["transitions"]) > 3_000, "{summary}");
    // The bridge was killed and PureConnect was away: for a tenth of the day nobody listened.
    let unseen = number(&summary["unseen"]);
    assert!(unseen > 50 && unseen < number(&summary["transitions"]) / 4, "{summary}");
    assert!(number(&summary["gaps"]) >= 3, "{summary}");
    assert!(summary["repaired"].as_u64().unwrap() > 0 && number(&summary["throttled"]) > 0, "{summary}");
    let troubles = summary["troubles"].as_array().unwrap();
    assert_eq!(troubles.len(), 7, "{summary}");
    for trouble in troubles {
        assert!(number(&trouble["in_step_s"]) < 900, "{trouble} in {summary}");
        println!("{}: in step again after {} s", trouble["trouble"], trouble["in_step_s"]);
    }
}
