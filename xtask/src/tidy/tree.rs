//! The text files of the tree, without what building leaves behind.

use std::fs;
use std::io;
use std::path::Path;

use crate::shell::Failure;

/// What git keeps for itself, what building and fuzzing leave behind, and inputs of fuzzing, which are nonsense on
/// purpose.
const SKIPPED: [&str; 5] = [".git", "target", "fuzz/target", "fuzz/artifacts", "fuzz/corpus"];

/// A file that is text.
#[derive(Debug, Clone)]
pub struct File {
    /// From the workspace's root, with `/`.
    pub path: String,
    pub text: String,
}

impl File {
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// Reads every text file, in the order of their paths.
pub fn read(root: &Path) -> Result<Vec<File>, Failure> {
    let mut files = Vec::new();
    read_folder(root, "", &mut files)?;
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(files)
}

fn read_folder(folder: &Path, prefix: &str, files: &mut Vec<File>) -> Result<(), Failure> {
    let failed = |cause| Failure::File { action: "list", path: folder.to_owned(), cause };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if kind.is_dir() && !SKIPPED.contains(&path.as_str()) {
            read_folder(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file()
            && let Some(text) = read_text(&entry.path())?
        {
            files.push(File { path, text });
        }
    }
    Ok(())
}

/// The file's text; `None` when it is no text, or was removed since the folder was listed.
fn read_text(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(cause) if [io::ErrorKind::InvalidData, io::ErrorKind::NotFound].contains(&cause.kind()) => Ok(None),
        Err(cause) => Err(Failure::File { action: "read", path: path.to_owned(), cause }),
    }
}
