//! Where rows go: standard output, or a file that is there when it is complete and not before.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::rows::Unwritten;
use crate::exit::{Exit, Failed};
use crate::problem::Problem;

/// Where rows go.
pub enum Output {
    /// Standard output.
    Stdout(BufWriter<io::Stdout>),
    /// A file beside the one that it will be.
    File(BufWriter<NamedTempFile>, PathBuf),
}

impl Output {
    /// Opens it, before anything is read: what cannot be written is known at once.
    pub fn open(path: Option<&Path>) -> Result<Self, Failed> {
        let Some(path) = path else { return Ok(Self::Stdout(BufWriter::new(io::stdout()))) };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // In the same folder, so that it gets its name in one step; for its owner alone, as it is about people.
        let file = NamedTempFile::new_in(folder).map_err(|error| unusable(path, error))?;
        if path.is_dir() {
            return Err(unusable(path, io::Error::from(ErrorKind::IsADirectory)));
        }
        Ok(Self::File(BufWriter::new(file), path.to_owned()))
    }

    /// All rows are written.
    pub fn keep(self, rows: u64) -> Result<Exit, Failed> {
        match self {
            Self::Stdout(mut stdout) => closed_or(stdout.flush()),
            Self::File(writer, path) => {
                let failed = |error| unusable(&path, error);
                let file = writer.into_inner().map_err(|error| failed(error.into_error()))?;
                file.as_file().sync_all().map_err(failed)?;
                file.persist(&path).map_err(|error| failed(error.error))?;
                // For people; whoever closed standard error does not want to know.
                let _ = writeln!(io::stderr().lock(), "{rows} rows are in {}", path.display());
                Ok(Exit::Success)
            }
        }
    }

    /// Not all rows could be written: nothing of a file is left.
    pub fn leave(self, failure: Unwritten) -> Result<Exit, Failed> {
        match (self, failure) {
            (_, Unwritten::Read(failed)) => Err(failed),
            (Self::Stdout(_), Unwritten::Write(error)) => closed_or(Err(error)),
            (Self::File(_, path), Unwritten::Write(error)) => Err(unusable(&path, error)),
        }
    }
}

/// A reader that has seen enough and closed the pipe is no error.
fn closed_or(written: io::Result<()>) -> Result<Exit, Failed> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failed::new(Exit::Internal, error)),
        Ok(()) | Err(_) => Ok(Exit::Success),
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(bytes),
            Self::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush(),
            Self::File(file, _) => file.flush(),
        }
    }
}

fn unusable(path: &Path, error: io::Error) -> Failed {
    Failed::diagnosed(Exit::Usage, Problem::new(format!("failed to write {}", path.display())).because(error))
}
