//! PureConnect over TLS with a certificate of its own, as nearly every site has it: refused with the fingerprint to pin,
//! then accepted by CA file, by pin, or by the explicit option; and Genesys Cloud behind a CA of one's own.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

use crate::harness::{Bridge, Simulators};

/// Speaks TLS on one side and plain TCP to a simulator on the other.
pub struct Terminator {
    pub url: String,
    certificate: String,
    _task: AbortOnDropHandle<()>,
}

/// Starts one in front of a simulator.
pub async fn terminate(plain: &str) -> Terminator {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let certificate = signed.cert.pem();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der()));
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![signed.cert.der().clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let target = plain.trim_start_matches("http://").to_owned();
    let task = tokio::spawn(async move {
        let mut connections = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, target) = (acceptor.clone(), target.clone());
            connections.spawn(async move {
                // Who does not trust the certificate hangs up, which is what some of these tests are about.
                let Ok(mut inner) = acceptor.accept(stream).await else { return };
                let mut outer = TcpStream::connect(target).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut inner, &mut outer).await;
            });
        }
    });
    Terminator { url, certificate, _task: AbortOnDropHandle::new(task) }
}

/// Starts a bridge that reaches PureConnect over TLS, with one more line in its section.
fn over_tls(simulators: &Simulators, tls: &Terminator, line: &str) -> Bridge {
    let (icws, url, line) = (simulators.icws.clone(), tls.url.clone(), line.to_owned());
    Bridge::with_config(simulators, |text| {
        text.replace(&icws, &url).replace("[pureconnect]", &format!("[pureconnect]\n{line}"))
    })
}

async fn works(simulators: &Simulators, mut bridge: Bridge) -> String {
    bridge.logs("PureConnect is connected").await;
    let user = &simulators.users().await[0];
    simulators.shows(user, "On Queue", "IDLE").await;
    bridge.stop().await.stderr
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_self_signed_certificate_is_refused_and_its_fingerprint_can_be_pinned() {
    let simulators = Simulators::idle(1).await;
    let tls = terminate(&simulators.icws).await;
    let finished = over_tls(&simulators, &tls, "").finish().await;
    assert_eq!(finished.code, Some(78), "{}", finished.stderr);
    for words in ["ca_file", "fingerprint_sha256", "danger_accept_invalid_certificates"] {
        assert!(finished.stderr.contains(words), "\"{words}\" is missing in:\n{}", finished.stderr);
    }
    let is_digit = |c: char| c.is_ascii_hexdigit() || c == ':';
    let shown = finished.stderr.split(|c| !is_digit(c)).find(|word| word.replace(':', "").len() == 64);
    let fingerprint = shown.expect("the fingerprint is shown");
    works(&simulators, over_tls(&simulators, &tls, &format!("fingerprint_sha256 = \"{fingerprint}\""))).await;

    let other = if fingerprint.starts_with('0') { "1" } else { "0" }.to_owned() + &fingerprint[1..];
    let finished = over_tls(&simulators, &tls, &format!("fingerprint_sha256 = \"{other}\"")).finish().await;
    assert_eq!(finished.code, Some(78), "another certificate than the pinned one: {}", finished.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ca_file_or_the_explicit_option_lets_it_in() {
    let simulators = Simulators::idle(1).await;
    let tls = terminate(&simulators.icws).await;
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, &tls.certificate).unwrap();
    works(&simulators, over_tls(&simulators, &tls, &format!("ca_file = \"{}\"", ca.display()))).await;
    let log = works(&simulators, over_tls(&simulators, &tls, "danger_accept_invalid_certificates = true")).await;
    assert!(
        log.lines().any(|line| line.contains("WARN") && line.contains("WITHOUT CHECKING ITS CERTIFICATE")),
        "loudly logged: {log}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn genesys_cloud_behind_a_ca_of_ones_own() {
    let simulators = Simulators::idle(1).await;
    let tls = terminate(&simulators.cloud).await;
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, &tls.certificate).unwrap();
    let (cloud, url) = (simulators.cloud.clone(), tls.url.clone());
    let bridge = Bridge::with_config(&simulators, |text| {
        text.replace(&cloud, &url)
            .replace("[genesys_cloud]", &format!("[genesys_cloud]\nca_file = \"{}\"", ca.display()))
    });
    works(&simulators, bridge).await;
}
