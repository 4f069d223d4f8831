//! Reads the configuration again while the links run, and applies what can be applied without dropping a session:
//! rules, who is who, the scope, and the log level.
//!
//! All of it or nothing: a file with a mistake, or with rules that do not fit what is known of the two sides, changes
//! nothing. What else differs in the file is told, and takes effect at the next start. Does not know how a link takes
//! over what it is told.

mod fit;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::source::Scope;
use replicator::Command;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::config::{self, Changes, Config, Effect, Link};
use crate::control::{ReloadRequest, Reloaded};
use crate::exit::{Exit, Failed};
use crate::link::{Decisions, Standing};
use crate::logging::Level;
use crate::service_manager::Reloads;
use crate::signals::Hangups;

/// By what a link is told of changes.
#[derive(Debug)]
pub struct Handle {
    /// The rules, and who is who.
    pub decisions: watch::Sender<Decisions>,
    /// Which agents.
    pub scope: watch::Sender<Scope>,
    /// How far the link has come.
    pub standing: watch::Receiver<Standing>,
    /// Where its loop takes commands.
    pub commands: mpsc::Sender<Command>,
}

/// Who reads the configuration again.
pub struct Reloader {
    file: PathBuf,
    /// What the program was started with.
    started: Config,
    /// What was read last.
    applied: Config,
    links: BTreeMap<String, Handle>,
    level: Level,
    reloads: watch::Sender<Reloads>,
}

impl Reloader {
    /// Of a program that runs these links, and where it says how often it read.
    pub fn new(
        file: PathBuf,
        config: Config,
        links: BTreeMap<String, Handle>,
        level: Level,
    ) -> (Self, watch::Receiver<Reloads>) {
        let (reloads, told) = watch::channel(Reloads::default());
        (Self { file, started: config.clone(), applied: config, links, level, reloads }, told)
    }

    /// Reads the file again whenever it is asked to, or SIGHUP comes, until there is nobody left to tell.
    pub async fn serve(
        mut self,
        mut requests: mpsc::Receiver<ReloadRequest>,
        mut hangups: Hangups,
        end: CancellationToken,
    ) {
        loop {
            let asked = tokio::select! {
                () = end.cancelled() => return,
                () = hangups.next() => None,
                Some(asked) = requests.recv() => Some(asked),
            };
            self.reloads.send_modify(|reloads| reloads.begun += 1);
            let reloaded = self.reload().await;
            self.reloads.send_modify(|reloads| reloads.ended += 1);
            log(&reloaded);
            if let Some(asked) = asked {
                // Whoever asked may have gone.
                let _ = asked.send(reloaded);
            }
        }
    }

    async fn reload(&mut self) -> Reloaded {
        match self.apply().await {
            Ok(reloaded) => reloaded,
            Err(failed) => Reloaded { refused: Some(failed.story(false)), ..Reloaded::default() },
        }
    }

    /// Looks at everything first, and changes something only when all of it can be changed.
    async fn apply(&mut self) -> Result<Reloaded, Failed> {
        let new = read(&self.file).await?;
        let at_once = Changes::between(&self.applied, &new);
        let later = Changes::between(&self.started, &new);
        let applied = self.applied.renewed(&new);
        let steps: Vec<(&str, &Handle, Step)> = applied
            .links
            .iter()
            .filter_map(|link| self.links.get(&link.name).map(|handle| (link.name.as_str(), handle, Step::of(link))))
            .filter(|(_, handle, step)| step.differs(handle))
            .collect();
        for (_, handle, step) in &steps {
            fit::check(handle, &step.decisions).await?;
        }
        self.level.set(new.log.level.clone())?;
        let mut needs_restart: Vec<String> = later.of(Effect::AtNextStart).map(ToString::to_string).collect();
        for (name, handle, step) in steps {
            if let Err(failed) = step.take(handle).await {
                let problem = failed.story(false);
                tracing::error!(link = name, %problem, "this link could not be told of what was read");
                needs_restart.push(format!("{name}: what this link could not be told, see the log"));
            }
        }
        self.applied = applied;
        let applied = at_once.of(Effect::AtOnce).map(ToString::to_string).collect();
        Ok(Reloaded { refused: None, applied, needs_restart })
    }
}

async fn read(file: &Path) -> Result<Config, Failed> {
    let file = file.to_owned();
    let reading = tokio::task::spawn_blocking(move || config::load_whole(&file));
    let (config, warnings) = reading.await.map_err(|error| Failed::new(Exit::Internal, error))??;
    for warning in warnings {
        tracing::warn!(warning, "about the configuration");
    }
    Ok(config)
}

/// What one link is about to be told.
struct Step {
    decisions: Decisions,
    scope: Scope,
}

impl Step {
    fn of(link: &Link) -> Self {
        Self { decisions: Decisions::of(link), scope: link.scope.clone() }
    }

    fn differs(&self, handle: &Handle) -> bool {
        *handle.decisions.borrow() != self.decisions || *handle.scope.borrow() != self.scope
    }

    async fn take(self, handle: &Handle) -> Result<(), Failed> {
        let rescoped = *handle.scope.borrow() != self.scope;
        handle.decisions.send_replace(self.decisions.clone());
        let told = fit::tell(handle, self.decisions, rescoped).await;
        if rescoped {
            // The loop knows by now that fewer agents are no reason for doubt.
            handle.scope.send_replace(self.scope);
        }
        told
    }
}

fn log(reloaded: &Reloaded) {
    let listed = |items: &[String]| if items.is_empty() { "nothing".to_owned() } else { items.join(", ") };
    let Reloaded { refused, applied, needs_restart } = reloaded;
    match refused {
        Some(problem) => tracing::error!(%problem, "the configuration is refused, and everything stays as it is"),
        None => tracing::info!(
            applied = listed(applied),
            at_next_start = listed(needs_restart),
            "the configuration was read again"
        ),
    }
}
