//! Where a journal is, and how it is to be kept.
//!
//! The URL of a PostgreSQL server holds a password: it is shown without, here and everywhere else.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use thiserror::Error;
use url::Url;

/// Where the journal is.
#[derive(Clone)]
pub enum Location {
    /// A file of our own, in SQLite's format.
    Sqlite(PathBuf),
    /// A database of a PostgreSQL server, such as `postgres://user:password@host/database`.
    Postgres(SecretString),
}

/// What is wrong with the address of a server. Nothing of it is in here: where a part is mistyped, the password may be
/// in any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Mistake {
    /// It is no URL at all.
    #[error("it is no URL")]
    NoUrl,
    /// It is one of something else.
    #[error("it does not begin with postgres://")]
    Scheme,
    /// It says more than a server can be asked.
    #[error("a parameter after the ? is not known")]
    Parameter,
    /// The database's library does not understand it.
    #[error("a part of it cannot be understood")]
    Part,
}

/// What may stand after the `?`. The library logs any other with its value, and goes on.
const PARAMETERS: [&str; 17] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
];

impl Location {
    /// The database behind an address, which is not asked yet.
    pub fn server(address: SecretString) -> Result<Self, Mistake> {
        let url = Url::parse(address.expose_secret()).map_err(|_| Mistake::NoUrl)?;
        if !["postgres", "postgresql"].contains(&url.scheme()) {
            return Err(Mistake::Scheme);
        }
        if url.cannot_be_a_base() {
            return Err(Mistake::NoUrl);
        }
        if url.query_pairs().any(|(name, _)| !PARAMETERS.contains(&&*name)) {
            return Err(Mistake::Parameter);
        }
        match address.expose_secret().parse::<PgConnectOptions>() {
            Ok(_) => Ok(Self::Postgres(address)),
            Err(_) => Err(Mistake::Part),
        }
    }
}

/// How to keep it. Whoever opens a journal decides.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it is.
    pub location: Location,
    /// Whose it is: a database holds the journals of any number of links.
    pub link: String,
    /// How much is kept.
    pub retention: Retention,
}

/// How much is kept. What is not settled stays whatever it says: undelivered changes, open gaps, and what each facet of
/// each agent was told last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Entries that are older than this go.
    pub age: Duration,
    /// The oldest entries go while the journal is larger than this many bytes.
    pub size: u64,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            // Anything else may have the password in any place.
            Self::Postgres(url) => match Url::parse(url.expose_secret()) {
                Ok(url) if url.has_host() && ["postgres", "postgresql"].contains(&url.scheme()) => {
                    write!(f, "postgres://{}", url.host_str().unwrap_or_default())?;
                    if let Some(port) = url.port() {
                        write!(f, ":{port}")?;
                    }
                    f.write_str(url.path())
                }
                Ok(_) | Err(_) => f.write_str("the PostgreSQL database"),
            },
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
