//! The binary as a process: its lines as they come, and how it ends.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::PATIENCE;

/// The binary: where the environment says, else beside the tests' own.
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("PRESENCE_BRIDGE_BIN") {
        return path.into();
    }
    let own = std::env::current_exe().unwrap();
    let path = own.parent().and_then(|deps| deps.parent()).unwrap().join("presence-bridge");
    assert!(path.exists(), "{} is missing: `cargo build -p bridge` makes it", path.display());
    path
}

/// How a process ended.
#[derive(Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs the binary to its end.
pub async fn presence_bridge(arguments: &[&str]) -> Finished {
    Process::start(arguments).finish().await
}

/// The same in a folder, so that paths can be given as they are from there.
pub async fn presence_bridge_in(folder: &Path, arguments: &[&str]) -> Finished {
    let mut command = Command::new(binary());
    command.current_dir(folder);
    Process::spawn(command, arguments).finish().await
}

/// A running process.
pub struct Process {
    child: Child,
    stdout: Lines,
    stderr: Lines,
}

struct Lines {
    seen: watch::Receiver<String>,
    reader: JoinHandle<()>,
}

impl Lines {
    fn of(stream: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let (sender, seen) = watch::channel(String::new());
        let reader = tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                sender.send_modify(|text| {
                    text.push_str(&line);
                    text.push('\n');
                });
            }
        });
        Self { seen, reader }
    }

    async fn all(&mut self) -> String {
        (&mut self.reader).await.unwrap();
        self.seen.borrow().clone()
    }
}

impl Process {
    /// Starts the binary.
    pub fn start(arguments: &[&str]) -> Self {
        Self::spawn(Command::new(binary()), arguments)
    }

    /// Starts it so that no file of its can become larger than this, as on a disk that is full.
    pub fn start_cramped(kibibytes: u64, arguments: &[&str]) -> Self {
        let mut command = Command::new("prlimit");
        command.arg(format!("--fsize={}", kibibytes * 1_024)).arg(binary());
        Self::spawn(command, arguments)
    }

    /// Starts it as a service manager does that listens at this socket and wants to hear of progress this often.
    pub fn start_for(socket: &Path, watchdog: Duration, arguments: &[&str]) -> Self {
        let mut command = Command::new(binary());
        command.env("NOTIFY_SOCKET", socket).env("WATCHDOG_USEC", watchdog.as_micros().to_string());
        Self::spawn(command, arguments)
    }

    fn spawn(mut command: Command, arguments: &[&str]) -> Self {
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env("NO_COLOR", "1").env_remove("HTTPS_PROXY").env_remove("HTTP_PROXY").kill_on_drop(true);
        command.env_remove("STATE_DIRECTORY").env_remove("RUNTIME_DIRECTORY");
        let mut child = command.spawn().unwrap();
        let stdout = Lines::of(child.stdout.take().unwrap());
        let stderr = Lines::of(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// The first line of its standard output.
    pub async fn first_line(&mut self) -> String {
        let waiting = self.stdout.seen.wait_for(|text| text.contains('\n'));
        let text = tokio::time::timeout(PATIENCE, waiting).await.expect("a line in time").expect("a line").clone();
        text.lines().next().unwrap().to_owned()
    }

    /// Waits until its standard output has these words. Returns all of it so far.
    pub async fn prints(&mut self, words: &str) -> String {
        let waiting = self.stdout.seen.wait_for(|text| text.contains(words));
        tokio::time::timeout(PATIENCE, waiting).await.expect("words in time").expect("words").clone()
    }

    /// Waits until its log says this.
    pub async fn logs(&mut self, words: &str) {
        self.logs_when(words, |text| text.contains(words)).await;
    }

    /// Waits until its log is so.
    pub async fn logs_when(&mut self, what: &str, mut is_so: impl FnMut(&str) -> bool) {
        let waiting = self.stderr.seen.wait_for(|text| is_so(text));
        let found = tokio::time::timeout(PATIENCE, waiting).await.is_ok_and(|found| found.is_ok());
        assert!(found, "the log never said \"{what}\":\n{}", self.log());
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        self.stderr.seen.borrow().clone()
    }

    /// Sends a signal, such as `TERM`.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it still runs").to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status().await.unwrap();
        assert!(sent.success());
    }

    /// Waits for its end, which comes once.
    pub async fn finish(&mut self) -> Finished {
        let ended = tokio::time::timeout(PATIENCE * 4, self.child.wait()).await;
        let Ok(status) = ended else { panic!("it never ended:\n{}", self.log()) };
        let code = status.unwrap().code();
        Finished { code, stdout: self.stdout.all().await, stderr: self.stderr.all().await }
    }
}
