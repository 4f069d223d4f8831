//! Where a configuration is read: the folder that its paths start from, the environment, and what was noticed on the
//! way that is no error.

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What an environment variable is set to, if it is.
pub type Variables<'v> = &'v dyn Fn(&str) -> Option<String>;

/// What the files have in them.
enum Files<'v> {
    /// What is on the disk.
    Real,
    /// All of them this text; there is no disk.
    Imagined(&'v str),
}

/// The surroundings of a configuration file.
pub struct Place<'v> {
    directory: PathBuf,
    files: Files<'v>,
    variables: Variables<'v>,
    warnings: Vec<String>,
    contents: DefaultHasher,
}

impl<'v> Place<'v> {
    /// Around this configuration file.
    pub fn around(file: &Path, variables: Variables<'v>) -> Self {
        let directory = file.parent().map(Path::to_owned).unwrap_or_default();
        Self { directory, files: Files::Real, variables, warnings: Vec::new(), contents: DefaultHasher::new() }
    }

    /// Without a disk: every file has this text in it.
    pub fn imagined(text: &'v str, variables: Variables<'v>) -> Self {
        let (directory, files) = (PathBuf::new(), Files::Imagined(text));
        Self { directory, files, variables, warnings: Vec::new(), contents: DefaultHasher::new() }
    }

    /// A path as the file gives it: relative ones start from the file's folder.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.directory.join(path)
    }

    /// Reads a text file.
    pub fn read(&mut self, path: &Path) -> io::Result<String> {
        let text = match self.files {
            Files::Real => std::fs::read_to_string(path)?,
            Files::Imagined(text) => text.to_owned(),
        };
        text.hash(&mut self.contents);
        Ok(text)
    }

    /// Whether a file can be read.
    pub fn can_read(&mut self, path: &Path) -> io::Result<()> {
        if let Files::Real = self.files {
            std::fs::read(path)?.hash(&mut self.contents);
        }
        Ok(())
    }

    /// Reads a file that holds a secret, and warns when others may read it, too.
    pub fn read_secret(&mut self, path: &Path) -> io::Result<String> {
        if let Files::Imagined(text) = self.files {
            return Ok(text.to_owned());
        }
        let mut file = File::open(path)?;
        if readable_by_everybody(&file)? {
            self.warnings.push(format!(
                "everybody on this computer can read the secret in {}; chmod 600 would end that",
                path.display()
            ));
        }
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        text.hash(&mut self.contents);
        Ok(text)
    }

    /// What was read from files since the last time this was asked; nothing of it can be shown.
    pub fn take_contents(&mut self) -> u64 {
        std::mem::take(&mut self.contents).finish()
    }

    /// An environment variable.
    pub fn variable(&self, name: &str) -> Option<String> {
        (self.variables)(name)
    }

    /// What was noticed that is no error, for the log.
    pub fn into_warnings(self) -> Vec<String> {
        self.warnings
    }
}

#[cfg(unix)]
fn readable_by_everybody(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.metadata()?.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn readable_by_everybody(_: &File) -> io::Result<bool> {
    Ok(false)
}
