//! TLS: own certificate authorities, and what is said about certificates that nobody trusts.

use std::io::Write;
use std::sync::{Arc, Mutex};

use domain::change::{Facet, Value};
use domain::target::SystemPresence;
use genesys_cloud::{Connected, GenesysCloud};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use replicator::ports::{Answer, Failure, FailureKind, Feed, FeedEvent, Sink};
use tempfile::NamedTempFile;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

use crate::stub::{Canned, Stub, lane, order, user};

const EVENTS: &str = "/api/v2/events/users/presence";

/// A listener that speaks TLS, with the certificate that is the server's at the time.
pub(crate) struct TlsListener {
    tcp: TcpListener,
    acceptor: Arc<Mutex<TlsAcceptor>>,
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (socket, address) = self.tcp.accept().await.unwrap();
            let acceptor = self.acceptor.lock().unwrap().clone();
            // Who does not trust us goes away, and is not ours to serve.
            if let Ok(stream) = acceptor.accept(socket).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

/// Somebody who signs certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    /// What a server with a new certificate of this authority says.
    fn server(&self) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &self.issuer).unwrap();
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .unwrap();
        TlsAcceptor::from(Arc::new(server))
    }
}

/// A stub behind TLS, whose certificate can be changed.
struct Encrypted {
    stub: Stub,
    acceptor: Arc<Mutex<TlsAcceptor>>,
    authority: Authority,
    file: NamedTempFile,
}

impl Encrypted {
    async fn start() -> Self {
        let authority = Authority::new();
        let acceptor = Arc::new(Mutex::new(authority.server()));
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", tcp.local_addr().unwrap());
        let listener = TlsListener { tcp, acceptor: Arc::clone(&acceptor) };
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(authority.certificate.as_bytes()).unwrap();
        Self { stub: Stub::serve(listener, &url), acceptor, authority, file }
    }

    async fn connect(&self) -> Connected {
        let mut config = self.stub.config();
        config.ca_file = Some(self.file.path().to_owned());
        self.stub.try_connect(config).await.unwrap()
    }

    /// From the next connection on the server has a new certificate of this authority.
    fn change_certificate(&self, authority: &Authority) {
        *self.acceptor.lock().unwrap() = authority.server();
    }

    /// Delivers a change whose answer is the last on its connection.
    async fn deliver(&self, cloud: &GenesysCloud) -> Answer<()> {
        let last = Canned::json(200, serde_json::json!({"errors": []})).with("connection", "close");
        self.stub.script(1, "POST", EVENTS, last);
        let order = order(1, Value::Presence(SystemPresence::Meal.into()));
        let answer = cloud.deliver(lane(cloud, Facet::Presence), vec![order]).await;
        Answer {
            result: answer.result.map(|outcomes| assert_eq!(outcomes[0].1, Ok(()))),
            quota: answer.quota,
            requests: answer.requests,
            correlation: answer.correlation,
        }
    }
}

/// A stub behind TLS, and the file with the certificate of its authority.
pub(crate) async fn start_encrypted() -> (Stub, NamedTempFile) {
    let Encrypted { stub, file, .. } = Encrypted::start().await;
    (stub, file)
}

/// The reason of a failure that says that nothing was sent.
fn not_sent<T: std::fmt::Debug>(answer: Answer<T>) -> String {
    match answer {
        Answer { result: Err(Failure::Unavailable { reason, maybe_applied: false }), requests: 0, .. } => reason,
        other => panic!("{other:?}"),
    }
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

#[tokio::test]
async fn a_certificate_that_changes_while_running_is_trusted_when_its_authority_is() {
    let server = Encrypted::start().await;
    let cloud = server.connect().await.clouds.remove(0);
    for _ in 0..3 {
        server.deliver(&cloud).await.result.unwrap();
        server.change_certificate(&server.authority);
    }
    server.deliver(&cloud).await.result.unwrap();
}

#[tokio::test]
async fn a_certificate_of_somebody_else_stops_everything_until_it_is_put_right() {
    let server = Encrypted::start().await;
    let cloud = server.connect().await.clouds.remove(0);
    server.deliver(&cloud).await.result.unwrap();
    server.change_certificate(&Authority::new());
    server.stub.forget();
    for _ in 0..3 {
        let reason = not_sent(server.deliver(&cloud).await);
        assert!(reason.contains("certificate") && reason.contains("not trusted"), "{reason}");
    }
    // A token is not asked for there either.
    server.stub.clock.advance(std::time::Duration::from_secs(90_000));
    let reason = not_sent(cloud.observe(vec![user(1)]).await);
    assert!(reason.contains("certificate") && reason.contains("not trusted"), "{reason}");
    assert_eq!(server.stub.all_seen().len(), 0, "whoever is not trusted is told nothing");
    server.change_certificate(&server.authority);
    server.deliver(&cloud).await.result.unwrap();
}

#[tokio::test]
async fn notifications_are_encrypted_with_the_same_trust() {
    let server = Encrypted::start().await;
    let Connected { clouds, feed_events, .. } = server.connect().await;
    let cloud = &clouds[0];
    let mut events = feed_events.unwrap();
    cloud.subscribe(0, vec![user(1)]).await.result.unwrap();
    let mut lost = async || {
        server.stub.hang_up(server.stub.change(|o| o.streaming.sockets.len() - 1), 1001, "idle");
        assert!(matches!(events.recv().await, Some(FeedEvent::Lost { channel: 0, .. })));
    };
    lost().await;
    server.change_certificate(&Authority::new());
    let answer = cloud.subscribe(0, vec![user(1)]).await;
    let reason = not_sent(answer);
    assert!(reason.contains("certificate") && reason.contains("not trusted"), "{reason}");
    server.change_certificate(&server.authority);
    cloud.subscribe(0, vec![user(1)]).await.result.unwrap();
    lost().await;
}

#[tokio::test]
async fn notifications_without_encryption_are_not_listened_to_where_the_api_has_it() {
    let server = Encrypted::start().await;
    server.stub.change(|organisation| organisation.streaming.encrypted = false);
    let Connected { clouds, feed_events, .. } = server.connect().await;
    let cloud = &clouds[0];
    let failure = cloud.subscribe(0, vec![user(1)]).await.result.unwrap_err();
    assert!(failure.to_string().contains("not encrypted"), "{failure}");
    assert!(feed_events.is_some());
}
