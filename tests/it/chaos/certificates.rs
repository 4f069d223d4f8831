//! The certificate of either side changes while the bridge runs: to another one of the same authority, which is nobody's
//! business, and to a stranger's, to whom nothing may be said until the right one is back.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::crew::Crew;
use super::scene::{BOUND, Row, Scene, quiet, report, seed};
use crate::harness::PATIENCE;

/// An authority that signs certificates for `localhost`.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A new certificate with a new key.
    fn issue(&self) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let signed = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let chain = vec![signed.der().clone()];
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// How often its certificate was trusted, and how often not.
#[derive(Debug, Clone, Copy, Default)]
struct Met {
    trusted: u64,
    refused: u64,
}

/// TLS in front of a server; its certificate can be changed, which ends all connections, as a restart does.
struct Front {
    url: String,
    acceptor: watch::Sender<TlsAcceptor>,
    met: watch::Receiver<Met>,
    _task: AbortOnDropHandle<()>,
}

impl Front {
    async fn start(plain: &str, acceptor: TlsAcceptor) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let target = plain.trim_start_matches("http://").to_owned();
        let (acceptor, current) = watch::channel(acceptor);
        let (meets, met) = watch::channel(Met::default());
        let task = AbortOnDropHandle::new(tokio::spawn(serve(listener, target, current, meets)));
        Self { url, acceptor, met, _task: task }
    }

    fn change(&self, acceptor: TlsAcceptor) {
        self.acceptor.send_replace(acceptor);
    }

    /// Waits until this has happened once more.
    async fn has_met(&mut self, what: fn(&Met) -> u64) {
        let so_far = what(&self.met.borrow());
        let waiting = self.met.wait_for(|met| what(met) > so_far);
        tokio::time::timeout(PATIENCE, waiting).await.expect("it connects in time").unwrap();
    }
}

async fn serve(
    listener: TcpListener,
    target: String,
    mut current: watch::Receiver<TlsAcceptor>,
    meets: watch::Sender<Met>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            changed = current.changed() => match changed {
                Ok(()) => connections.shutdown().await,
                Err(_) => return,
            },
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let (acceptor, target, meets) = (current.borrow().clone(), target.clone(), meets.clone());
                connections.spawn(async move {
                    let Ok(mut inner) = acceptor.accept(stream).await else {
                        meets.send_modify(|met| met.refused += 1);
                        return;
                    };
                    meets.send_modify(|met| met.trusted += 1);
                    let Ok(mut outer) = TcpStream::connect(target).await else { return };
                    // However it ends is the two ends' business.
                    let _ = tokio::io::copy_bidirectional(&mut inner, &mut outer).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_changes_is_followed_and_a_strangers_is_told_nothing() {
    let seed = seed("certificates");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (authority, stranger) = (Authority::new(), Authority::new());
    let simulators = quiet(4).await;
    let icws = Front::start(&simulators.icws, authority.issue()).await;
    let cloud = Front::start(&simulators.cloud, authority.issue()).await;
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, authority.pem()).unwrap();
    let trust = format!("ca_file = \"{}\"", ca.display());
    let mut scene = Scene::between(simulators, &icws.url, &cloud.url, [&trust, &trust]).await;
    let mut crew = Crew::new(&scene.users, seed);
    let mut rows = Vec::new();
    let mut fronts = [(icws, "PureConnect"), (cloud, "Genesys Cloud")];
    for (front, side) in &mut fronts {
        let side = *side;
        for (name, strange) in [("renewed", false), ("a stranger's for a while", true)] {
            let stop = CancellationToken::new();
            let Scene { simulators, sight, .. } = &mut scene;
            let acting = crew.work(simulators, Duration::from_millis(150), &stop);
            let changing = async {
                if side == "PureConnect" {
                    sight.goes_blind();
                }
                if strange {
                    front.change(stranger.issue());
                    front.has_met(|met| met.refused).await;
                }
                front.change(authority.issue());
                front.has_met(|met| met.trusted).await;
                stop.cancel();
            };
            tokio::join!(acting, changing);
            let in_step = scene.is_in_step(BOUND).await;
            scene.sight.sees();
            rows.push(Row { trouble: format!("{side}: certificate {name}"), times: 1, in_step });
        }
    }
    report("certificates", &rows, &[scene.end().await]);
}
