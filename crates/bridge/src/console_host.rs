//! The console as a part of this program: opened before anything else begins, in a runtime of its own, so that whoever
//! comes to it slowly, often or with bad intentions holds up no link.

use std::net::SocketAddr;
use std::time::Duration;

use console::{Access, Console, Listening, TrustedHeader};
use tokio::sync::oneshot;
use tokio::task::JoinError;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::config;
use crate::exit::{Exit, Failed};
use crate::link::Apart;
use crate::problem::Problem;

/// It ends by itself two seconds after the order at the latest; what takes longer is cut off.
const GRACE: Duration = Duration::from_secs(3);

/// A console that has its address.
pub struct ConsoleHost {
    address: SocketAddr,
    /// What it is to show; dropped, the console ends.
    links: oneshot::Sender<Shown>,
    running: Apart<()>,
}

/// The links, the order to stop, and when they have.
type Shown = (Vec<console::Link>, CancellationToken, CancellationToken);

impl ConsoleHost {
    /// Takes the address. To be called before anything begins that would have to end when there is none.
    pub async fn open(config: &config::Console) -> Result<Self, Failed> {
        let internal =
            |error| Failed::diagnosed(Exit::Internal, Problem::new("failed to start the console").because(error));
        let (opened, opening) = oneshot::channel();
        let (links, shown) = oneshot::channel();
        let options = options(config);
        let work = async move {
            let listening = match Console::bind(options).await {
                Ok(listening) => listening,
                Err(failure) => return drop(opened.send(Err(failure))),
            };
            if opened.send(Ok(listening.address())).is_ok() {
                serve(listening, shown).await;
            }
        };
        let running = Apart::start(None, work).map_err(internal)?;
        match opening.await {
            Ok(Ok(address)) => Ok(Self { address, links, running }),
            Ok(Err(failure)) => Err(refused(failure)),
            Err(_) => Err(running.ended().await.err().map_or_else(
                || Failed::diagnosed(Exit::Internal, Problem::new("the console ended before it began")),
                |panicked| Failed::new(Exit::Internal, panicked),
            )),
        }
    }

    /// Its address for a browser on this computer.
    pub fn url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(if address.is_ipv4() {
                [127, 0, 0, 1].into()
            } else {
                std::net::Ipv6Addr::LOCALHOST.into()
            });
        }
        format!("http://{address}/")
    }

    /// Shows the links until they are over; from `stopping` on they are about to be. That it ends before is a mistake of
    /// ours, and no reason to end a link.
    pub async fn serve(self, links: Vec<console::Link>, stopping: CancellationToken, over: CancellationToken) {
        let Self { links: shown, running, .. } = self;
        // Where it has gone already, `ended` says why.
        let _ = shown.send((links, stopping, over.clone()));
        let mut ended = std::pin::pin!(running.ended());
        let early = tokio::select! {
            early = &mut ended => Some(early),
            () = over.cancelled() => None,
        };
        match early {
            Some(early) => tell(early),
            None => match timeout(GRACE, ended).await {
                Ok(ended) => ended.unwrap_or_else(|error| tracing::error!(%error, "the console failed at its end")),
                Err(_) => tracing::warn!("the console did not end in time and is cut off"),
            },
        }
    }
}

/// Serves what comes; nothing, when whoever should say what has gone.
async fn serve(listening: Listening, shown: oneshot::Receiver<Shown>) {
    if let Ok((links, stopping, over)) = shown.await {
        tracing::info!(address = %listening.address(), "the console is open");
        listening.serve(links, stopping, over).await;
    }
}

fn tell(ended: Result<(), JoinError>) {
    match ended {
        Ok(()) => tracing::error!("the console ended; the links go on, and it is there again after a restart"),
        Err(error) => {
            tracing::error!(%error, "the console failed; the links go on, and it is there again after a restart")
        }
    }
}

fn options(config: &config::Console) -> console::Options {
    let config::Console { listen, hosts, viewer_tokens, admin_tokens, proxy } = config.clone();
    let trusted_header = proxy.map(|config::Proxy { header, admins, peers }| TrustedHeader {
        name: header,
        peers: peers.into_iter().collect(),
        admins,
    });
    let access = Access { viewer_tokens, admin_tokens, trusted_header, hosts: hosts.into_iter().collect() };
    console::Options { listen, access, version: env!("CARGO_PKG_VERSION") }
}

fn refused(failure: console::ListenFailure) -> Failed {
    let problem = if failure.is_in_use() {
        let help = "another bridge, or another program, listens there: [console] listen names an address of its own, \
                    and enabled = false does without a console";
        Problem::new("the console cannot have its address").help(help)
    } else {
        Problem::new("the console cannot be opened").help("[console] says where it listens and who may come in")
    };
    Failed::diagnosed(Exit::Configuration, problem.because(failure))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> config::Console {
        config::imagine(
            "[pureconnect]\nhosts = [\"a\"]\nuser = \"u\"\npassword = { env = \"A\" }\n[genesys_cloud]\n\
             region = \"mypurecloud.de\"\nclient_id = \"i\"\nclient_secret = { env = \"B\" }\n\
             [console]\nlisten = \"127.0.0.1:0\"\n",
        )
        .unwrap()
        .console
        .unwrap()
    }

    #[tokio::test]
    async fn an_address_that_somebody_has_is_refused_with_what_to_do() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let config = config::Console { listen: taken.local_addr().unwrap(), ..local() };
        let failed = ConsoleHost::open(&config).await.map(|_| ()).unwrap_err();
        assert_eq!(failed.exit, Exit::Configuration);
        let story = failed.story(false);
        assert!(story.contains("the console cannot have its address"), "{story}");
        assert!(story.contains(&config.listen.to_string()) && story.contains("[console] listen"), "{story}");
    }

    #[tokio::test]
    async fn it_ends_when_it_is_told_to() {
        let host = ConsoleHost::open(&local()).await.unwrap();
        assert!(host.url().starts_with("http://127.0.0.1:") && host.address.port() != 0, "{}", host.url());
        let shutdown = CancellationToken::new();
        shutdown.cancel();
        timeout(GRACE, host.serve(Vec::new(), shutdown.clone(), shutdown)).await.unwrap();
    }
}
