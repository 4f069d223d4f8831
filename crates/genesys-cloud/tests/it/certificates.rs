//! TLS: own certificate authorities, and what is said about certificates that nobody trusts.

use std::io::Write;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use replicator::ports::FailureKind;
use tempfile::NamedTempFile;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

use crate::stub::Stub;

/// A listener that speaks TLS.
pub(crate) struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (socket, address) = self.tcp.accept().await.unwrap();
            // Who does not trust us goes away, and is not ours to serve.
            if let Ok(stream) = self.acceptor.accept(socket).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

/// A stub behind TLS, and the file with the certificate of its authority.
pub(crate) async fn start_encrypted() -> (Stub, NamedTempFile) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&authority_key).unwrap();
    let issuer = Issuer::from_params(&params, &authority_key);
    let key = KeyPair::generate().unwrap();
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", tcp.local_addr().unwrap());
    let listener = TlsListener { tcp, acceptor: TlsAcceptor::from(Arc::new(server)) };
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(authority.pem().as_bytes()).unwrap();
    (Stub::serve(listener, &url), file)
}

#[tokio::test]
async fn an_own_authority_is_trusted_when_its_certificate_is_given() {
    let (stub, file) = start_encrypted().await;
    let mut config = stub.config();
    config.ca_file = Some(file.path().to_owned());
    let connected = stub.try_connect(config).await.unwrap();
    assert_eq!(connected.organisation, "Acme");
}

#[tokio::test]
async fn without_it_the_start_ends_at_once_and_says_what_to_do() {
    let (stub, _) = start_encrypted().await;
    let failure = stub.refused().await;
    assert_eq!(failure.kind, FailureKind::Configuration, "{failure:?}");
    assert!(failure.message.contains("ca_file") && failure.message.contains("127.0.0.1"), "{failure}");
    assert_eq!(stub.clock.elapsed().as_secs(), 0);
}

#[tokio::test]
async fn a_file_without_certificates_is_named() {
    let stub = Stub::start().await;
    for path in [NamedTempFile::new().unwrap().path().to_owned(), "/nonexistent/authority.pem".into()] {
        let mut config = stub.config();
        let file = NamedTempFile::new().unwrap();
        let path = if path.starts_with("/nonexistent") { path } else { file.path().to_owned() };
        config.ca_file = Some(path.clone());
        let failure = stub.try_connect(config).await.map(|connected| connected.notes).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Configuration);
        assert!(failure.message.contains(path.to_str().unwrap()), "{failure}");
    }
}
