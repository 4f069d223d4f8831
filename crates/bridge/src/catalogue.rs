//! The status messages that a command speaks of, and who is in them: those that PureConnect comes with, those of a saved
//! catalogue, or those of the live system. And the command `catalogue save`.
//!
//! Knows where they come from. What they mean is not known here.

mod file;
mod live;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::Path;

use domain::ids::{AgentId, StatusId};
use domain::source::Catalogue;
use jiff::Timestamp;
use mapping::SavedCatalogue;
use serde_json::{Value, json};

use crate::arguments;
use crate::config::{self, Deciding};
use crate::control::told;
use crate::exit::{Exit, Failed};
use crate::problem::Problem;

/// Status messages, and who is in them where the live system was asked.
#[derive(Debug)]
pub struct Statuses {
    /// Where they come from.
    pub origin: Origin,
    /// The status messages.
    pub catalogue: Catalogue,
    /// The agents in scope; none where nobody was asked.
    pub agents: Vec<LiveAgent>,
    /// The statuses of agents who did not answer.
    pub no_answer: BTreeSet<StatusId>,
}

/// Where status messages come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// PureConnect comes with them.
    Shipped,
    /// They were saved in a file.
    Saved {
        /// Which.
        file: String,
        /// The server that told them.
        host: Option<String>,
        /// When.
        saved: Timestamp,
    },
    /// The running bridge told them.
    Bridge {
        /// Of which server.
        host: Option<String>,
        /// Its release.
        release: Option<String>,
    },
    /// PureConnect was asked, because no bridge runs.
    PureConnect {
        /// Which server.
        host: String,
        /// Its release.
        release: Option<String>,
    },
}

/// An agent in scope at this moment.
#[derive(Debug)]
pub struct LiveAgent {
    /// Who.
    pub id: AgentId,
    /// The display name.
    pub name: String,
    /// The e-mail address in PureConnect.
    pub email: Option<String>,
    /// The workgroups.
    pub workgroups: Vec<String>,
    /// The status; `None` where it may not be seen.
    pub status: Option<told::Status>,
    /// Whether the agent is logged in; a logout that is held back counts as logged in.
    pub logged_in: bool,
    /// What only a bridge that runs knows.
    pub replicated: Option<Box<told::Agent>>,
}

/// The statuses that the command line means, and what the configuration decides, where one is given.
pub async fn statuses(system: &arguments::System) -> Result<(Statuses, Option<Deciding>), Failed> {
    let link = system.link.as_deref();
    let deciding = system.config.as_deref().map(|path| config::load_deciding(path, link)).transpose()?;
    let statuses = match (&system.catalogue, &system.config, &deciding) {
        (Some(file), _, _) => file::saved(file)?,
        (None, Some(path), Some(deciding)) => live::ask(path, deciding).await?,
        (None, _, _) => shipped(),
    };
    Ok((statuses, deciding))
}

fn shipped() -> Statuses {
    Statuses {
        origin: Origin::Shipped,
        catalogue: mapping::default_catalogue(),
        agents: Vec::new(),
        no_answer: mapping::default_no_answer(),
    }
}

impl Statuses {
    /// How many there are and where they come from, for people.
    pub fn words(&self) -> String {
        let count = match self.catalogue.len() {
            1 => "1 status message".to_owned(),
            count => format!("{count} status messages"),
        };
        let of = |host: &Option<String>| host.as_ref().map(|host| format!(" of {host}")).unwrap_or_default();
        match &self.origin {
            Origin::Shipped => format!("{count} that PureConnect comes with"),
            Origin::Saved { file, host, saved } => format!("{count}{}, saved at {saved} in {file}", of(host)),
            Origin::Bridge { host, .. } => format!("{count}{}, told by the running bridge", of(host)),
            Origin::PureConnect { host, .. } => format!("{count} of {host}, which was asked because no bridge runs"),
        }
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        let count = self.catalogue.len();
        match &self.origin {
            Origin::Shipped => json!({ "from": "shipped", "statuses": count }),
            Origin::Saved { file, host, saved } => {
                json!({ "from": "file", "file": file, "host": host, "saved": saved.to_string(), "statuses": count })
            }
            Origin::Bridge { host, release } => {
                json!({ "from": "bridge", "host": host, "release": release, "statuses": count })
            }
            Origin::PureConnect { host, release } => {
                json!({ "from": "pureconnect", "host": host, "release": release, "statuses": count })
            }
        }
    }

    /// Whether somebody was asked who is in which status.
    pub fn is_live(&self) -> bool {
        matches!(self.origin, Origin::Bridge { .. } | Origin::PureConnect { .. })
    }
}

/// The command `catalogue save`: the text for standard output, or where it was written.
pub async fn save(arguments: &arguments::SaveCatalogue, now: Timestamp) -> Result<Saved, Failed> {
    let deciding = config::load_deciding(&arguments.config, arguments.link.as_deref())?;
    let statuses = live::ask(&arguments.config, &deciding).await?;
    if statuses.catalogue.is_empty() {
        let problem = Problem::new("there are no status messages to save");
        let help = "the bridge has none before its first snapshot; see its log for whether its user may view them";
        return Err(Failed::diagnosed(Exit::Unreachable, problem.help(help)));
    }
    let words = statuses.words();
    let (host, release) = match statuses.origin {
        Origin::Bridge { host, release } => (host, release),
        Origin::PureConnect { host, release } => (Some(host), release),
        Origin::Saved { .. } | Origin::Shipped => (None, None),
    };
    let text = SavedCatalogue { host, release, saved: now, catalogue: statuses.catalogue }.write();
    match &arguments.output {
        None => Ok(Saved::Text(text)),
        Some(path) => {
            file::write(path, &text)?;
            Ok(Saved::Written(format!("{words}: saved in {}\n", shown(path))))
        }
    }
}

/// What became of a catalogue.
#[derive(Debug)]
pub enum Saved {
    /// It is to be printed.
    Text(String),
    /// It is in its file, which is what there is to be said.
    Written(String),
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
