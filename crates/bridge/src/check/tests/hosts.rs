//! PureConnect's hosts: each way of not getting in is told apart, with what to do.

use domain::source::Release;
use jiff::Timestamp;
use pureconnect::survey::{Certificate, Host, Inside, Logon, Reached, Said, Survey, Trust, Version};
use pureconnect::{Config, Tls};

use super::super::source;
use super::rights::inside;
use super::{marks, read};

fn config() -> Config {
    let imagined = "[pureconnect]\nhosts = [\"cic1.example.com\"]\nuser = \"bridge\"\npassword = { env = \"P\" }\n\
                    [genesys_cloud]\nregion = \"mypurecloud.de\"\nclient_id = \"c\"\nclient_secret = { env = \"S\" }\n";
    crate::config::imagine(imagined).unwrap().links.remove(0).pureconnect
}

fn host(reached: Reached, logon: Logon) -> Host {
    let is_reached = reached == Reached::Yes;
    Host {
        host: "cic1.example.com".to_owned(),
        address: "https://cic1.example.com:8019".to_owned(),
        named_by: None,
        reached,
        certificate: is_reached.then(|| certificate(Trust::Trusted)),
        version: is_reached.then(|| version(20, 3)),
        logon,
    }
}

fn version(year: u32, number: u32) -> Version {
    let release = Release { year, number };
    Version { release, text: format!("{release} Patch4") }
}

fn certificate(trust: Trust) -> Certificate {
    Certificate {
        fingerprint_sha256: "AB:CD:EF".to_owned(),
        subject: "CN=cic1.example.com".to_owned(),
        issuer: "CN=Example".to_owned(),
        not_after: Some("2030-01-01T00:00:00Z".parse().unwrap()),
        trust,
    }
}

fn said(status: u16, id: &str, message: &str) -> Said {
    Said { status, id: id.to_owned(), message: message.to_owned() }
}

fn now() -> Timestamp {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

fn survey(hosts: Vec<Host>, inside: Option<Inside>) -> Survey {
    Survey { hosts, inside, ..Survey::default() }
}

#[test]
fn a_host_is_told_with_its_certificate_its_release_and_the_logon() {
    let accepted = host(Reached::Yes, Logon::Accepted);
    let found = source::hosts(&config(), &survey(vec![accepted], Some(inside())), now());
    insta::assert_snapshot!(read(found));
}

#[test]
fn each_way_of_not_getting_in_is_told_apart() {
    let os = || "os error".to_owned();
    let network = [
        Reached::NameNotFound { said: "no such name".to_owned() },
        Reached::Refused { said: "connection refused".to_owned() },
        Reached::TimedOut,
        Reached::NoHandshake { said: os() },
        Reached::Failed { said: os() },
    ];
    let logons = [
        Logon::NotPureConnect { found: "a web page".to_owned() },
        Logon::WrongCredentials(said(
            400,
            "error.request.connection.authenticationFailure",
            "The authentication failed.",
        )),
        Logon::NoLicence(said(400, "error.license", "")),
        Logon::NotAccepting { alternates: vec!["cic2.example.com".to_owned()], said: said(503, "", "") },
        Logon::Refused(said(403, "", "No.")),
        Logon::Failed { said: os() },
    ];
    let untried = network.into_iter().map(|reached| host(reached, Logon::NotTried));
    let refused = logons.into_iter().map(|logon| host(Reached::Yes, logon));
    // What is as it should be is in another test.
    let found = untried.chain(refused).flat_map(|host| {
        let mut found = source::hosts(&config(), &survey(vec![host], None), now());
        found.retain(|finding| finding.severity.word() != "ok");
        assert_eq!(found.len(), 1, "{found:?}");
        found
    });
    insta::assert_snapshot!(read(found.collect()));
}

#[test]
fn what_is_wrong_with_one_host_is_a_warning_while_another_lets_us_in() {
    let away = host(Reached::TimedOut, Logon::NotTried);
    let backup = host(Reached::Yes, Logon::NotAccepting { alternates: Vec::new(), said: said(503, "", "") });
    let alone = source::hosts(&config(), &survey(vec![away.clone()], None), now());
    assert_eq!(marks(&alone), ["problem source-unreachable"]);
    let both = source::hosts(&config(), &survey(vec![away, backup], Some(inside())), now());
    let trusted = "ok source-certificate-trusted";
    let expected =
        ["warning source-unreachable", "ok source-reachable", trusted, "ok source-release", "ok source-no-logons"];
    assert_eq!(marks(&both), expected);
}

#[test]
fn a_certificate_that_is_not_trusted_is_told_with_the_line_to_pin_it() {
    let mut untrusted = host(Reached::Untrusted, Logon::NotTried);
    untrusted.certificate = Some(certificate(Trust::Untrusted { why: "unknown issuer".to_owned() }));
    let found = source::hosts(&config(), &survey(vec![untrusted], None), now());
    assert_eq!(marks(&found), ["ok source-reachable", "problem source-certificate-untrusted"]);
    assert_eq!(found[1].lines, ["fingerprint_sha256 = \"AB:CD:EF\""]);
    assert_eq!(found[1].facts["fingerprint_sha256"], "AB:CD:EF");
}

#[test]
fn a_certificate_may_be_pinned_unchecked_or_at_its_end() {
    let certified = |tls: Tls, trust: Trust, now: Timestamp| {
        let mut host = host(Reached::Yes, Logon::NotTried);
        host.certificate = Some(certificate(trust));
        host.version = None;
        let config = Config { tls, ..config() };
        marks(&source::hosts(&config, &survey(vec![host], None), now)).remove(1)
    };
    let pinned = Tls { fingerprint_sha256: Some("abcdef".to_owned()), ..Tls::default() };
    assert_eq!(certified(pinned, Trust::Trusted, now()), "ok source-certificate-pinned");
    assert_eq!(certified(Tls::default(), Trust::Unchecked, now()), "warning source-certificate-unchecked");
    let late = "2029-12-24T00:00:00Z".parse().unwrap();
    assert_eq!(certified(Tls::default(), Trust::Trusted, late), "warning source-certificate-ends");
}

#[test]
fn an_old_release_is_unsupported_and_plain_http_across_a_network_a_warning() {
    let mut old = host(Reached::Yes, Logon::TooOld);
    old.version = Some(version(18, 5));
    old.certificate = None;
    old.address = "http://cic1.example.com:8018".to_owned();
    let found = source::hosts(&config(), &survey(vec![old.clone()], None), now());
    let expected = ["ok source-reachable", "warning source-not-encrypted", "problem source-release-too-old"];
    assert_eq!(marks(&found), expected);
    old.host = "127.0.0.1".to_owned();
    let found = source::hosts(&config(), &survey(vec![old], None), now());
    assert!(!marks(&found).contains(&"warning source-not-encrypted".to_owned()), "nobody is in between");
}

#[test]
fn hosts_that_only_servers_name_and_a_configuration_that_cannot_work_are_told() {
    let named = Survey { unlisted_hosts: vec!["cic2.example.com".to_owned()], ..Survey::default() };
    assert_eq!(marks(&source::hosts(&config(), &named, now())), ["warning source-unlisted-hosts"]);
    let wrong = Survey { misconfigured: Some("no certificate in ca.pem".to_owned()), ..Survey::default() };
    assert_eq!(marks(&source::hosts(&config(), &wrong, now())), ["problem source-misconfigured"]);
}
