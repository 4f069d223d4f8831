//! Several links in one file: each has its page, and one's problems hide nobody else's.

use super::scene::{Scene, findings, page};

/// The configuration of [`Scene`] as two links; the second can be changed.
fn two_links(scene: &Scene, change: impl FnOnce(String) -> String) {
    scene.configure(|text| {
        let (sides, rest) = text.split_once("[log]").unwrap();
        let link = |name: &str| {
            let tables =
                sides.replace("[pureconnect]", "[link.pureconnect]").replace("[genesys_cloud]", "[link.genesys_cloud]");
            format!("[[link]]\nname = \"{name}\"\n{tables}\n")
        };
        let rest = format!("[log]{rest}");
        format!("{rest}\n{}\n{}", link("north"), change(link("south")))
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_link_has_its_page() {
    let scene = Scene::between(3).await;
    let cloud = scene.simulators.cloud.clone();
    two_links(&scene, |south| south.replace(&cloud, "http://127.0.0.1:1"));
    scene.configure(|text| format!("{text}\n[link.replication]\nstart_patience = \"1s\"\n"));
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(69), "{}", checked.stdout);
    page("two_links", &scene, &checked);
    let north = scene.check(&["--link", "north"]).await;
    assert_eq!(north.code, Some(0), "{}", north.stdout);
    assert!(!north.stdout.contains("target-unreachable"), "{}", north.stdout);
    let nobody = scene.check(&["--link", "west"]).await;
    assert_eq!(nobody.code, Some(2), "{}", nobody.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_with_a_mistake_does_not_hide_the_other() {
    let scene = Scene::between(3).await;
    two_links(&scene, |south| south.replace("hosts =", "host ="));
    let (code, told) = scene.told().await;
    assert_eq!(code, Some(78), "{told:#}");
    let pages = told["pages"].as_array().unwrap();
    let north = pages.iter().find(|page| page["link"] == "north").unwrap();
    let is_fine = |finding: &serde_json::Value| finding["severity"] != "problem";
    assert!(north["findings"].as_array().unwrap().iter().all(is_fine), "{north:#}");
    let wrong = findings(&told).into_iter().find(|finding| finding["code"] == "configuration-invalid").unwrap();
    assert!(wrong["fact"].as_str().unwrap().contains("south"), "{wrong:#}");
    assert!(wrong["lines"].to_string().contains("host"), "{wrong:#}");
}
