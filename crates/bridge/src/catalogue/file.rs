//! Saved catalogues on the disk.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use mapping::{SavedCatalogue, Source, codes};
use tempfile::NamedTempFile;

use super::{Origin, Statuses, shown};
use crate::config::TextFile;
use crate::exit::{Exit, Failed};
use crate::problem::Problem;
use crate::rules;

/// Reads a saved catalogue.
pub fn saved(path: &Path) -> Result<Statuses, Failed> {
    let name = shown(path);
    let text = fs::read_to_string(path).map_err(|error| failed("read", path, error))?;
    let SavedCatalogue { host, saved, catalogue, .. } = SavedCatalogue::parse(Source { name: &name, text: &text })
        .map_err(|errors| {
            let file = TextFile { name: name.clone(), text: text.clone() };
            Failed::diagnosed(Exit::Configuration, rules::problems(&file, errors))
        })?;
    let origin = Origin::Saved { file: name, host, saved };
    Ok(Statuses { origin, catalogue, agents: Vec::new(), no_answer: mapping::default_no_answer() })
}

/// Writes a catalogue in one step, so that nobody ever reads half of it, in place of one that is there. Anything else that
/// is there is left alone.
pub fn write(path: &Path, text: &str) -> Result<(), Failed> {
    let failed = |error| failed("write", path, error);
    let is_there = match fs::symlink_metadata(path) {
        Ok(_) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(failed(error)),
    };
    // A link is followed: what it leads to is replaced, and not the link itself.
    let target = if is_there { fs::canonicalize(path).map_err(failed)? } else { path.to_owned() };
    let mode = if is_there { replaceable(path, &target)? } else { 0o666 };
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let new = tempfile::Builder::new().permissions(Permissions::from_mode(mode)).tempfile_in(folder);
    let mut new: NamedTempFile = new.map_err(failed)?;
    new.write_all(text.as_bytes()).map_err(failed)?;
    new.as_file().sync_all().map_err(failed)?;
    // What appeared meanwhile was not looked at.
    let persisted = if is_there { new.persist(&target) } else { new.persist_noclobber(&target) };
    persisted.map(drop).map_err(|error| failed(error.error))
}

/// The permissions of a saved catalogue that may be replaced. One with mistakes, or of another version, is one all the
/// same: saving it again is what mends it.
fn replaceable(path: &Path, target: &Path) -> Result<u32, Failed> {
    let metadata = fs::metadata(target).map_err(|error| failed("write", path, error))?;
    let is_ours = metadata.is_file()
        && fs::read_to_string(target).is_ok_and(|text| {
            let errors = SavedCatalogue::parse(Source { name: "", text: &text }).err().unwrap_or_default();
            errors.iter().all(|error| ![codes::NOT_A_CATALOGUE, codes::SYNTAX].contains(&error.code))
        });
    if is_ours {
        return Ok(metadata.permissions().mode() & 0o777);
    }
    let problem = Problem::new(format!("{} is there already and is no saved catalogue", shown(path)));
    Err(Failed::diagnosed(Exit::Usage, problem.help("it is left as it is: name another file, or move it away")))
}

fn failed(action: &str, path: &Path, error: io::Error) -> Failed {
    Failed::diagnosed(Exit::Usage, Problem::new(format!("failed to {action} {}", shown(path))).because(error))
}
