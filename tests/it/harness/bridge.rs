//! `presence-bridge run` as a process, with a configuration of its own.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::process::{Finished, Process, presence_bridge};
use super::simulators::Simulators;

/// A running bridge.
pub struct Bridge {
    process: Process,
    config: PathBuf,
    folder: tempfile::TempDir,
}

/// Writes the configuration for these simulators, with `more` TOML at its end, and the secrets beside it.
pub fn config(folder: &Path, simulators: &Simulators, more: &str) -> PathBuf {
    for (name, secret) in [("password", &simulators.icws_password), ("secret", &simulators.client_secret)] {
        keep_secret(&folder.join(name), secret);
    }
    let text = format!(
        r#"
[pureconnect]
hosts = ["127.0.0.1"]
base_url = "{icws}"
user = "{user}"
password = {{ file = "password" }}

[genesys_cloud]
api_base_url = "{cloud}"
login_base_url = "{cloud}"
client_id = "{client}"
client_secret = {{ file = "secret" }}

[log]
level = "info"

{more}
{console}
"#,
        console = console(more),
        icws = simulators.icws,
        user = simulators.icws_user,
        cloud = simulators.cloud,
        client = simulators.client_id,
    );
    let path = folder.join("bridge.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// A section for the console where there is none: many bridges run at once, so that each takes a free port.
pub fn console(more: &str) -> &'static str {
    if more.contains("[console]") { "" } else { "[console]\nlisten = \"127.0.0.1:0\"\n" }
}

/// Writes a secret that nobody else may read.
pub fn keep_secret(path: &Path, secret: &str) {
    std::fs::write(path, secret).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

impl Bridge {
    /// Starts it between these simulators, in a folder of its own, where its journal and its socket are, too.
    pub fn start(simulators: &Simulators, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path(), simulators, more);
        Self::in_folder(folder, config)
    }

    /// Starts it with a configuration that was changed after it was written.
    pub fn with_config(simulators: &Simulators, change: impl FnOnce(String) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path(), simulators, "");
        let text = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, change(text)).unwrap();
        Self::in_folder(folder, config)
    }

    /// Starts it in a folder that has everything.
    pub fn in_folder(folder: tempfile::TempDir, config: PathBuf) -> Self {
        let process = Process::start(&["run", "-c", config.to_str().unwrap()]);
        Self { process, config, folder }
    }

    /// Its configuration file, for other commands.
    pub fn config(&self) -> &str {
        self.config.to_str().unwrap()
    }

    /// The folder with its configuration, secrets, journal and socket.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs another command on its configuration: the arguments, then `-c` and the file.
    pub async fn command(&self, arguments: &[&str]) -> Finished {
        let with_config: Vec<&str> = arguments.iter().copied().chain(["-c", self.config()]).collect();
        presence_bridge(&with_config).await
    }

    /// Waits until its log says this.
    pub async fn logs(&mut self, words: &str) {
        self.process.logs(words).await;
    }

    /// Waits until its log is so.
    pub async fn logs_when(&mut self, what: &str, is_so: impl FnMut(&str) -> bool) {
        self.process.logs_when(what, is_so).await;
    }

    /// Waits until its console is open. Returns the address, without a slash at its end.
    pub async fn console(&mut self) -> String {
        let open = "the console is open address=";
        self.logs(open).await;
        let log = self.log();
        let (_, address) = log.split_once(open).unwrap();
        format!("http://{}", address.split_whitespace().next().unwrap())
    }

    /// Changes its configuration file, of which it hears nothing.
    pub fn edit(&self, change: impl FnOnce(String) -> String) {
        let text = std::fs::read_to_string(&self.config).unwrap();
        std::fs::write(&self.config, change(text)).unwrap();
    }

    /// Its log so far; of the newest start, if there were several.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Sends a signal.
    pub async fn signal(&self, name: &str) {
        self.process.signal(name).await;
    }

    /// Ends it as a power failure would (kill -9), and waits until it is gone.
    pub async fn kill(&mut self) -> Finished {
        self.signal("KILL").await;
        self.process.finish().await
    }

    /// Stops it in order, to be started again.
    pub async fn halt(&mut self) -> Finished {
        self.signal("TERM").await;
        self.process.finish().await
    }

    /// Waits for its end without asking for it, to be started again.
    pub async fn ended(&mut self) -> Finished {
        self.process.finish().await
    }

    /// Starts it again, with the same configuration, journal and socket. Whatever ran before has ended.
    pub fn restart(&mut self) {
        self.process = Process::start(&["run", "-c", self.config.to_str().unwrap()]);
    }

    /// The same, so that no file of its can become larger than this, as on a disk that is full.
    pub fn restart_cramped(&mut self, kibibytes: u64) {
        self.process = Process::start_cramped(kibibytes, &["run", "-c", self.config.to_str().unwrap()]);
    }

    /// Its journal.
    pub fn journal(&self) -> PathBuf {
        self.folder.path().join("presence-bridge.journal")
    }

    /// Every entry of its journal so far, as `journal export` writes them.
    pub async fn entries(&self) -> Vec<Value> {
        let exported = self.command(&["journal", "export"]).await;
        assert_eq!(exported.code, Some(0), "{}", exported.stderr);
        let lines = exported.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line.get("kind").is_some()).collect()
    }

    /// Its journal is whole: every attempt follows from its intent, and nothing is missing or out of order.
    pub async fn verifies(&self) {
        let verified = self.command(&["journal", "verify"]).await;
        assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
    }

    /// Waits for its end.
    pub async fn finish(mut self) -> Finished {
        self.process.finish().await
    }

    /// Stops it in order.
    pub async fn stop(self) -> Finished {
        self.signal("TERM").await;
        self.finish().await
    }
}
