//! What a configuration decides about the meaning of statuses, for commands that need neither side: no secret is read.

use std::path::{Path, PathBuf};

use replicator::options::{LoggedOut, NotRespondingPresence};

use super::forms::{self, Placed};
use super::reader::Reader;
use super::replication::{self, Mapping, Replication};
use super::{choose, keeping, load_with};
use crate::exit::Failed;
use crate::problem::Problems;

/// A link, as far as it decides about meanings.
#[derive(Debug)]
pub struct Deciding {
    /// Its name.
    pub name: String,
    /// The rules.
    pub mapping: Mapping,
    /// What an agent without a client is, whatever the rules say.
    pub logged_out: LoggedOut,
    /// The presence of an agent who did not answer, whatever the rules say.
    pub not_responding_presence: NotRespondingPresence,
    /// Where everything is written down.
    pub journal: store::Options,
    /// The socket for the operator.
    pub control: PathBuf,
}

/// Reads what the link of this name decides; without one, the only link.
pub fn load_deciding(path: &Path, link: Option<&str>) -> Result<Deciding, Failed> {
    let (links, _) = load_with(path, read)?;
    let name = choose(&links, |link| &link.name, link)?.name.clone();
    Ok(links.into_iter().find(|link| link.name == name).expect("it was just chosen"))
}

fn read(mut reader: Reader<'_, '_>, placed: Placed<'_>) -> Result<Vec<Deciding>, Problems> {
    let mut problems = Vec::new();
    let mut found = Vec::new();
    if reader.has(forms::LINKS) {
        let tables = reader.tables(forms::LINKS, forms::ABOUT_LINKS);
        let shared = keeping::shared_journal(&mut reader);
        for table in tables {
            let mut reader = reader.inside(table);
            let name = forms::name(&mut reader);
            let journal = keeping::journal_of(&mut reader, name.as_deref(), shared.as_ref());
            found.push((name, decisions(&mut reader), journal));
            problems.extend(reader.finish_part().problems);
        }
    } else {
        let journal = keeping::journal(&mut reader);
        let name = journal.as_ref().map(|journal| journal.link.clone());
        found.push((name, decisions(&mut reader), journal));
    }
    let control = keeping::control(&mut reader);
    problems.extend(reader.finish_part().problems);
    if !problems.is_empty() {
        return Err(placed(problems));
    }
    let links = found.into_iter().filter_map(|(name, (mapping, replication), journal)| {
        let control = control.clone()?;
        let (Replication { logged_out, not_responding_presence, .. }, mapping) = (replication?, mapping?);
        Some(Deciding { name: name?, mapping, logged_out, not_responding_presence, journal: journal?, control })
    });
    Ok(links.collect())
}

fn decisions(reader: &mut Reader<'_, '_>) -> (Option<Mapping>, Option<Replication>) {
    (replication::mapping(reader), replication::replication(reader))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    fn decided(text: &str, link: Option<&str>) -> Result<Deciding, Failed> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bridge.toml");
        std::fs::write(folder.path().join("rules.toml"), "# none\n").unwrap();
        std::fs::write(&path, text).unwrap();
        load_deciding(&path, link)
    }

    #[test]
    fn neither_side_nor_its_secret_is_needed() {
        let text = "[pureconnect]\nuser = \"u\"\npassword = { file = \"not readable\" }\n[mapping]\nfile = \"rules.toml\"\n\
                    precedence = \"message-first\"\n[replication]\nlogged_out = \"map-status\"\n";
        let found = decided(text, None).unwrap();
        assert_eq!(found.name, super::super::default_link());
        assert!(found.mapping.own.is_some_and(|own| own.text == "# none\n"));
        assert_eq!(found.mapping.options.precedence, mapping::Precedence::MessageFirst);
        assert_eq!(found.logged_out, LoggedOut::MapStatus);
    }

    #[test]
    fn of_several_links_one_is_named() {
        let text =
            "[[link]]\nname = \"north\"\n[link.mapping]\nprecedence = \"message-first\"\n[[link]]\nname = \"south\"\n";
        let of = |link| decided(text, Some(link)).unwrap().mapping.options.precedence;
        assert_eq!((of("north"), of("south")), (mapping::Precedence::MessageFirst, mapping::Precedence::Printed));
        let which = decided(text, None).unwrap_err();
        assert_eq!(which.exit, Exit::Usage);
        assert!(which.story(false).contains("north, south"), "{which:?}");
        assert_eq!(decided(text, Some("west")).unwrap_err().exit, Exit::Usage);
    }

    #[test]
    fn what_is_wrong_with_the_decisions_is_told_with_its_place() {
        let wrong = decided("[mapping]\nprecedence = \"first\"\nfile = \"nothing.toml\"\n", None).unwrap_err();
        let story = wrong.story(false);
        assert_eq!(wrong.exit, Exit::Configuration);
        assert!(story.contains("bridge.toml:2:") && story.contains("nothing.toml"), "{story}");
    }
}
