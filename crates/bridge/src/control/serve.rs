//! The bridge's end of the socket: who may speak, how long, and what comes of it.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream as Caller;
use std::path::{Path, PathBuf};
use std::time::Duration;

use replicator::Command;
use replicator::engine::{Confirmation, Doubt};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Answer, LINE, PATIENCE, Request};
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
    pub async fn serve(self, commands: mpsc::Sender<Command>, shutdown: CancellationToken) {
        let mut talks = JoinSet::new();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                Some(_) = talks.join_next() => {}
                accepted = self.listener.accept(), if talks.len() < TALKS => match accepted {
                    Ok((stream, _)) if stream.peer_cred().is_ok_and(|caller| may_speak(caller.uid(), self.owner)) => {
                        talks.spawn(talk(stream, commands.clone()));
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

/// Hears one request and answers it.
async fn talk(mut stream: UnixStream, commands: mpsc::Sender<Command>) {
    let answer = match timeout(PATIENCE, hear(&mut stream)).await {
        Ok(Ok(Request::Confirm)) => confirm(&commands).await,
        Ok(Err(error)) => Answer::Failed { error },
        Err(_) => Answer::Failed { error: "no request came".to_owned() },
    };
    let line = format!("{}\n", answer.json());
    // Who does not wait for the answer does not want it.
    drop(timeout(PATIENCE, stream.write_all(line.as_bytes())).await);
}

async fn hear(stream: &mut UnixStream) -> Result<Request, String> {
    let mut line = String::new();
    let heard = BufReader::new(stream.take(LINE as u64)).read_line(&mut line).await;
    match heard {
        Ok(_) if line.ends_with('\n') => Request::parse(line.trim_end()),
        Ok(LINE) => Err(format!("the request is longer than {LINE} bytes")),
        Ok(_) => Err("the request ended before its line did".to_owned()),
        Err(error) => Err(format!("failed to read the request: {error}")),
    }
}

async fn confirm(commands: &mpsc::Sender<Command>) -> Answer {
    let (answer, answered) = oneshot::channel();
    let asked = async {
        commands.send(Command::Confirm(answer)).await.ok()?;
        answered.await.ok()
    };
    match timeout(PATIENCE, asked).await {
        Ok(Some(confirmation)) => told(&confirmation),
        Ok(None) => Answer::Failed { error: "the bridge is stopping".to_owned() },
        Err(_) => Answer::Failed { error: "the bridge is still connecting, nothing is frozen yet".to_owned() },
    }
}

fn told(confirmation: &Confirmation) -> Answer {
    match confirmation {
        Confirmation::NothingFrozen => Answer::NothingFrozen,
        Confirmation::Confirmed(doubt) => Answer::Confirmed { doubt: doubt.to_string() },
        Confirmation::NotConfirmable(doubt) => {
            Answer::NotConfirmable { doubt: doubt.to_string(), advice: advice(doubt).to_owned() }
        }
    }
}

/// What ends a doubt that no word of an operator can end.
fn advice(doubt: &Doubt) -> &'static str {
    match doubt {
        Doubt::NoCatalogue => {
            "without status messages no status can be mapped: give the bridge's user in PureConnect the right to view \
             them (Access Control, Status Messages); delivery goes on with the next good snapshot"
        }
        Doubt::FewerAgents { .. }
        | Doubt::MissingStatuses { .. }
        | Doubt::OlderStatuses { .. }
        | Doubt::OlderThanTold { .. }
        | Doubt::UnknownStatuses { .. }
        | Doubt::OfflineWave { .. } => {
            "PureConnect shows nothing that could be delivered: see why in its log; delivery goes on with the next good \
             snapshot"
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    /// Serves a folder's socket, answering each command with this.
    async fn with_answer<T>(answer: Confirmation, talk: impl FnOnce(PathBuf) -> T + Send + 'static) -> T
    where
        T: Send + 'static,
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let (commands, mut asked) = mpsc::channel(1);
        let shutdown = CancellationToken::new();
        let serving = tokio::spawn(Listening::open(&path).unwrap().serve(commands, shutdown.clone()));
        let talking = tokio::task::spawn_blocking({
            let path = path.clone();
            move || talk(path)
        });
        let answering = async move {
            while let Some(Command::Confirm(reply)) = asked.recv().await {
                reply.send(answer).unwrap();
            }
        };
        let told = tokio::select! {
            told = talking => told.unwrap(),
            () = answering => panic!("the channel was closed"),
        };
        shutdown.cancel();
        serving.await.unwrap();
        assert!(!path.exists(), "the socket is left behind");
        told
    }

    fn raw(path: &Path, request: &[u8]) -> String {
        let mut stream = Caller::connect(path).unwrap();
        stream.write_all(request).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[tokio::test]
    async fn a_confirmation_goes_to_the_bridge_and_its_answer_comes_back() {
        let doubt = Doubt::FewerAgents { before: 40, now: 3 };
        let ask = |path: PathBuf| super::super::confirm(&path).unwrap();
        let told = with_answer(Confirmation::Confirmed(doubt), ask).await;
        assert_eq!(told, Answer::Confirmed { doubt: doubt.to_string() });
        assert_eq!(with_answer(Confirmation::NothingFrozen, ask).await, Answer::NothingFrozen);
        let told = with_answer(Confirmation::NotConfirmable(Doubt::NoCatalogue), ask).await;
        assert!(matches!(told, Answer::NotConfirmable { advice, .. } if advice.contains("Status Messages")));
    }

    #[tokio::test]
    async fn what_is_no_request_is_answered_with_what_is_wrong() {
        let told = with_answer(Confirmation::NothingFrozen, |path| {
            let long = [b'x'; LINE * 2];
            [
                raw(&path, b"{\"command\":\"halt\"}\n"),
                raw(&path, b"hello\n"),
                raw(&path, b"{\"command\":\"confirm\"}"),
                raw(&path, b"\xff\xfe\n"),
                raw(&path, &long[..LINE]),
                raw(&path, b"{\"command\":\"confirm\"}\n"),
            ]
        })
        .await;
        let words = ["unknown command", "not JSON", "ended before", "failed to read", "longer than", "nothing-frozen"];
        for (told, words) in told.iter().zip(words) {
            assert!(told.contains(words) && told.ends_with('\n'), "{words}: {told}");
        }
    }

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
