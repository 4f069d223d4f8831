//! What differs between two readings of the configuration, key by key, and which of it can be changed while the links run.
//!
//! Compares digests, so that a secret or a file of rules that changed is found, too, and nothing of it is shown.

use std::fmt;

use super::reader::{Level, Setting};
use super::{Config, Link};

/// A key that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whose, in a file with several links.
    pub link: Option<String>,
    /// The section as it is written.
    pub section: String,
    /// The key; `None` where the whole link is new or gone.
    pub key: Option<&'static str>,
    /// When it takes effect.
    pub effect: Effect,
}

/// When a change takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// By a reload.
    AtOnce,
    /// When the program is started again.
    AtNextStart,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(link) = &self.link {
            write!(f, "{link}: ")?;
        }
        f.write_str(&self.section)?;
        match self.key {
            Some(key) => write!(f, " {key}"),
            None => Ok(()),
        }
    }
}

/// All of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes(pub Vec<Change>);

/// What a reload applies; what is not listed here takes effect at the next start.
const AT_ONCE: [(&str, &[&str]); 3] = [
    ("mapping", &["file", "precedence"]),
    ("users", &["workgroups", "exclude", "match", "match_csv"]),
    ("log", &["level"]),
];

impl Changes {
    /// From one reading to a later one of the same file. A link is the same when it has the same name, or when there is
    /// only one.
    pub fn between(old: &Config, new: &Config) -> Self {
        let mut changes = differences(None, Level::File, &old.settings, &new.settings);
        for link in &old.links {
            match new.counterpart(link, old.links.len()) {
                Some(new) => changes.extend(differences(
                    (link.level == Level::Link).then_some(&link.name),
                    link.level,
                    &link.settings,
                    &new.settings,
                )),
                None => changes.push(whole(link, "is gone from the file")),
            }
        }
        let added = new.links.iter().filter(|link| old.counterpart(link, new.links.len()).is_none());
        changes.extend(added.map(|link| whole(link, "is new in the file")));
        Self(changes)
    }

    /// Those that take effect then.
    pub fn of(&self, effect: Effect) -> impl Iterator<Item = &Change> {
        self.0.iter().filter(move |change| change.effect == effect)
    }
}

impl Config {
    /// This reading brought up to date: the same links, each as the new reading has it, if it is still there.
    pub fn renewed(&self, new: &Self) -> Self {
        let renew = |link: &Link| match new.counterpart(link, self.links.len()) {
            // External ids are a matter of [genesys_cloud], which takes effect at the next start.
            Some(found) => {
                let mut found = found.clone();
                found.options.matching.external_ids = link.options.matching.external_ids;
                Link { name: link.name.clone(), ..found }
            }
            None => link.clone(),
        };
        Self { links: self.links.iter().map(renew).collect(), ..new.clone() }
    }

    /// The same link in this reading; `count` is how many links the other one had.
    pub fn counterpart(&self, link: &Link, count: usize) -> Option<&Link> {
        match &self.links[..] {
            [only] if count == 1 => Some(only),
            links => links.iter().find(|other| other.name == link.name),
        }
    }
}

fn whole(link: &Link, what: &str) -> Change {
    Change {
        link: Some(link.name.clone()),
        section: format!("[[link]] {what}"),
        key: None,
        effect: Effect::AtNextStart,
    }
}

fn differences(link: Option<&String>, level: Level, old: &[Setting], new: &[Setting]) -> Vec<Change> {
    let differs = |one: &&Setting, others: &[Setting]| !others.contains(one);
    let mut found: Vec<(&str, &'static str)> = Vec::new();
    let changed = old.iter().filter(|one| differs(one, new)).chain(new.iter().filter(|one| differs(one, old)));
    for Setting { section, key, .. } in changed {
        if !found.contains(&(*section, *key)) {
            found.push((*section, *key));
        }
    }
    let change = |(section, key): (&str, &'static str)| {
        let at_once = AT_ONCE.iter().any(|(known, keys)| *known == section && keys.contains(&key));
        let effect = if at_once { Effect::AtOnce } else { Effect::AtNextStart };
        Change { link: link.cloned(), section: level.title(section), key: Some(key), effect }
    };
    found.into_iter().map(change).collect()
}
