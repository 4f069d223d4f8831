//! Configurations that are wrong: one clear message for each mistake, all at once, with its place; its own exit code.

use crate::harness::{Finished, Simulators, config, presence_bridge};

/// Runs with a configuration that was changed, and expects it to be refused.
async fn refused(change: impl FnOnce(String) -> String) -> Finished {
    let simulators = Simulators::idle(1).await;
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), &simulators, "");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, change(text)).unwrap();
    let finished = presence_bridge(&["run", "-c", path.to_str().unwrap()]).await;
    assert_eq!(finished.code, Some(78), "{}", finished.stderr);
    assert!(!finished.stderr.contains(&simulators.icws_password), "a secret is shown");
    assert!(simulators.icws_requests().await.is_empty(), "nobody was asked anything");
    finished
}

fn has(finished: &Finished, words: &[&str]) {
    for words in words {
        assert!(finished.stderr.contains(words), "\"{words}\" is missing in:\n{}", finished.stderr);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_key_is_named_with_its_line_and_what_was_meant() {
    let finished = refused(|text| text.replace("hosts =", "host =")).await;
    has(&finished, &["bridge.toml:3", "host", "hosts"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_type_is_named_with_its_line() {
    let finished = refused(|text| text.replace("hosts = [\"127.0.0.1\"]", "hosts = 7")).await;
    has(&finished, &["bridge.toml:3", "hosts"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_mistakes_are_reported_at_once() {
    let finished =
        refused(|text| text.replace("hosts = [\"127.0.0.1\"]", "hosts = 7").replace("[log]", "[log]\ncolour = true"))
            .await;
    has(&finished, &["hosts", "colour"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_cannot_be_read_is_named() {
    let finished = refused(|text| text.replace("{ file = \"password\" }", "{ file = \"nowhere\" }")).await;
    has(&finished, &["nowhere", "password"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_in_the_file_itself_is_refused_without_showing_it() {
    let finished = refused(|text| text.replace("{ file = \"password\" }", "\"hunter2\"")).await;
    has(&finished, &["password", "file"]);
    assert!(!finished.stderr.contains("hunter2"), "{}", finished.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_that_is_no_toml_is_placed() {
    let finished = refused(|text| text.replace("[log]", "[log")).await;
    has(&finished, &["bridge.toml:1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_own_rule_with_mistakes_is_placed_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.toml");
    let text = "[[rule]]\nname = \"x\"\nwhen = { mesage = \"At Lunch\" }\npresence = \"Lunsch\"\n";
    std::fs::write(&rules, text).unwrap();
    let path = rules.display().to_string();
    let finished = refused(|text| format!("{text}\n[mapping]\nfile = \"{path}\"\n")).await;
    has(&finished, &["rules.toml:3", "mesage"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_there_is_named() {
    let finished = presence_bridge(&["run", "-c", "/nowhere/bridge.toml"]).await;
    assert_eq!(finished.code, Some(78));
    has(&finished, &["/nowhere/bridge.toml"]);
}
