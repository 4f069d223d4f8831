//! Stories of certificates, with real handshakes.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::serve::Listener;
use pureconnect::{Config, PureConnect, Tls};
use replicator::ports::FailureKind;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

use crate::bridge::{Bridge, SystemClock, config};
use crate::stub::Stub;

struct Encrypted {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for Encrypted {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (stream, address) = self.listener.accept().await.unwrap();
            // Whoever does not trust us hangs up in the handshake.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A server with a certificate of its own making, and that certificate as PEM.
async fn encrypted() -> (Stub, String) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let encrypted = Encrypted { listener, acceptor: TlsAcceptor::from(Arc::new(config)) };
    (Stub::serve(encrypted, address), made.cert.pem())
}

fn https(stub: &Stub, tls: Tls) -> Config {
    Config { base_url: format!("https://{{host}}:{}", stub.address.port()), tls, ..config(stub) }
}

/// The authority of somebody else.
fn other_authority() -> (Tls, tempfile::NamedTempFile) {
    let other = rcgen::generate_simple_self_signed(["elsewhere".to_owned()]).unwrap();
    authority(&other.cert.pem())
}

fn authority(pem: &str) -> (Tls, tempfile::NamedTempFile) {
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

#[test]
fn a_configuration_that_cannot_work_is_refused_at_once() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stub = runtime.block_on(Stub::start());
    let refused = |change: fn(&mut Config)| {
        let mut config = config(&stub);
        change(&mut config);
        let failure = PureConnect::new(config, SystemClock::shared()).err().expect("refused");
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
