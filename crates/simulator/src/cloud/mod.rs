//! Genesys Cloud, simulated: login, platform API and notification sockets on one plain HTTP/1.1 port.
//!
//! Clients see what the vendor documents: error envelopes with the correlation id, rate windows, permissions, presences
//! by source with a primary one, injected events, out of office, notification channels. The rate window, the life of
//! tokens and all dates are those of the simulated clock; heartbeats and delays are real time. Where the documentation
//! is silent, the module that decides says so.
//!
//! Beside the API there is a control API, without login, outside the rate window, all JSON:
//!
//! | request | does |
//! |---|---|
//! | `GET /_simulator/truth` | everything that the organisation holds and that reached it: [`Truth`] |
//! | `POST /_simulator/faults` | plants a [`Fault`], such as `{"effect": {"kind": "throttled"}, "count": 2}` |
//! | `GET`, `DELETE /_simulator/faults` | what is planted and has not struck; takes it all back, or what is like the [`Fault`] in the body |
//! | `GET /_simulator/clock` | the simulated time and how fast it goes: `{"utc":…, "speed":120}` |
//! | `POST /_simulator/commands` | carries out a [`Command`], such as `{"kind": "revoke_tokens"}` |

mod access;
mod adherence;
mod analytics;
mod body;
mod channels;
mod clients;
mod command;
mod connection;
mod control;
mod dates;
mod definitions;
mod direct;
mod directory;
mod events;
mod external_ids;
mod fault;
mod integrations;
mod old_definitions;
mod org;
mod organization;
mod out_of_office;
mod paging;
mod presences;
mod refusal;
mod request;
mod routes;
mod routing_status;
mod search;
mod somebody;
mod sources;
mod state;
mod strike;
mod subscriptions;
mod topics;
mod transport;
mod truth;
mod user;
mod user_edits;
mod websocket;
mod window;

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::routing::any;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub use command::Command;
pub use definitions::{system_definition, system_presence};
pub use fault::{Effect, Fault};
pub use org::{Org, Stopped};
pub use truth::{
    DirectWrite, Effectiveness, EventTruth, Kind, OutOfOfficeTruth, OutOfOfficeWrite, PresenceTruth, RoutingTruth,
    TokenTruth, Truth, UserTruth,
};

use crate::clock::Clock;
use crate::population::Person;
use connection::{Cuttable, Scissors};
use state::State;
use transport::Shared;

/// The permissions that injecting events needs.
pub const INJECTION: [&str; 2] = ["presence:userPresence:inject", "routing:routingstatus:inject"];

/// The largest request body, in bytes: the platform's limit `request.bytes.max`.
const BODY_LIMIT: usize = 512_000;

/// How long connections have to end by themselves when the server stops.
const GRACE: Duration = Duration::from_millis(500);

/// What an organisation is like.
pub struct Options {
    /// Where to listen; port 0 is any free one.
    pub listen: SocketAddr,
    /// Its users. An administrator and, by command, others join them.
    pub people: Vec<Person>,
    /// The time.
    pub clock: Clock,
    /// For everything random, such as ids.
    pub seed: u64,
    /// Requests in 60 seconds and token.
    pub rate: u32,
    /// The OAuth client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// What it may do; `None` is everything.
    pub permissions: Option<BTreeSet<String>>,
    /// How long a token works.
    pub token_lifetime: Duration,
    /// Whether an event older than what is known is accepted without effect.
    pub ignore_older_events: bool,
}

/// A running organisation.
pub struct Server {
    address: SocketAddr,
    org: Org,
    /// Ends everything also when a server is dropped instead of stopped.
    stop: DropGuard,
    /// Cuts the connections that are left.
    cut: CancellationToken,
    closed: CancellationToken,
    tasks: TaskTracker,
    serving: JoinHandle<io::Result<()>>,
    owner: JoinHandle<()>,
}

impl Server {
    /// Listens and serves.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(options.listen).await?;
        let address = reachable(listener.local_addr()?);
        let (stop, cut, closed) = (CancellationToken::new(), CancellationToken::new(), CancellationToken::new());
        let tasks = TaskTracker::new();
        let (org, inbox) = Org::channel();
        let owner = tokio::spawn(org::own(State::new(options), inbox, closed.clone()));
        let shared =
            Shared { org: org.clone(), stop: stop.clone(), tasks: tasks.clone(), address: address.to_string() };
        let router = Router::new()
            .route("/channels/{channel}", any(websocket::open))
            .fallback(transport::answer)
            .with_state(shared)
            .into_make_service_with_connect_info::<Scissors>();
        let cuttable = Cuttable { listener, all: cut.clone() };
        let until = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move { axum::serve(cuttable, router).with_graceful_shutdown(until).await });
        Ok(Self { address, org, stop: stop.drop_guard(), cut, closed, tasks, serving, owner })
    }

    /// The base URL, of the API as of the login.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A handle of the organisation.
    #[must_use]
    pub fn org(&self) -> Org {
        self.org.clone()
    }

    /// Ends everything that it started, and returns when that is done.
    pub async fn stop(self) {
        drop(self.stop);
        let mut serving = self.serving;
        if tokio::time::timeout(GRACE, &mut serving).await.is_err() {
            self.cut.cancel();
            drop(serving.await);
        }
        self.tasks.close();
        self.tasks.wait().await;
        self.closed.cancel();
        drop(self.owner.await);
    }
}

/// An address that clients can connect to, also where all interfaces are listened on.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, address.port())
}
