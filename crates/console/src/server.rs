//! The console as a server: where it listens, what is mounted, and how it ends.
//!
//! Knows connections, limits and headers. What is answered is the business of the pages, the API and the metrics; who may
//! ask is [`access`]'s.

mod assets;
mod connections;
mod headers;
mod live;
mod problem;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(crate) use assets::{Asset, href};
pub(crate) use live::stream_place;
pub(crate) use problem::problem;

use crate::access::{self, Access, Door, Doorkeeper};
use crate::board::Board;
use crate::health::{self, Pulse, Vitals};
use crate::{Link, api, metrics, pages};

/// Far more than anything that is sent here has.
const LARGEST_BODY: usize = 256 * 1024;

/// Pages that are open at once and follow what happens; each holds a connection.
const STREAMS: usize = 256;

/// What the console is told.
#[derive(Debug)]
pub struct Options {
    /// Where it listens. With port 0 the system chooses one.
    pub listen: SocketAddr,
    /// Who may come in.
    pub access: Access,
    /// The program's version, which the pages show.
    pub version: &'static str,
}

/// The console.
#[derive(Debug, Clone, Copy)]
pub struct Console;

/// A console that has its address and serves nobody yet.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    listener: TcpListener,
    door: Door,
    doorkeeper: Doorkeeper,
    version: &'static str,
}

/// Why there is no console.
#[derive(Debug, thiserror::Error)]
pub enum ListenFailure {
    /// Everybody who reaches the address could come in.
    #[error("the console would be open to everybody who reaches {address}: it needs a token, or a trusted header")]
    Open {
        /// Where it should listen.
        address: SocketAddr,
    },
    /// A token could be guessed.
    #[error("a token of the console has fewer than {least} characters")]
    ShortToken {
        /// How many it needs.
        least: usize,
    },
    /// No request can have such a header.
    #[error("{name:?} is not the name of a header")]
    HeaderName {
        /// What it is called.
        name: String,
    },
    /// A header that nobody is trusted with.
    #[error("the header {name:?} is trusted, and no address of a proxy that may send it is given")]
    NoPeers {
        /// What it is called.
        name: String,
    },
    /// The address cannot be had.
    #[error("failed to listen on {address}")]
    Address {
        /// Where it should listen.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The system gives no random numbers, so that no session would be safe.
    #[error("failed to make the keys of the console's sessions")]
    Randomness(#[source] getrandom::Error),
}

impl ListenFailure {
    /// Whether another program has the address.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        match self {
            Self::Address { source, .. } => source.kind() == std::io::ErrorKind::AddrInUse,
            Self::Open { .. }
            | Self::ShortToken { .. }
            | Self::HeaderName { .. }
            | Self::NoPeers { .. }
            | Self::Randomness(_) => false,
        }
    }
}

impl Console {
    /// Takes the address, and refuses one where people could come in whom nobody let in.
    pub async fn bind(options: Options) -> Result<Listening, ListenFailure> {
        let Options { listen, access, version } = options;
        access.check(listen)?;
        let (door, doorkeeper) = Door::new(&access, listen).map_err(ListenFailure::Randomness)?;
        let failed = |source| ListenFailure::Address { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Listening { address, listener, door, doorkeeper, version })
    }
}

impl Listening {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Shows the links until they are over. Ends at most two seconds after that, with everything that it began. From
    /// `stopping` on, while the links still deliver what is pending, it says that it is not ready any more.
    pub async fn serve(self, links: Vec<Link>, stopping: CancellationToken, over: CancellationToken) {
        let vitals = Vitals::new(links.iter().map(Pulse::of).collect(), Instant::now());
        let (looks, seen) = watch::channel(Arc::from([]));
        let looking = health::follow(vitals, looks, over.clone());
        let (board, following) = Board::follow(links, over.clone());
        let app = App::new(board, self.door, self.version, over.clone());
        let serving = connections::serve(self.listener, router(app, seen, stopping), over.clone());
        tokio::join!(looking, following, self.doorkeeper.run(over), serving);
    }
}

/// What every handler can reach. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub board: Board,
    pub door: Door,
    pub version: &'static str,
    /// Ends the streams.
    pub shutdown: CancellationToken,
    /// Places for streams.
    pub streams: Arc<Semaphore>,
}

impl App {
    pub(crate) fn new(board: Board, door: Door, version: &'static str, shutdown: CancellationToken) -> Self {
        Self { board, door, version, shutdown, streams: Arc::new(Semaphore::new(STREAMS)) }
    }
}

/// Everything that is served, behind the guard. What comes last here sees a request first.
pub(crate) fn router(app: App, seen: health::Seen, stopping: CancellationToken) -> Router {
    Router::new()
        .merge(pages::router())
        .merge(api::router())
        .merge(access::router())
        .merge(live::router())
        .merge(assets::router())
        .with_state(app.clone())
        .merge(health::routes(seen.clone(), stopping))
        .merge(metrics::routes(app.board.clone(), seen))
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(app, access::guard))
        .layer(middleware::from_fn(problem::instead_of_a_panic))
        .layer(middleware::map_response(headers::add))
        .layer(middleware::from_fn(api::place))
}
