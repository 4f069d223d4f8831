//! The bridge's end of the socket: where it is, who may speak, and how many at once.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream as Caller;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::UnixListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::talk::{Desk, talk};
use crate::exit::{Exit, Failed};
use crate::problem::Problem;

/// So many may speak at once; there is one operator, and a script that hangs must not keep the operator out.
const TALKS: usize = 8;

/// How long to let be when no connection can be accepted, such as for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(200);

/// The socket, open. It is gone from the disk when this is dropped.
#[derive(Debug)]
pub struct Listening {
    listener: UnixListener,
    path: PathBuf,
    /// Device and number of the socket's file: what is at the path later may be somebody else's.
    file: (u64, u64),
    /// Whose process this is.
    owner: u32,
}

impl Listening {
    /// Opens the socket, in place of one that a process left behind. A socket at which another bridge listens is left
    /// alone. To be called within the runtime.
    pub fn open(path: &Path) -> Result<Self, Failed> {
        clear(path)?;
        let failed = |error| failed(path, error);
        let listener = UnixListener::bind(path).map_err(failed)?;
        // Between the two calls others might connect; `talk` looks at who they are.
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        let metadata = fs::metadata(path).map_err(failed)?;
        let file = (metadata.dev(), metadata.ino());
        Ok(Self { listener, path: path.to_owned(), file, owner: metadata.uid() })
    }

    /// Answers until `shutdown`. What cannot be answered any more then is not.
    pub async fn serve(self, desk: Desk, shutdown: CancellationToken) {
        let mut talks = JoinSet::new();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                Some(_) = talks.join_next() => {}
                accepted = self.listener.accept(), if talks.len() < TALKS => match accepted {
                    Ok((stream, _)) if stream.peer_cred().is_ok_and(|caller| may_speak(caller.uid(), self.owner)) => {
                        talks.spawn(talk(stream, desk.clone()));
                    }
                    Ok(_) => warn!("another user tried to speak to the control socket"),
                    Err(error) => {
                        warn!(%error, "failed to accept a connection to the control socket");
                        tokio::time::sleep(PAUSE).await;
                    }
                },
            }
        }
        talks.shutdown().await;
    }
}

/// The same user, or root.
fn may_speak(caller: u32, owner: u32) -> bool {
    caller == owner || caller == 0
}

impl Drop for Listening {
    fn drop(&mut self) {
        let ours = fs::metadata(&self.path).is_ok_and(|found| (found.dev(), found.ino()) == self.file);
        if ours {
            // When it cannot be removed, the next start replaces it.
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Makes the path free: removes the socket of a process that is gone.
fn clear(path: &Path) -> Result<(), Failed> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(path, error)),
        Ok(found) => found,
    };
    let shown = path.display();
    if !found.file_type().is_socket() {
        let problem = Problem::new(format!("{shown} is there already and is not a socket"));
        return Err(refused(problem.help("name another path in [control], or move that file away")));
    }
    match Caller::connect(path) {
        Ok(_) => {
            let problem = Problem::new(format!("another bridge is running here: it listens at {shown}"));
            Err(refused(
                problem.help("stop it first; two bridges need two configurations, each with its own [control]"),
            ))
        }
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            info!(socket = %shown, "replacing the control socket of a bridge that did not stop in order");
            fs::remove_file(path).map_err(|error| failed(path, error))
        }
        Err(error) => Err(failed(path, error)),
    }
}

fn refused(problem: Problem) -> Failed {
    Failed::diagnosed(Exit::Configuration, problem)
}

fn failed(path: &Path, error: io::Error) -> Failed {
    let problem = Problem::new(format!("failed to open the control socket {}", path.display())).because(error);
    refused(problem.help("[control] names its path: in a folder that exists and is ours, and of at most 107 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_its_own_user_may_open_the_socket() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listening = Listening::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        drop(listening);
        assert!(may_speak(1_000, 1_000) && may_speak(0, 1_000) && !may_speak(1_001, 1_000));
    }

    #[tokio::test]
    async fn a_socket_left_behind_is_replaced_and_a_live_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let listening = Listening::open(&path).unwrap();
        let second = Listening::open(&path).unwrap_err();
        assert_eq!(second.exit, Exit::Configuration);
        assert!(second.story(false).contains("another bridge is running here"), "{second:?}");
        assert!(path.exists());
        drop(listening);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_file_that_is_no_socket_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        fs::write(&path, "precious").unwrap();
        let refused = Listening::open(&path).unwrap_err();
        assert!(refused.story(false).contains("is not a socket"), "{refused:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        let nowhere = Listening::open(&folder.path().join("no/socket")).unwrap_err();
        assert!(nowhere.story(false).contains("failed to open the control socket"), "{nowhere:?}");
    }
}
