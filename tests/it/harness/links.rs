//! A bridge with several links: each between simulators of its own.

use std::path::{Path, PathBuf};

use super::bridge::{Bridge, console, keep_secret};
use super::simulators::Simulators;

/// Writes a configuration with a link for each of these simulators, with `more` TOML in its table, and their secrets
/// beside it. `top` is what all have in common.
pub fn config_of_links(folder: &Path, links: &[(&str, &Simulators, &str)], top: &str) -> PathBuf {
    let mut text = format!("{top}\n{}", console(top));
    for (name, simulators, more) in links {
        keep_secret(&folder.join(format!("{name}.password")), &simulators.icws_password);
        keep_secret(&folder.join(format!("{name}.secret")), &simulators.client_secret);
        text.push_str(&format!(
            r#"
[[link]]
name = "{name}"
[link.pureconnect]
hosts = ["127.0.0.1"]
base_url = "{icws}"
user = "{user}"
password = {{ file = "{name}.password" }}
[link.genesys_cloud]
api_base_url = "{cloud}"
login_base_url = "{cloud}"
client_id = "{client}"
client_secret = {{ file = "{name}.secret" }}
{more}
"#,
            icws = simulators.icws,
            user = simulators.icws_user,
            cloud = simulators.cloud,
            client = simulators.client_id,
        ));
    }
    let path = folder.join("bridge.toml");
    std::fs::write(&path, text).unwrap();
    path
}

impl Bridge {
    /// Starts it with a link for each of these simulators, in a folder of its own, to which `prepare` may do something
    /// before.
    pub fn with_links(links: &[(&str, &Simulators, &str)], prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config_of_links(folder.path(), links, "");
        prepare(folder.path());
        Self::in_folder(folder, config)
    }

    /// Waits until a line of its log has all these words.
    pub async fn logs_line(&mut self, words: &[&str]) {
        self.logs_when(&words.join(" … "), |log| {
            log.lines().any(|line| words.iter().all(|word| line.contains(word)))
        })
        .await;
    }
}
