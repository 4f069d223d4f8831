//! One of the two sides does not let the bridge in, or is not what it should be.

use serde_json::json;

use super::scene::{Scene, findings, page};
use crate::harness::Simulators;
use crate::tls::terminate;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_region() {
    let other = Simulators::idle(1).await;
    let mut scene = Scene::between(3).await;
    // The secret is known in both: the login service of one region, the API of another.
    let login = format!("login_base_url = \"{}\"", scene.simulators.cloud);
    let (secret, client) = (&scene.simulators.client_secret, &scene.simulators.client_id);
    other.cloud_command(json!({"kind": "add_client", "id": client, "secret": secret})).await;
    scene.configure(|text| text.replace(&login, &format!("login_base_url = \"{}\"", other.cloud)));
    scene.stands_for(&other.cloud, "18081");
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(77), "{}", checked.stdout);
    page("a_wrong_region", &scene, &checked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn something_else_instead_of_the_login_service() {
    let mut scene = Scene::between(3).await;
    let login = format!("login_base_url = \"{}\"", scene.simulators.cloud);
    let icws = scene.simulators.icws.clone();
    scene.configure(|text| text.replace(&login, &format!("login_base_url = \"{icws}\"")));
    scene.stands_for(&icws, "18018");
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(78), "{}", checked.stdout);
    page("not_a_login_service", &scene, &checked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_secret() {
    let scene = Scene::between(3).await;
    scene.simulators.cloud_command(json!({"kind": "set_secret", "secret": "another"})).await;
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(77), "{}", checked.stdout);
    page("an_expired_secret", &scene, &checked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_release() {
    let scene = Scene::between(3).await;
    scene.simulators.act(json!({"act": "release", "year": 18, "number": 5})).await;
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(76), "{}", checked.stdout);
    assert_eq!(scene.icws_requests("/icws/connection", "POST").await, 0, "no password is sent to it");
    page("an_old_release", &scene, &checked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password() {
    let scene = Scene::between(3).await;
    std::fs::write(scene.path("password"), "guessed").unwrap();
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(77), "{}", checked.stdout);
    assert_eq!(scene.icws_requests("/icws/connection", "POST").await, 1, "once, so that no account is locked");
    page("a_wrong_password", &scene, &checked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_licence() {
    let scene = Scene::between(3).await;
    scene.simulators.act(json!({"act": "workforce-licence", "present": false})).await;
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
    page("no_licence", &scene, &checked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_untrusted_certificate() {
    let mut scene = Scene::between(3).await;
    let tls = terminate(&scene.simulators.icws).await;
    let icws = scene.simulators.icws.clone();
    scene.configure(|text| text.replace(&icws, &tls.url).replace("[\"127.0.0.1\"]", "[\"localhost\"]"));
    scene.stands_for(&tls.url, "18019");
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(78), "{}", checked.stdout);
    page("an_untrusted_certificate", &scene, &checked);
    // The line that it prints is the one that helps.
    let line = checked.stdout.lines().find(|line| line.trim().starts_with("fingerprint_sha256 = ")).unwrap().trim();
    scene.configure(|text| text.replace("[pureconnect]", &format!("[pureconnect]\n{line}")));
    let (code, told) = scene.told().await;
    assert_eq!(code, Some(0), "{told:#}");
    let pinned = findings(&told).into_iter().any(|finding| finding["code"] == "source-certificate-pinned");
    assert!(pinned, "{told:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreachable_host_of_a_pair() {
    let scene = Scene::between(3).await;
    let port = scene.simulators.icws.rsplit_once(':').unwrap().1.to_owned();
    // The simulator listens at the first address only.
    scene.configure(|text| {
        text.replace("[\"127.0.0.1\"]", "[\"127.0.0.1\", \"127.0.0.2\"]")
            .replace(&format!("http://127.0.0.1:{port}"), &format!("http://{{host}}:{port}"))
    });
    let (code, told) = scene.told().await;
    assert_eq!(code, Some(0), "{told:#}");
    let away = findings(&told).into_iter().find(|finding| finding["code"] == "source-unreachable").unwrap();
    assert_eq!((&away["severity"], &away["facts"]["host"]), (&json!("warning"), &json!("127.0.0.2")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_sides_out_of_reach() {
    let mut scene = Scene::between(3).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("http://{nobody}");
    let (icws, cloud) = (scene.simulators.icws.clone(), scene.simulators.cloud.clone());
    scene.configure(|text| {
        let text = text.replace(&icws, &nobody).replace(&cloud, &nobody);
        format!("{text}\n[replication]\nstart_patience = \"1s\"\n")
    });
    scene.stands_for(&nobody, "18001");
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(69), "{}", checked.stdout);
    page("both_sides_out_of_reach", &scene, &checked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_waited_for_who_never_answers() {
    let scene = Scene::between(3).await;
    // Connections are accepted by the system, and by nobody else.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let (icws, cloud) = (scene.simulators.icws.clone(), scene.simulators.cloud.clone());
    scene.configure(|text| {
        let text = text.replace(&icws, &address).replace(&cloud, &address);
        let impatient = "request_timeout = \"1s\"";
        let text = text.replace("[genesys_cloud]", &format!("[genesys_cloud]\n{impatient}"));
        let text = text.replace("[pureconnect]", &format!("[pureconnect]\n{impatient}"));
        format!("{text}\n[replication]\nstart_patience = \"2s\"\n")
    });
    let (code, told) = scene.told().await;
    assert_eq!(code, Some(69), "{told:#}");
    let codes: Vec<String> =
        findings(&told).iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect();
    for expected in ["source-unreachable", "target-unreachable"] {
        assert!(codes.iter().any(|code| code == expected), "{codes:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ordinary_organisation_without_the_inject_permissions() {
    let scene = Scene::between(20).await;
    scene.withhold(&["presence:userPresence:inject", "routing:routingstatus:inject"]).await;
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
    page("an_ordinary_organisation", &scene, &checked);
}
