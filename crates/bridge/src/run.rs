//! The service: reads the configuration, runs every link of it until told to stop, and listens to the operator.
//!
//! `post` is one link's run from its journal to its end; `crew` keeps all of them running and decides when the program
//! ends.

mod crew;
mod post;

use std::collections::BTreeMap;
use std::path::PathBuf;

use console::Pulse;
use replicator::Command;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::crew::Crew;
use self::post::Post;
use crate::arguments;
use crate::config::{self, Config, LeftOut, Loaded};
use crate::console_host::ConsoleHost;
use crate::control::{Desk, Listening};
use crate::exit::{Exit, Failed};
use crate::link::{COMMANDS, Decisions, Running, Showing, Standing, relay};
use crate::logging::{self, Level};
use crate::reload::{Handle, Reloader};
use crate::service_manager::ServiceManager;
use crate::signals::{self, Hangups};

/// The command `run`.
pub fn run(arguments: &arguments::Run) -> Result<Exit, Failed> {
    let Loaded { config, left_out, warnings } = config::load(&arguments.config)?;
    let level = logging::start(&config.log)?;
    for warning in &warnings {
        tracing::warn!(warning, "about the configuration");
    }
    let is_named = config.links.len() + left_out.len() > 1;
    for LeftOut { name, problems } in left_out {
        let problem = Failed::diagnosed(Exit::Configuration, problems).story(false);
        tracing::error!(link = name, %problem, "this link is left out: its configuration is wrong; the others run");
    }
    let file = arguments.config.clone();
    signals::run_until_told(|shutdown| serve(Program { file, config, is_named, level }, shutdown))
}

/// What is to run.
struct Program {
    /// The configuration file, to be read again.
    file: PathBuf,
    config: Config,
    /// Whether log lines say whose they are.
    is_named: bool,
    level: Level,
}

/// Runs all links, each for itself, and listens to the operator for as long as one of them runs.
async fn serve(program: Program, shutdown: CancellationToken) -> Result<Exit, Failed> {
    let Program { file, config, is_named, level } = program;
    let listening = Listening::open(&config.control)?;
    let console = match &config.console {
        Some(console) => Some(ConsoleHost::open(console).await?),
        None => None,
    };
    let hangups = Hangups::catch()?;
    let Staff { posts, handles, relays, shown } = Staff::of(&config.links, is_named);
    let pulses = shown.iter().map(Pulse::of).collect();
    let links = handles.iter().map(|(name, handle)| (name.clone(), handle.commands.clone())).collect();
    let (reload, reloads) = mpsc::channel(COMMANDS);
    let desk = Desk { links, reload };
    let (reloader, reloaded) = Reloader::new(file, config, handles, level);
    let over = CancellationToken::new();
    let links = async {
        let ended = Crew::new(posts).run(shutdown.clone()).await;
        over.cancel();
        ended
    };
    let relays = async {
        let mut relaying = JoinSet::from_iter(relays);
        // When no link is left, nobody is asked anything any more.
        let _ = over.run_until_cancelled(async { while relaying.join_next().await.is_some() {} }).await;
        relaying.shutdown().await;
    };
    let showing = async {
        if let Some(console) = console {
            console.serve(shown, shutdown.clone(), over.clone()).await;
        }
    };
    let manager = ServiceManager::from_environment();
    let (ended, (), (), (), (), ()) = tokio::join!(
        links,
        listening.serve(desk, over.clone()),
        reloader.serve(reloads, hangups, over.clone()),
        relays,
        showing,
        manager.follow(pulses, reloaded, shutdown.clone(), over.clone()),
    );
    ended.map(|()| Exit::Success)
}

/// The links, and by what each is spoken to and looked at.
struct Staff<R> {
    posts: Vec<Post>,
    handles: BTreeMap<String, Handle>,
    /// To be run beside the links.
    relays: Vec<R>,
    /// For the console.
    shown: Vec<console::Link>,
}

impl Staff<()> {
    fn of(links: &[config::Link], is_named: bool) -> Staff<impl Future<Output = ()> + Send + 'static> {
        let mut staff = Staff { posts: Vec::new(), handles: BTreeMap::new(), relays: Vec::new(), shown: Vec::new() };
        for link in links {
            let (commands, heard) = mpsc::channel(COMMANDS);
            let (showing, shown) = Showing::new(link, commands.clone());
            let (post, handle, running) = occupy(link, is_named, commands, showing);
            staff.posts.push(post);
            staff.handles.insert(link.name.clone(), handle);
            staff.relays.push(relay(heard, running));
            staff.shown.push(shown);
        }
        staff
    }
}

/// A link, and by what it is spoken to.
fn occupy(
    link: &config::Link,
    is_named: bool,
    commands: mpsc::Sender<Command>,
    showing: Showing,
) -> (Post, Handle, Running) {
    let (decisions, decided) = watch::channel(Decisions::of(link));
    let (scope, scoped) = watch::channel(link.scope.clone());
    let (standing, stands) = watch::channel(Standing::Beginning);
    let (desk, running) = watch::channel(None);
    let post = Post { config: link.clone(), is_named, decisions: decided, scope: scoped, standing, desk, showing };
    (post, Handle { decisions, scope, standing: stands, commands }, running)
}
