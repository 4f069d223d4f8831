//! The configuration file, the journal and the control socket.

use super::scene::{Scene, findings, page};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_with_mistakes() {
    let scene = Scene::between(1).await;
    scene.configure(|text| text.replace("hosts =", "host =").replace("client_id =", "client_id = 7 #"));
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(78), "{}", checked.stdout);
    page("a_configuration_with_mistakes", &scene, &checked);
    let (code, told) = scene.told().await;
    assert_eq!(code, Some(78));
    assert_eq!(findings(&told)[0]["code"], "configuration-invalid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_cannot_be_written() {
    let scene = Scene::with(1, "[journal]\npath = \"nowhere/bridge.journal\"\n").await;
    let (code, told) = scene.told().await;
    assert_eq!(code, Some(74), "{told:#}");
    assert!(findings(&told).iter().any(|finding| finding["code"] == "journal-not-usable"), "{told:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_is_none() {
    let scene = Scene::between(1).await;
    std::fs::write(scene.path("presence-bridge.journal"), "Dear diary.\n".repeat(99)).unwrap();
    let (code, told) = scene.told().await;
    assert_eq!(code, Some(65), "{told:#}");
    assert!(findings(&told).iter().any(|finding| finding["code"] == "journal-not-ours"), "{told:#}");
}
