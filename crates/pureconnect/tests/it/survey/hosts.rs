//! What a look at the hosts finds out: who answers, with which certificate and release, and who lets us in.

use std::time::Duration;

use pureconnect::survey::{Logon, Reached, Said, Trust};
use pureconnect::{Config, Tls};
use serde_json::json;

use super::{look, patient};
use crate::bridge::config;
use crate::stub::Stub;
use crate::tls::{authority, encrypted, https, other_authority};

fn hosts(stub: &Stub, hosts: &[&str]) -> Config {
    Config { hosts: hosts.iter().map(|host| (*host).to_owned()).collect(), ..patient(config(stub)) }
}

#[tokio::test]
async fn old_releases_are_sent_no_password() {
    for (major, minor, release, is_supported) in
        [("18", "4", "2018 R4", false), ("19", "3", "2019 R3", false), ("19", "4", "2019 R4", true)]
    {
        let stub = Stub::start().await;
        stub.state().version.1 = json!({"majorVersion": major, "minorVersion": minor, "su": "0", "build": "",
            "productId": "", "codebaseId": ""})
        .to_string();
        let survey = look(&patient(config(&stub))).await;
        let version = survey.hosts[0].version.as_ref().unwrap();
        assert_eq!((version.text.as_str(), version.is_supported()), (release, is_supported));
        assert_eq!(survey.hosts[0].logon == Logon::TooOld, !is_supported);
        assert_eq!((stub.state().logons().count(), survey.inside.is_some()), (usize::from(is_supported), is_supported));
    }
    let stub = Stub::start().await;
    stub.state().version.1 = json!({"majorVersion": "20", "minorVersion": "3", "su": "4",
        "productReleaseDisplayString": "2020 R3", "productPatchDisplayString": "2020 R3 Patch 4 Hotfix"})
    .to_string();
    let survey = look(&patient(config(&stub))).await;
    assert_eq!(survey.hosts[0].version.as_ref().unwrap().text, "2020 R3 Patch 4 Hotfix", "as the server puts it");
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_the_servers_words_are_kept() {
    let stub = Stub::start().await;
    stub.state().password = "another";
    let survey = look(&hosts(&stub, &["127.0.0.1", "127.0.0.2"])).await;
    let said = Said {
        status: 400,
        id: "error.request.connection.authenticationFailure".to_owned(),
        message: "The authentication process failed.".to_owned(),
    };
    assert_eq!(survey.hosts[0].logon, Logon::WrongCredentials(said));
    assert_eq!((&survey.hosts[1].reached, &survey.hosts[1].logon), (&Reached::Yes, &Logon::NotTried));
    assert_eq!((stub.state().logons().count(), survey.inside), (1, None), "an account is not locked by insisting");
}

#[tokio::test]
async fn a_missing_licence_is_told_from_a_wrong_password() {
    let cases = [
        (400, json!({"message": "No license is available for this application."})),
        (403, json!({"errorId": "error.licenses.unavailable", "message": "refused"})),
    ];
    for (status, body) in cases {
        let stub = Stub::start().await;
        stub.state().turned_away = Some((status, body.clone()));
        let survey = look(&patient(config(&stub))).await;
        let Logon::NoLicence(said) = &survey.hosts[0].logon else { panic!("{survey:?}") };
        assert_eq!((said.status, Some(said.message.as_str())), (status, body["message"].as_str()));
    }
    let stub = Stub::start().await;
    stub.state().turned_away = Some((403, json!({"message": "go away"})));
    let survey = look(&patient(config(&stub))).await;
    assert!(matches!(&survey.hosts[0].logon, Logon::Refused(said) if said.message == "go away"), "{survey:?}");
}

#[tokio::test]
async fn a_backup_server_leads_to_the_active_one() {
    let stub = Stub::start().await;
    stub.state().closed = [("127.0.0.1".to_owned(), Some(vec!["127.0.0.9".to_owned(), "127.0.0.2".to_owned()]))].into();
    let survey = look(&hosts(&stub, &["127.0.0.1", "127.0.0.2"])).await;
    let names: Vec<_> = survey.hosts.iter().map(|host| (host.host.as_str(), host.named_by.as_deref())).collect();
    assert_eq!(names, [("127.0.0.1", None), ("127.0.0.9", Some("127.0.0.1")), ("127.0.0.2", None)]);
    let Logon::NotAccepting { alternates, said } = &survey.hosts[0].logon else { panic!("{survey:?}") };
    assert_eq!(alternates, &["127.0.0.9", "127.0.0.2"]);
    assert_eq!((said.status, said.id.as_str()), (503, "error.server.notAcceptingConnections"));
    assert_eq!((&survey.hosts[1].logon, &survey.hosts[2].logon), (&Logon::Accepted, &Logon::NotTried));
    assert_eq!(survey.inside.unwrap().host, "127.0.0.9");
    assert_eq!(survey.unlisted_hosts, ["127.0.0.9"], "the configuration lacks it");
}

#[tokio::test]
async fn hosts_that_send_us_round_in_a_circle_are_looked_at_once_each() {
    let stub = Stub::start().await;
    let to = |host: &str| Some(vec![host.to_owned(), "no host/".to_owned()]);
    stub.state().closed = [("127.0.0.1".to_owned(), to("127.0.0.2")), ("127.0.0.2".to_owned(), to("127.0.0.1"))].into();
    let survey = look(&patient(config(&stub))).await;
    assert_eq!((survey.hosts.len(), survey.inside), (2, None));
    assert_eq!(stub.state().logons().count(), 2);
}

#[tokio::test]
async fn a_host_that_is_not_there_is_told_from_one_that_is_not_pureconnect() {
    let stub = Stub::start().await;
    // Nothing listens on port 9 (discard).
    let survey = look(&Config { base_url: "http://{host}:9".to_owned(), ..patient(config(&stub)) }).await;
    let [host] = &survey.hosts[..] else { panic!("{survey:?}") };
    assert!(matches!(&host.reached, Reached::Refused { said } if said.to_lowercase().contains("refused")), "{host:?}");
    assert_eq!((&host.logon, &host.version, survey.inside), (&Logon::NotTried, &None, None));

    stub.state().version = (200, "<html>Welcome</html>".to_owned());
    let survey = look(&patient(config(&stub))).await;
    assert_eq!(survey.hosts[0].reached, Reached::Yes);
    assert!(matches!(&survey.hosts[0].logon, Logon::NotPureConnect { found } if found.contains("web page")));

    let survey = look(&Config { hosts: Vec::new(), ..config(&stub) }).await;
    assert!(survey.misconfigured.unwrap().contains("`hosts` is empty"));
    assert!(survey.hosts.is_empty());
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_one() {
    let stub = Stub::start().await;
    // Reserved for names that do not exist (RFC 6761).
    let survey = look(&hosts(&stub, &["cic1.invalid"])).await;
    assert!(matches!(&survey.hosts[0].reached, Reached::NameNotFound { said } if !said.is_empty()), "{survey:?}");
}

#[tokio::test]
async fn a_host_has_as_long_as_a_start_may_take() {
    let stub = Stub::start().await;
    stub.state().mute = true;
    let hasty = Config { start_patience: Duration::from_millis(300), ..config(&stub) };
    let survey = look(&hasty).await;
    assert_eq!((&survey.hosts[0].reached, &survey.hosts[0].logon), (&Reached::TimedOut, &Logon::NotTried));

    // What was found by then is kept.
    let stub = Stub::start().await;
    stub.state().answers_subscriptions = false;
    let hasty = Config { start_patience: Duration::from_secs(2), ..config(&stub) };
    let inside = look(&hasty).await.inside.unwrap();
    assert!(inside.interrupted.is_some() && inside.agents.len() == 3, "{inside:?}");
    assert!(stub.state().sessions.is_empty(), "logged off all the same");
}

#[tokio::test]
async fn a_certificate_is_shown_whether_it_is_trusted_or_not() {
    let (stub, pem) = encrypted().await;
    let (strange, _file) = other_authority();
    let survey = look(&patient(https(&stub, strange))).await;
    let host = &survey.hosts[0];
    assert_eq!((&host.reached, &host.logon), (&Reached::Untrusted, &Logon::NotTried));
    assert!(stub.state().requests.is_empty(), "nothing is said to a stranger");
    let shown = host.certificate.clone().unwrap();
    assert_eq!(
        (shown.subject.as_str(), shown.issuer.as_str()),
        ("CN=rcgen self signed cert", "CN=rcgen self signed cert")
    );
    assert_eq!(shown.not_after.unwrap().to_string(), "4096-01-01T00:00:00Z");
    assert!(matches!(&shown.trust, Trust::Untrusted { why } if !why.is_empty()), "{shown:?}");
    assert_eq!(shown.fingerprint_sha256.split(':').filter(|byte| byte.len() == 2).count(), 32, "{shown:?}");

    let (own, _file) = authority(&pem);
    let pinned = Tls { fingerprint_sha256: Some(shown.fingerprint_sha256.clone()), ..Tls::default() };
    let danger = Tls { danger_accept_invalid_certificates: true, ..Tls::default() };
    for (tls, trust) in [(own, Trust::Trusted), (pinned, Trust::Trusted), (danger, Trust::Unchecked)] {
        let survey = look(&patient(https(&stub, tls))).await;
        let seen = survey.hosts[0].certificate.as_ref().unwrap();
        assert_eq!((&seen.trust, &seen.fingerprint_sha256), (&trust, &shown.fingerprint_sha256));
        assert_eq!(survey.inside.unwrap().agents.len(), 3);
    }
    let other = Tls { fingerprint_sha256: Some("00".repeat(32)), ..Tls::default() };
    let survey = look(&patient(https(&stub, other))).await;
    let why = "it is not the pinned one".to_owned();
    assert_eq!(survey.hosts[0].certificate.as_ref().unwrap().trust, Trust::Untrusted { why });
}

#[tokio::test]
async fn a_port_without_tls_has_no_certificate() {
    let stub = Stub::start().await;
    let (tls, _file) = other_authority();
    let survey = look(&patient(https(&stub, tls))).await;
    assert!(matches!(&survey.hosts[0].reached, Reached::NoHandshake { .. }), "{survey:?}");
    assert_eq!(survey.hosts[0].certificate, None);
}
