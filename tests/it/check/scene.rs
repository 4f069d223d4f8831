//! Two simulators, a folder with a configuration, and the program in it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::{self, Bridge, Finished, Simulators};

/// Where `check` runs.
pub struct Scene {
    pub simulators: Simulators,
    folder: tempfile::TempDir,
    /// What changes from run to run, and what stands for it: as long, so that lines break where they did.
    constant: BTreeMap<String, String>,
}

impl Scene {
    /// Quiet simulators with so many agents, licensed and allowed everything.
    pub async fn between(agents: usize) -> Self {
        Self::with(agents, "").await
    }

    /// The same, with more in the configuration.
    pub async fn with(agents: usize, more: &str) -> Self {
        Self::around(Simulators::idle(agents).await, more)
    }

    /// Between these simulators.
    pub fn around(simulators: Simulators, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        harness::config(folder.path(), &simulators, more);
        let mut scene = Self { simulators, folder, constant: BTreeMap::new() };
        let addresses = [(scene.simulators.icws.clone(), "18018"), (scene.simulators.cloud.clone(), "18080")];
        for (address, port) in addresses {
            scene.stands_for(&address, port);
        }
        scene
    }

    /// An address of this run is shown with this port.
    pub fn stands_for(&mut self, address: &str, port: &str) {
        let (host, _) = address.rsplit_once(':').unwrap();
        self.constant.insert(address.to_owned(), format!("{host}:{port}"));
    }

    /// Changes the configuration.
    pub fn configure(&self, change: impl FnOnce(String) -> String) {
        let path = self.path("bridge.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, change(text)).unwrap();
    }

    /// A file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What is in the folder.
    pub fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs `check` in the folder.
    pub async fn check(&self, more: &[&str]) -> Finished {
        let arguments: Vec<&str> = ["check", "-c", "bridge.toml"].iter().chain(more).copied().collect();
        harness::presence_bridge_in(self.folder.path(), &arguments).await
    }

    /// What it tells programs.
    pub async fn told(&self) -> (Option<i32>, Value) {
        let checked = self.check(&["--json"]).await;
        let told = serde_json::from_str(&checked.stdout);
        (checked.code, told.unwrap_or_else(|error| panic!("{error}: {}{}", checked.stdout, checked.stderr)))
    }

    /// Runs the bridge with this configuration.
    pub fn start_bridge(&mut self) -> Bridge {
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        let config = folder.path().join("bridge.toml");
        let shown = folder.path().display().to_string();
        let bridge = Bridge::in_folder(folder, config);
        // From now on it is looked at from beside.
        let text = std::fs::read_to_string(bridge.config()).unwrap();
        let place = |name: &str| format!("{:?}", bridge.folder().join(name).to_str().unwrap());
        let beside = format!(
            "{text}\n[journal]\npath = {}\n[control]\nsocket = {}\n",
            place("presence-bridge.journal"),
            place("presence-bridge.socket")
        );
        for name in ["password", "secret"] {
            std::fs::copy(bridge.folder().join(name), self.path(name)).unwrap();
        }
        std::fs::write(self.path("bridge.toml"), beside).unwrap();
        let stand_in: String =
            "/var/lib/presence-bridge".chars().chain(std::iter::repeat('/')).take(shown.len()).collect();
        self.constant.insert(shown, stand_in);
        bridge
    }

    /// The names of the registered presence sources.
    pub async fn sources(&self) -> Vec<String> {
        let truth = self.simulators.cloud_truth().await;
        truth["sources"].as_array().map(Vec::as_slice).unwrap_or_default().iter().map(Value::to_string).collect()
    }

    /// Open sessions of PureConnect.
    pub async fn sessions(&self) -> usize {
        let url = format!("{}/_simulator/sessions", self.simulators.icws);
        let answer = self.simulators.http().get(url).send().await.unwrap();
        let sessions: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        sessions["sessions"].as_array().unwrap().len()
    }

    /// How many requests PureConnect had, by path and method.
    pub async fn icws_requests(&self, path: &str, method: &str) -> usize {
        let requests = self.simulators.icws_requests().await;
        requests.iter().filter(|(by, to)| by == method && to.split('?').next() == Some(path)).count()
    }

    /// The OAuth client may not do this.
    pub async fn withhold(&self, permissions: &[&str]) {
        self.simulators.cloud_command(json!({"kind": "withhold", "permissions": permissions})).await;
    }
}

/// Every finding that programs are told.
pub fn findings(told: &Value) -> Vec<Value> {
    let pages = told["pages"].as_array().unwrap();
    pages.iter().flat_map(|page| page["findings"].as_array().unwrap().clone()).collect()
}

/// The page as it was on another day, in another folder: compared with what was read and found good.
pub fn page(name: &str, scene: &Scene, checked: &Finished) {
    let mut text = checked.stdout.clone();
    for (ours, constant) in &scene.constant {
        text = text.replace(ours, constant);
    }
    let lines: Vec<String> = text.lines().map(settle).collect();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("pages");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, lines.join("\n")));
}

/// A line without what is different on every computer: room on the disk, and fingerprints.
fn settle(line: &str) -> String {
    if let Some((before, _)) = line.split_once("fingerprint_sha256 = ") {
        return format!("{before}fingerprint_sha256 = \"00:11:22:…:FF\"");
    }
    match line.split_once("GiB are free for the journal") {
        Some((before, after)) => {
            let mark = before.trim_end().rsplit_once(' ').unwrap().0;
            format!("{mark} 123.4 GiB are free for the journal{after}")
        }
        None => line.to_owned(),
    }
}
