//! PureConnect and Genesys Cloud, simulated on real sockets, and a working day to run on them.
//!
//! [`icws`] and [`cloud`] are servers for any client; [`Simulation`] is both with the same people and one clock. Nothing
//! here knows the bridge.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::clock::Clock;
use self::population::{Person, people, random_uuid};

pub mod clock;
pub mod cloud;
pub mod day;
pub mod faults;
pub mod icws;
pub mod population;
pub mod remote;

/// The account that PureConnect is watched with.
const ICWS_USER: &str = "bridge";

/// How often PureConnect's streams say that they live; more often on a faster day, so that silence can be noticed in it.
const PING: Duration = Duration::from_secs(5);

/// How the two are to be.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Where PureConnect listens; port 0 takes a free one.
    pub icws: SocketAddr,
    /// Where Genesys Cloud listens, login and API; port 0 takes a free one.
    pub cloud: SocketAddr,
    /// How many agents there are on both sides.
    pub agents: usize,
    /// The same seed makes the same people and the same day.
    pub seed: u64,
    /// How many times as fast as real time it goes.
    pub speed: f64,
    /// Everybody is logged on and *Available* at the beginning; otherwise everybody has *Gone Home*.
    pub idle: bool,
    /// How many requests Genesys Cloud takes in 60 s.
    pub rate: u32,
    /// How long the working day is, usually [`day::FULL`].
    pub day: Duration,
}

/// Both servers, and the day that goes on in PureConnect.
pub struct Simulation {
    /// PureConnect.
    pub icws: icws::Server,
    /// Genesys Cloud.
    pub cloud: cloud::Server,
    /// The clock of both.
    pub clock: Clock,
    password: String,
    client_id: String,
    client_secret: String,
    people: Vec<Person>,
    seed: u64,
    length: Duration,
    days: u64,
    day: Option<JoinHandle<()>>,
    stop: CancellationToken,
}

impl Simulation {
    /// Starts both. The day begins with [`Self::begin_day`].
    ///
    /// # Errors
    /// An address cannot be listened on.
    pub async fn start(options: Options) -> io::Result<Self> {
        let mut random = fastrand::Rng::with_seed(options.seed ^ 0x4b45_5953);
        let [password, client_id, client_secret] = [(); 3].map(|()| random_uuid(&mut random).to_string());
        let clock = Clock::starting_now(options.speed);
        let people = people(options.agents, options.seed);
        let icws = icws::Server::start(icws::Options {
            listen: options.icws,
            people: people.clone(),
            clock,
            seed: options.seed,
            user: ICWS_USER.to_owned(),
            password: password.clone(),
            release: (20, 3),
            workforce_engagement: true,
            messaging_version: 2,
            idle_timeout: Some(Duration::from_secs(60)),
            ping_interval: PING.div_f64(options.speed.clamp(1.0, 20.0)),
            alternate_hosts: Vec::new(),
            agents_logged_on: options.idle,
        })
        .await?;
        let cloud = cloud::Server::start(cloud::Options {
            listen: options.cloud,
            people: people.clone(),
            clock,
            seed: options.seed,
            rate: options.rate,
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
            permissions: None,
            token_lifetime: Duration::from_secs(86_400),
            ignore_older_events: false,
        })
        .await?;
        Ok(Self {
            icws,
            cloud,
            clock,
            password,
            client_id,
            client_secret,
            people,
            seed: options.seed,
            length: options.day,
            days: 0,
            day: None,
            stop: CancellationToken::new(),
        })
    }

    /// Lets a working day begin, now; another one than the days before it.
    pub fn begin_day(&mut self) {
        let day = day::Options {
            people: self.people.clone(),
            clock: self.clock,
            seed: self.seed.wrapping_add(self.days),
            length: self.length,
        };
        self.days += 1;
        self.day = Some(tokio::spawn(day::run(self.icws.system(), day, self.stop.clone())));
    }

    /// The people on both sides.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// What a client has to know, keys included.
    #[must_use]
    pub fn announcement(&self) -> Value {
        json!({
            "icws": self.icws.url(),
            "cloud": self.cloud.url(),
            "icws_user": ICWS_USER,
            "icws_password": self.password,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        })
    }

    /// Whether nothing more happens by itself.
    #[must_use]
    pub fn is_day_over(&self) -> bool {
        self.day.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Ends the day, wherever it is.
    pub async fn end_day(&mut self) {
        self.stop.cancel();
        if let Some(day) = self.day.take()
            && let Err(error) = day.await
        {
            tracing::error!(%error, "the working day has failed");
        }
    }

    /// Ends the day and both servers.
    pub async fn stop(mut self) {
        self.end_day().await;
        self.icws.stop().await;
        self.cloud.stop().await;
    }
}
