//! `check` against systems that are as they should be, and against each that is not: the page that an administrator
//! reads, as a snapshot. `INSTA_UPDATE=always cargo nextest run -p tests check` renews the pages; read them then.

mod gates;
mod one_line_each;
mod people;
mod places;
mod scene;
mod sides;

use serde_json::json;

use self::scene::{Scene, page};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_perfect_pair() {
    let scene = Scene::between(20).await;
    // The right to see until when is seen on somebody who said so.
    let user = &scene.simulators.users().await[0].agent;
    let until = json!({"untilDateTime": "20991231T170000Z", "hasDate": true, "hasTime": true});
    scene.simulators.act(json!({"act": "status", "user": user, "status": "On Vacation", "until": until})).await;
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(0), "{}{}", checked.stdout, checked.stderr);
    assert_eq!(checked.stderr, "", "no progress where nobody watches");
    page("a_perfect_pair", &scene, &checked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_changed_on_either_side() {
    let scene = Scene::between(5).await;
    let before = scene.simulators.cloud_truth().await;
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
    let after = scene.simulators.cloud_truth().await;
    for kept in ["users", "events", "direct_writes", "out_of_office_writes"] {
        assert_eq!(before[kept], after[kept], "{kept}");
    }
    assert_eq!(scene.sources().await, Vec::<String>::new(), "no presence source was made");
    assert_eq!(scene.sessions().await, 0, "it logged off");
    let logons = scene.icws_requests("/icws/connection", "POST").await;
    assert_eq!(logons, 1, "it logged on once");
    assert_eq!(scene.files(), ["bridge.toml", "password", "secret"], "no journal and no socket was made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bridge_may_run_meanwhile_and_does_not_notice() {
    let mut scene = Scene::between(5).await;
    let mut bridge = scene.start_bridge();
    bridge.logs("everybody is in step").await;
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
    page("while_a_bridge_runs", &scene, &checked);
    let ended = bridge.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("WARN"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_get_everything_and_nobody_gets_a_secret() {
    let scene = Scene::between(8).await;
    let text = scene.check(&[]).await;
    let (code, told) = scene.told().await;
    assert_eq!((code, &told["exit_code"]), (Some(0), &json!(0)));
    let findings = scene::findings(&told);
    for finding in &findings {
        let name = finding["code"].as_str().unwrap();
        assert!(text.stdout.contains(&format!("[{name}]")), "{name} is not on the page");
        assert_eq!(
            finding["severity"] == "ok" || finding["severity"] == "skipped",
            finding["advice"].is_null(),
            "{name}"
        );
    }
    let in_scope = findings.iter().find(|finding| finding["code"] == "users-in-scope").unwrap();
    assert_eq!(in_scope["facts"]["agents"].as_array().unwrap().len(), 8, "all names, and not the first few");
    for secret in [&scene.simulators.icws_password, &scene.simulators.client_secret] {
        assert!(!text.stdout.contains(secret) && !told.to_string().contains(secret), "a secret is shown");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_help_has_examples_and_exit_codes() {
    let help = crate::harness::presence_bridge(&["check", "--help"]).await;
    assert_eq!(help.code, Some(0));
    for words in ["presence-bridge check -c bridge.toml --json", "--link", " 78  ", " 77  ", " 76  ", " 74  ", " 69  "]
    {
        assert!(help.stdout.contains(words), "\"{words}\" is missing in:\n{}", help.stdout);
    }
}
