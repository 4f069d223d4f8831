//! `presence-bridge run` as a process, with a configuration of its own.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::process::{Finished, Process};
use super::simulators::Simulators;

/// A running bridge.
pub struct Bridge {
    process: Process,
    _folder: tempfile::TempDir,
}

/// Writes the configuration for these simulators, with `more` TOML at its end, and the secrets beside it.
pub fn config(folder: &Path, simulators: &Simulators, more: &str) -> PathBuf {
    for (name, secret) in [("password", &simulators.icws_password), ("secret", &simulators.client_secret)] {
        let path = folder.join(name);
        std::fs::write(&path, secret).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
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
"#,
        icws = simulators.icws,
        user = simulators.icws_user,
        cloud = simulators.cloud,
        client = simulators.client_id,
    );
    let path = folder.join("bridge.toml");
    std::fs::write(&path, text).unwrap();
    path
}

impl Bridge {
    /// Starts it between these simulators.
    pub fn start(simulators: &Simulators, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = config(folder.path(), simulators, more);
        let process = Process::start(&["run", "-c", path.to_str().unwrap()]);
        Self { process, _folder: folder }
    }

    /// Starts it with a configuration that was changed after it was written.
    pub fn with_config(simulators: &Simulators, change: impl FnOnce(String) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = config(folder.path(), simulators, "");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, change(text)).unwrap();
        let process = Process::start(&["run", "-c", path.to_str().unwrap()]);
        Self { process, _folder: folder }
    }

    /// Waits until its log says this.
    pub async fn logs(&mut self, words: &str) {
        self.process.logs(words).await;
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Sends a signal.
    pub async fn signal(&self, name: &str) {
        self.process.signal(name).await;
    }

    /// Waits for its end.
    pub async fn finish(self) -> Finished {
        self.process.finish().await
    }

    /// Stops it in order.
    pub async fn stop(self) -> Finished {
        self.signal("TERM").await;
        self.finish().await
    }
}
