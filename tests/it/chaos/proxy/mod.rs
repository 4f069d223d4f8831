//! A TCP proxy that does to connections what networks do: on request, by direction, and the same with the same seed.
//!
//! It knows bytes and connections, and nothing of what they mean.

mod connection;
mod tests;
mod toxic;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::task::AbortOnDropHandle;

use self::connection::Connection;
pub use self::toxic::{Direction, Toxic};

/// Requests that wait to be repeated; more than a test has under way.
const REPLAYS: usize = 1_024;

/// An answer that nobody sees is waited for this long.
const UNSEEN_ANSWER: Duration = Duration::from_secs(3);

/// The toxics in force.
#[derive(Debug, Clone, Default)]
pub struct Toxics {
    to_server: Vec<Toxic>,
    to_client: Vec<Toxic>,
}

impl Toxics {
    fn of(&self, direction: Direction) -> &[Toxic] {
        match direction {
            Direction::ToServer => &self.to_server,
            Direction::ToClient => &self.to_client,
        }
    }
}

/// How many times each toxic has struck. The channel holds one value that many connections count in.
type Tally = Arc<watch::Sender<BTreeMap<&'static str, u64>>>;

/// Requests to repeat, and when.
type Replays = mpsc::Sender<(Instant, Vec<u8>)>;

/// A running proxy.
pub struct Proxy {
    url: String,
    toxics: watch::Sender<Toxics>,
    tally: Tally,
    _serving: AbortOnDropHandle<()>,
}

impl Proxy {
    /// Starts one in front of a server, given by its URL.
    pub async fn start(target: &str, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (toxics, _) = watch::channel(Toxics::default());
        let tally: Tally = Arc::new(watch::Sender::new(BTreeMap::new()));
        let target = target.trim_start_matches("http://").to_owned();
        let serving = serve(listener, target, toxics.clone(), Arc::clone(&tally), fastrand::Rng::with_seed(seed));
        Self { url, toxics, tally, _serving: AbortOnDropHandle::new(tokio::spawn(serving)) }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Adds a toxic, for open connections, too.
    pub fn inject(&self, direction: Direction, toxic: Toxic) {
        self.toxics.send_modify(|toxics| match direction {
            Direction::ToServer => toxics.to_server.push(toxic),
            Direction::ToClient => toxics.to_client.push(toxic),
        });
    }

    /// Takes all toxics away.
    pub fn heal(&self) {
        self.toxics.send_replace(Toxics::default());
    }

    /// How many times each toxic has struck.
    pub fn struck(&self) -> BTreeMap<&'static str, u64> {
        self.tally.borrow().clone()
    }

    /// Waits until a toxic has struck this often.
    pub async fn has_struck(&self, toxic: Toxic, times: u64) {
        let mut tally = self.tally.subscribe();
        let struck = tally.wait_for(|tally| tally.get(toxic.name()).is_some_and(|struck| *struck >= times));
        assert!(timeout(crate::harness::PATIENCE, struck).await.is_ok(), "{} never struck", toxic.name());
    }
}

async fn serve(
    listener: TcpListener,
    target: String,
    toxics: watch::Sender<Toxics>,
    tally: Tally,
    mut random: fastrand::Rng,
) {
    let (replays, mut to_replay) = mpsc::channel(REPLAYS);
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                let (target, random) = (target.clone(), random.fork());
                let (toxics, tally, replays) = (toxics.subscribe(), Arc::clone(&tally), replays.clone());
                tasks.spawn(async move {
                    // A client whose server is not there finds its connection closed.
                    let Ok(server) = TcpStream::connect(target).await else { return };
                    Connection::new(client, server, toxics, random, tally, replays).run().await;
                });
            }
            Some((due, request)) = to_replay.recv() => {
                let target = target.clone();
                tasks.spawn(async move { replay(due, &target, &request).await });
            }
            Some(_) = tasks.join_next() => {}
        }
    }
}

/// Sends a request once more; whoever is there no longer cannot be asked again.
async fn replay(due: Instant, target: &str, request: &[u8]) {
    sleep_until(due).await;
    let Ok(mut server) = TcpStream::connect(target).await else { return };
    if server.write_all(request).await.is_ok() {
        let mut answer = vec![0; 1 << 16];
        // What it says is of no interest, only that it was there to say it.
        let _ = timeout(UNSEEN_ANSWER, server.read(&mut answer)).await;
    }
}
