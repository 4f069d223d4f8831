//! ChromeDriver as a process, and its protocol: WebDriver, which is JSON over plain HTTP on this computer.
//!
//! Knows how the browser is started and how a command is sent. What a page is, is in `browser`.

use std::fmt;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::harness::PATIENCE;

/// How Chromium is called where it is not a snap.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Quiet and alone: it speaks to nobody but the pages' own server, keeps nothing, and runs as root, too.
const FLAGS: [&str; 15] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--hide-scrollbars",
    // A pipe ends with ChromeDriver, and the browser with it: a test that fails leaves no process behind.
    "--remote-debugging-pipe",
    // Whatever else it would like to look at is not there.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--window-size=1280,900",
];

/// A browser with one window, until it is dropped.
pub struct Driver {
    _process: Child,
    _folder: TempDir,
    http: reqwest::Client,
    session: String,
}

/// Why a command was not obeyed, as the protocol calls it, such as `no such element`.
#[derive(Debug)]
pub struct Refused {
    pub error: String,
    pub message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error, self.message)
    }
}

/// ChromeDriver looks for a port that is free at one address and takes it at two: another one that starts at the same
/// moment may have the second, and then it ends.
const TRIES: usize = 5;

/// A ChromeDriver, and its port; `None` where it ended at once.
async fn launch(folder: &TempDir) -> Option<(Child, String)> {
    let mut process = Command::new("chromedriver")
        .arg("--port=0")
        .env("TMPDIR", folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("chromedriver is there: `cargo xtask test` installs it");
    let mut lines = BufReader::new(process.stdout.take().expect("it was asked for")).lines();
    let said = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                return Some(port.trim_end_matches('.').to_owned());
            }
        }
        None
    };
    let port = tokio::time::timeout(PATIENCE, said).await.expect("chromedriver says something in time")?;
    Some((process, port))
}

impl Driver {
    /// Starts ChromeDriver on a free port, and a browser.
    pub async fn start(http: reqwest::Client) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut launched = None;
        for _ in 0..TRIES {
            launched = launch(&folder).await;
            if launched.is_some() {
                break;
            }
        }
        let (process, port) = launched.expect("chromedriver says its port");
        let mut driver =
            Self { _process: process, session: format!("http://127.0.0.1:{port}/session"), http, _folder: folder };
        let made = driver.post("", capabilities(&driver._folder)).await.expect("the browser starts");
        driver.session = format!("{}/{}", driver.session, made["sessionId"].as_str().unwrap());
        driver
    }

    /// Sends a command and returns its value.
    pub async fn post(&self, path: &str, body: Value) -> Result<Value, Refused> {
        self.send(self.http.post(format!("{}{path}", self.session)).json(&body)).await
    }

    /// Reads something.
    pub async fn get(&self, path: &str) -> Result<Value, Refused> {
        self.send(self.http.get(format!("{}{path}", self.session))).await
    }

    /// A command of the DevTools protocol, which can do what WebDriver has no word for.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let sent = self.post("/goog/cdp/execute", json!({"cmd": command, "params": parameters})).await;
        sent.unwrap_or_else(|refused| panic!("{command}: {refused}"))
    }

    /// What was logged since the last time: `browser` is the console, `performance` what the network did.
    pub async fn log(&self, kind: &str) -> Vec<Value> {
        let Value::Array(entries) = self.post("/se/log", json!({"type": kind})).await.unwrap() else {
            panic!("a log is a list")
        };
        entries
    }

    /// Ends the browser in order.
    pub async fn end(&self) {
        let ended = self.send(self.http.delete(&self.session)).await;
        assert!(ended.is_ok(), "{ended:?}");
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value, Refused> {
        let answer = request.timeout(PATIENCE).send().await.expect("chromedriver answers");
        let body = answer.bytes().await.expect("chromedriver answers in full");
        let mut body: Value = serde_json::from_slice(&body).expect("chromedriver answers in JSON");
        let value = body["value"].take();
        match value["error"].as_str() {
            None => Ok(value),
            Some(error) => Err(Refused {
                error: error.to_owned(),
                message: value["message"].as_str().unwrap_or_default().to_owned(),
            }),
        }
    }
}

fn capabilities(folder: &TempDir) -> Value {
    let mut flags = FLAGS.map(str::to_owned).to_vec();
    flags.push(format!("--user-data-dir={}", folder.path().join("profile").display()));
    let mut options = json!({"args": flags});
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let mut programs = BROWSERS.iter().flat_map(|name| std::env::split_paths(&paths).map(move |path| path.join(name)));
    // Without one, ChromeDriver looks in its own places.
    if let Some(program) = programs.find(|program| program.is_file()) {
        options["binary"] = json!(program);
    }
    json!({"capabilities": {"alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
    }}})
}
