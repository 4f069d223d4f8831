//! PureConnect's ICWS on a real socket: sessions, messages by polling or server-sent events, statuses, queues,
//! configuration, activations.
//!
//! Plain HTTP/1.1, complete enough for clients that were not written for it: headers, media type, null rules, status
//! codes and error bodies are those of real servers, and what real servers accept is accepted (cookies in any form, odd
//! content types, bodies on GET, doubled slashes, any case of the fixed words). Where no source says what a server does,
//! the choice is written down beside the code. `http` knows HTTP, [`world`] knows PureConnect; between them is one task
//! ([`system`]) that does one thing after the other.
//!
//! Under `/_simulator/` the same socket has a control API: see [`http::control`].

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::clock::Clock;
use crate::population::Person;

pub mod catalogue;
pub mod http;
mod selection;
pub mod system;
pub mod world;

pub use self::catalogue::StatusMessage;
pub use self::system::System;
pub use self::world::action::{ActError, Action};
pub use self::world::fault::Fault;
pub use self::world::interaction::{By, Direction, Interaction, Media};
pub use self::world::rights::Right;
pub use self::world::truth::{AgentTruth, Beginning, CatalogueEdit, InteractionTruth, Truth, TruthChange, TruthEntry};
pub use self::world::user::Until;

/// Open requests are given this long to finish when the server stops.
const STOP: Duration = Duration::from_secs(2);

/// How the server is to be.
pub struct Options {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The agents.
    pub people: Vec<Person>,
    /// The time of status changes and of the server.
    pub clock: Clock,
    /// Makes session ids and tokens repeatable.
    pub seed: u64,
    /// The account to log on with. Agents can log on too, with the same password.
    pub user: String,
    /// Its password.
    pub password: String,
    /// Year and release: `(20, 3)` is 2020 R3.
    pub release: (u32, u32),
    /// Whether the feature licence for Genesys Cloud's workforce engagement is there.
    pub workforce_engagement: bool,
    /// 1 has polling only, 2 server-sent events too.
    pub messaging_version: u32,
    /// How long a session lives without a request or a stream, in real time; `None` is for ever.
    pub idle_timeout: Option<Duration>,
    /// How often a stream that has nothing to say sends `:ping`, in real time.
    pub ping_interval: Duration,
    /// What logon names as other hosts to go to.
    pub alternate_hosts: Vec<String>,
    /// Whether everybody sits logged on in *Available* when the server starts, or is off in *Gone Home*.
    pub agents_logged_on: bool,
}

/// A running server.
pub struct Server {
    address: SocketAddr,
    system: System,
    /// Ends everything also when a server is dropped instead of stopped.
    stop: DropGuard,
    /// Ends the world's task, after the last request.
    stop_world: DropGuard,
    serving: JoinHandle<()>,
    owning: JoinHandle<()>,
}

impl Server {
    /// Starts it; it accepts connections when this returns.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(options.listen).await?;
        let address = reachable(listener.local_addr()?);
        let stop = CancellationToken::new();
        let stop_world = CancellationToken::new();
        let ping = options.ping_interval;
        let (system, owner) = system::system(world::World::new(options), stop_world.clone());
        let owning = tokio::spawn(owner);
        let router = http::router(system.clone(), ping, stop.clone());
        let serving = tokio::spawn(http::serve(listener, router, stop.clone()));
        Ok(Self { address, system, stop: stop.drop_guard(), stop_world: stop_world.drop_guard(), serving, owning })
    }

    /// Its base URL, without a path.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The PureConnect behind it.
    #[must_use]
    pub fn system(&self) -> System {
        self.system.clone()
    }

    /// Ends the streams, lets open requests finish for a moment, and stops.
    pub async fn stop(mut self) {
        drop(self.stop);
        if tokio::time::timeout(STOP, &mut self.serving).await.is_err() {
            self.serving.abort();
            // An aborted task reports that it was.
            let _ = self.serving.await;
        }
        drop(self.stop_world);
        if let Err(error) = self.owning.await {
            tracing::error!(%error, "the task that owns PureConnect has failed");
        }
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
