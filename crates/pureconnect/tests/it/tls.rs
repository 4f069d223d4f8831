//! Stories of certificates, with real handshakes.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::serve::Listener;
use domain::source::Scope;
use pureconnect::{Config, PureConnect, Tls};
use replicator::ports::FailureKind;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

use crate::bridge::{Bridge, SystemClock, config};
use crate::stub::Stub;

/// A listener whose certificate can be changed while it runs.
struct Encrypted {
    listener: TcpListener,
    certificate: watch::Receiver<TlsAcceptor>,
    /// How many hung up in the handshake.
    refusals: watch::Sender<u32>,
}

impl Listener for Encrypted {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (stream, address) = self.listener.accept().await.unwrap();
            let acceptor = self.certificate.borrow().clone();
            match acceptor.accept(stream).await {
                Ok(stream) => return (stream, address),
                // Whoever does not trust us hangs up in the handshake.
                Err(_) => self.refusals.send_modify(|count| *count += 1),
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A certificate of its own making for both hosts of a pair, and that as PEM.
pub fn certificate() -> (TlsAcceptor, String) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "127.0.0.2".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), made.cert.pem())
}

/// A server with a certificate of its own making, and that certificate as PEM.
pub async fn encrypted() -> (Stub, String) {
    let (acceptor, pem) = certificate();
    let (certificate, refusals) = (watch::Sender::new(acceptor), watch::Sender::new(0));
    (served((Ipv4Addr::LOCALHOST, 0), &certificate, &refusals).await, pem)
}

pub async fn served(
    place: (Ipv4Addr, u16),
    certificate: &watch::Sender<TlsAcceptor>,
    refusals: &watch::Sender<u32>,
) -> Stub {
    let listener = TcpListener::bind(place).await.unwrap();
    let address = listener.local_addr().unwrap();
    Stub::serve(Encrypted { listener, certificate: certificate.subscribe(), refusals: refusals.clone() }, address)
}

pub fn https(stub: &Stub, tls: Tls) -> Config {
    Config { base_url: format!("https://{{host}}:{}", stub.address.port()), tls, ..config(stub) }
}

/// The authority of somebody else.
pub fn other_authority() -> (Tls, tempfile::NamedTempFile) {
    let other = rcgen::generate_simple_self_signed(["elsewhere".to_owned()]).unwrap();
    authority(&other.cert.pem())
}

pub fn authority(pem: &str) -> (Tls, tempfile::NamedTempFile) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pem.as_bytes()).unwrap();
    (Tls { ca_file: Some(file.path().to_owned()), ..Tls::default() }, file)
}

#[tokio::test]
async fn an_untrusted_certificate_is_named_with_the_ways_out_and_each_of_them_works() {
    let (stub, pem) = encrypted().await;
    let (tls, _file) = other_authority();
    let failure = Bridge::start(https(&stub, tls)).ended().await.expect_err("the start fails");
    assert_eq!(failure.kind, FailureKind::Configuration);
    for way in ["ca_file", "fingerprint_sha256", "danger_accept_invalid_certificates"] {
        assert!(failure.message.contains(way), "{failure}");
    }
    assert!(stub.state().requests.is_empty(), "nothing is said to a stranger");
    let (_, fingerprint) = failure.message.split_once("fingerprint is ").unwrap();
    let fingerprint = fingerprint.split(';').next().unwrap().to_owned();

    let (own, _file) = authority(&pem);
    let pinned = Tls { fingerprint_sha256: Some(fingerprint), ..Tls::default() };
    let danger = Tls { danger_accept_invalid_certificates: true, ..Tls::default() };
    for tls in [own, pinned, danger] {
        let (bridge, snapshot) = Bridge::live(https(&stub, tls)).await;
        assert_eq!(snapshot.agents.len(), 3);
        bridge.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_certificate_that_changes_in_mid_run_is_a_loss_until_it_is_trusted_again() {
    for messaging in [1, 2] {
        let ((trusted, pem), (strange, _)) = (certificate(), certificate());
        let (certificate, refusals) = (watch::Sender::new(trusted.clone()), watch::Sender::new(0));
        let stub = served((Ipv4Addr::LOCALHOST, 0), &certificate, &refusals).await;
        stub.state().messaging = messaging;
        // A server that is given a new certificate is restarted, or at least ends its connections.
        stub.state().closing = true;
        let (tls, _file) = authority(&pem);
        let (mut bridge, _) = Bridge::live(https(&stub, tls)).await;
        certificate.send_replace(strange);
        stub.cut_streams();
        let reason = bridge.lost().await;
        assert!(
            reason.contains("stream") || reason.contains("the certificate of 127.0.0.1 is not trusted"),
            "{reason}"
        );
        let asked = stub.state().requests.len();
        refusals.subscribe().wait_for(|count| *count >= 3).await.unwrap();
        assert_eq!(stub.state().requests.len(), asked, "nothing is said to a stranger, and it is tried again");
        certificate.send_replace(trusted);
        bridge.snapshot().await;
        bridge.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_host_with_an_untrusted_certificate_is_passed_over_for_its_backup() {
    let ((trusted, pem), (strange, _)) = (certificate(), certificate());
    let refusals = watch::Sender::new(0);
    let primary = served((Ipv4Addr::LOCALHOST, 0), &watch::Sender::new(strange), &refusals).await;
    let place = (Ipv4Addr::new(127, 0, 0, 2), primary.address.port());
    let _backup = served(place, &watch::Sender::new(trusted), &refusals).await;
    let (tls, _file) = authority(&pem);
    let hosts = ["127.0.0.1", "127.0.0.2"].map(str::to_owned).into();
    let (bridge, snapshot) = Bridge::live(Config { hosts, ..https(&primary, tls) }).await;
    assert_eq!(snapshot.system.host, "127.0.0.2");
    assert!(primary.state().requests.is_empty() && *refusals.borrow() > 0);
    bridge.stop().await.unwrap();
}

#[test]
fn a_configuration_that_cannot_work_is_refused_at_once() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stub = runtime.block_on(Stub::start());
    let refused = |change: fn(&mut Config)| {
        let mut config = config(&stub);
        change(&mut config);
        let failure =
            PureConnect::new(config, SystemClock::shared(), watch::channel(Scope::default()).1).err().expect("refused");
        assert_eq!(failure.kind, FailureKind::Configuration);
        failure.message
    };
    assert!(refused(|config| config.hosts.clear()).contains("`hosts` is empty"));
    assert!(refused(|config| config.hosts = vec!["a/b".to_owned()]).contains("`a/b` is no host name"));
    assert!(refused(|config| config.base_url = "cic1".to_owned()).contains("`base_url`"));
    assert!(refused(|config| config.language = "\n".to_owned()).contains("language"));
    assert!(
        refused(|config| {
            config.base_url = "http://one".to_owned();
            config.hosts = vec!["a".to_owned(), "b".to_owned()];
        })
        .contains("no {host} slot")
    );
    assert!(refused(|config| config.tls.ca_file = Some("/nowhere".into())).contains("/nowhere"));
}
