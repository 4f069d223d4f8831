//! The commands that need no server.

use serde_json::Value;

use crate::harness::presence_bridge;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_documents_every_exit_code_and_shows_examples() {
    let finished = presence_bridge(&["--help"]).await;
    assert_eq!(finished.code, Some(0));
    for code in ["0", "1", "2", "69", "70", "74", "76", "77", "78"] {
        let documented = finished.stdout.lines().any(|line| line.trim_start().starts_with(&format!("{code} ")));
        assert!(documented, "{code} is missing in:\n{}", finished.stdout);
    }
    for command in ["run", "demo", "simulate", "explain", "mapping", "config"] {
        assert!(finished.stdout.contains(command), "{command}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_option_is_a_usage_error() {
    assert_eq!(presence_bridge(&["run", "--confg", "x"]).await.code, Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn explain_answers_offline_for_a_name_and_for_flags() {
    let by_name = presence_bridge(&["explain", "At Lunch"]).await;
    assert_eq!(by_name.code, Some(0), "{}", by_name.stderr);
    for words in ["Break", "Meal", "row"] {
        assert!(by_name.stdout.contains(words), "{words} is missing in:\n{}", by_name.stdout);
    }
    let by_flags =
        presence_bridge(&["explain", "--message", "Coffee", "--group", "Unavailable", "--dnd", "--json"]).await;
    let answer: Value = serde_json::from_str(&by_flags.stdout).unwrap();
    assert_eq!(answer["presence"], "Away", "{answer}");
    let unknown = presence_bridge(&["explain", "At Lnch"]).await;
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("At Lunch"), "{}", unknown.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mapping_show_prints_the_nine_rows() {
    let finished = presence_bridge(&["mapping", "show"]).await;
    for presence in ["On Queue", "Training", "Break", "Busy", "Meeting", "Meal", "Out of Office", "Away", "Available"] {
        assert!(finished.stdout.contains(presence), "{presence} is missing in:\n{}", finished.stdout);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schema_is_json_and_the_example_names_every_section() {
    let schema = presence_bridge(&["config", "schema"]).await;
    let schema: Value = serde_json::from_str(&schema.stdout).unwrap();
    let example = presence_bridge(&["config", "example"]).await.stdout;
    let sections = schema["properties"].as_object().unwrap();
    assert!(sections.len() >= 5);
    for section in sections.keys() {
        assert!(example.contains(&format!("[{section}]")), "{section} is missing in the example");
    }
}
