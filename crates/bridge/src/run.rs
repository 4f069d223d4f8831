//! The service: reads the configuration, runs every link of it until told to stop, and listens to the operator.
//!
//! `post` is one link's run from its journal to its end; `crew` keeps all of them running and decides when the program
//! ends.

mod crew;
mod post;

use std::collections::BTreeMap;
use std::path::PathBuf;

use replicator::Command;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use self::crew::Crew;
use self::post::Post;
use crate::arguments;
use crate::config::{self, Config, LeftOut, Loaded};
use crate::control::{Desk, Listening};
use crate::exit::{Exit, Failed};
use crate::link::{Decisions, Standing};
use crate::logging::{self, Level};
use crate::reload::{Handle, Reloader};
use crate::signals::{self, Hangups};

/// One operator speaks at a time; whoever comes next waits.
const COMMANDS: usize = 1;

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
    let hangups = Hangups::catch()?;
    let (mut posts, mut handles, mut relays) = (Vec::new(), BTreeMap::new(), Vec::new());
    for link in &config.links {
        let (commands, heard) = mpsc::channel(COMMANDS);
        let (post, handle, running) = occupy(link, is_named, commands);
        posts.push(post);
        handles.insert(link.name.clone(), handle);
        relays.push(relay(heard, running));
    }
    let links = handles.iter().map(|(name, handle)| (name.clone(), handle.commands.clone())).collect();
    let (reload, reloads) = mpsc::channel(COMMANDS);
    let desk = Desk { links, reload };
    let reloader = Reloader::new(file, config, handles, level);
    let deaf = CancellationToken::new();
    let links = async {
        let ended = Crew::new(posts).run(shutdown).await;
        deaf.cancel();
        ended
    };
    let relays = async {
        let mut relaying = tokio::task::JoinSet::from_iter(relays);
        while relaying.join_next().await.is_some() {}
    };
    let (ended, (), (), ()) = tokio::join!(
        links,
        listening.serve(desk, deaf.clone()),
        reloader.serve(reloads, hangups, deaf.clone()),
        relays,
    );
    ended.map(|()| Exit::Success)
}

/// Where the link that runs at the moment takes commands; `None` while it does not run.
type Running = watch::Receiver<Option<mpsc::Sender<Command>>>;

/// A link, and by what it is spoken to.
fn occupy(link: &config::Link, is_named: bool, commands: mpsc::Sender<Command>) -> (Post, Handle, Running) {
    let (decisions, decided) = watch::channel(Decisions::of(link));
    let (scope, scoped) = watch::channel(link.scope.clone());
    let (standing, stands) = watch::channel(Standing::Beginning);
    let (desk, running) = watch::channel(None);
    let post = Post { config: link.clone(), is_named, decisions: decided, scope: scoped, standing, desk };
    (post, Handle { decisions, scope, standing: stands, commands }, running)
}

/// Passes commands on to the link while it runs. While it does not, whoever asks hears that nobody answers.
async fn relay(mut heard: mpsc::Receiver<Command>, running: Running) {
    while let Some(command) = heard.recv().await {
        let link = running.borrow().clone();
        if let Some(link) = link {
            // When it has ended meanwhile, the command is dropped, which tells whoever waits for its answer.
            drop(link.send(command).await);
        }
    }
}
