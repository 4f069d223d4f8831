//! Stories of configuration files: what is right, and what is wrong with which words at which place.

mod changes;
mod clients;
mod console;
mod description;
mod keeping;
mod links;
mod secrets;
mod users;

use std::fs;
use std::ops::Deref;
use std::path::PathBuf;
use std::time::Duration;

use domain::ids::WorkgroupId;
use replicator::options::ModeChoice;
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::place::Place;
use super::{Config, Link, forms, parse};
use crate::exit::{Exit, Failed};
use crate::logging;

const GOOD: &str = r#"
[pureconnect]
hosts = ["cic.example.com"]
user = "bridge"
password = { env = "CIC_PASSWORD" }

[genesys_cloud]
region = "mypurecloud.de"
client_id = "an-id"
client_secret = { file = "secret" }
"#;

/// Stands for every secret; no message may ever show it.
const PLANTED: &str = "planted-h1dden-value";

/// A folder with the secrets' file.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret"), format!("{PLANTED}\n")).unwrap();
    folder
}

/// An environment with the secrets' variable.
fn variables(name: &str) -> Option<String> {
    match name {
        "CIC_PASSWORD" => Some(PLANTED.to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

/// A file with one link: what is in it is the link's, but for what is about the whole program.
#[derive(Debug)]
struct Single {
    link: Link,
    control: PathBuf,
    log: logging::Options,
}

impl From<Config> for Single {
    fn from(config: Config) -> Self {
        let link = config.link(None).unwrap().clone();
        Self { link, control: config.control, log: config.log }
    }
}

impl Deref for Single {
    type Target = Link;

    fn deref(&self) -> &Link {
        &self.link
    }
}

/// Reads a configuration that lies in the folder; what is wrong comes as a person sees it.
fn read(folder: &TempDir, text: &str) -> Result<(Single, Vec<String>), String> {
    let (config, warnings) = read_all(folder, text)?;
    Ok((config.into(), warnings))
}

/// The same with any number of links.
fn read_all(folder: &TempDir, text: &str) -> Result<(Config, Vec<String>), String> {
    let mut place = Place::around(&folder.path().join("bridge.toml"), &variables);
    match parse("bridge.toml", text, &mut place, forms::read_whole) {
        Ok(config) => Ok((config, place.into_warnings())),
        Err(problems) => {
            let story = Failed::diagnosed(Exit::Configuration, problems).story(false);
            assert!(!story.contains(PLANTED), "a secret shows in {story}");
            Err(story.replace(&folder.path().display().to_string(), "FOLDER"))
        }
    }
}

fn good(text: &str) -> Single {
    read(&folder(), text).unwrap_or_else(|story| panic!("{story}")).0
}

fn bad(text: &str) -> String {
    read(&folder(), text).map(|_| ()).unwrap_err()
}

/// The good file with a line more in a section.
fn with(section: &str, line: &str) -> String {
    let heading = format!("[{section}]\n");
    if GOOD.contains(&heading) {
        GOOD.replace(&heading, &format!("{heading}{line}\n"))
    } else {
        format!("{GOOD}\n{heading}{line}\n")
    }
}

#[test]
fn a_small_file_is_enough_and_the_rest_are_defaults() {
    let config = good(GOOD);
    assert_eq!(config.pureconnect.base_url, "https://{host}:8019");
    assert_eq!(config.pureconnect.password.expose_secret(), PLANTED);
    assert_eq!(config.genesys_cloud.clients[0].secret.expose_secret(), PLANTED);
    assert_eq!(config.genesys_cloud.api_base_url.as_str(), "https://api.mypurecloud.de/");
    assert_eq!(config.options.mode, ModeChoice::Auto);
    assert_eq!(config.options.read_back, Duration::from_secs(600));
    assert_eq!(config.options.budget.per_minute, 300);
    assert_eq!(config.options.logout_grace, Duration::from_secs(150));
    assert_eq!(config.options.late_after, Duration::from_secs(15));
    assert_eq!(config.options.wrap_up.default, Duration::from_secs(600));
    assert!(config.options.wrap_up.workgroups.is_empty());
    assert!(config.genesys_cloud.notifications);
    assert!(config.scope.workgroups.is_none());
}

#[test]
fn an_unknown_key_has_its_place_and_a_guess() {
    insta::assert_snapshot!(bad(&with("pureconnect", "hots = [\"other\"]")));
}

#[test]
fn a_wrong_type_is_told_with_what_was_found() {
    insta::assert_snapshot!(bad(&with("replication", "read_back = 600")));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = r#"
[pureconnect]
hosts = "cic.example.com"
usr = "bridge"
password = { file = "nowhere" }
queue_chunk = 0

[genesys_cloud]
region = "mypurecloud.du"
client_secret = { env = "NOT_SET" }

[replication]
mode = "workforce"

[gard]
offline_share = 0.5
"#;
    insta::assert_snapshot!(bad(text));
}

#[test]
fn a_file_that_is_not_toml_is_told_by_line() {
    let story = bad("[pureconnect\nhosts = [\"a\"]\n");
    assert!(story.contains("bridge.toml:1:"), "{story}");
    assert!(story.contains("not TOML"), "{story}");
}

#[test]
fn an_empty_file_lacks_what_must_be_there() {
    let story = bad("");
    for key in ["hosts", "user", "password", "region", "client_id", "client_secret"] {
        assert!(story.contains(&format!("missing key \"{key}\"")), "{key} in {story}");
    }
}

#[test]
fn values_that_cannot_be_meant_are_refused() {
    let cases = [
        ("pureconnect", "base_url = \"ftp://{host}\"", "begins with https://"),
        ("pureconnect", "base_url = \"https://me:word@{host}\"", "carries no user or password"),
        ("pureconnect", "fingerprint_sha256 = \"00:11\"", "64 hexadecimal digits"),
        ("pureconnect", "silence_limit = \"soon\"", "\"soon\" is not a duration"),
        ("pureconnect", "silence_limit = \"0s\"", "the duration is zero"),
        ("pureconnect", "ca_file = \"nowhere.pem\"", "failed to read FOLDER/nowhere.pem"),
        ("genesys_cloud", "rate_share = 1.5", "above 0 and at most 1"),
        ("users", "workgroups = []", "the list is empty"),
        ("users", "exclude = [\"a\", 7, \"\"]", "found a whole number"),
        ("log", "level = \"chatty\"", "unknown level \"chatty\""),
        ("log", "level = \"info,pureconnect=loud\"", "unknown level \"loud\""),
        ("guard", "offline_least = -1", "a whole number from 1"),
        ("replication", "wrap_up_times = { Sales = \"soon\" }", "\"soon\" is not a duration"),
        ("replication", "wrap_up_times = { Sales = \"1m\", SALES = \"2m\" }", "is there twice"),
        ("replication", "wrap_up_times = \"90s\"", "expected a table such as"),
        ("genesys_cloud", "notifications = \"yes\"", "expected true or false"),
        ("guard", "mode = \"auto\"", "did you mean \"mode\" in [replication]?"),
    ];
    for (section, line, words) in cases {
        let story = bad(&with(section, line));
        assert!(story.contains(words), "{line}: {story}");
    }
    let pair = GOOD.replace("[\"cic.example.com\"]", "[\"cic1\", \"cic2\"]\nbase_url = \"http://127.0.0.1:1\"");
    assert!(bad(&pair).contains("all hosts would have the same address"));
    let scheme = GOOD.replace("[\"cic.example.com\"]", "[\"https://cic1\"]");
    assert!(bad(&scheme).contains("is not the name of a host"));
}

#[test]
fn trusting_anybody_and_somebody_is_a_contradiction() {
    let careless = with("pureconnect", "ca_file = \"secret\"\ndanger_accept_invalid_certificates = true");
    assert!(bad(&careless).contains("would have no effect"));
}

#[test]
fn explicit_addresses_take_the_place_of_the_region() {
    let both = "api_base_url = \"http://127.0.0.1:8080\"\nlogin_base_url = \"http://127.0.0.1:8080\"";
    let config = good(&GOOD.replace("region = \"mypurecloud.de\"", both));
    assert_eq!(config.genesys_cloud.api_base_url.as_str(), "http://127.0.0.1:8080/");
    let one = good(&with("genesys_cloud", "api_base_url = \"http://127.0.0.1:8080\""));
    assert_eq!(one.genesys_cloud.login_base_url.as_str(), "https://login.mypurecloud.de/");
    let half = GOOD.replace("region = \"mypurecloud.de\"", "api_base_url = \"http://127.0.0.1:8080\"");
    assert!(bad(&half).contains("missing key \"region\""));
}

#[test]
fn workgroups_have_wrap_up_times_of_their_own() {
    let text = with("replication", "wrap_up = \"5m\"\nwrap_up_times = { \"Customer Service\" = \"90s\" }");
    let wrap_up = good(&text).link.options.wrap_up;
    assert_eq!(wrap_up.default, Duration::from_secs(300));
    assert_eq!(wrap_up.workgroups[&WorkgroupId::new("customer service")], Duration::from_secs(90));
}

#[test]
fn mistakes_in_the_rules_are_told_together_with_those_in_the_configuration() {
    let folder = folder();
    fs::write(folder.path().join("rules.toml"), "[[rule]]\nname = \"x\"\nwhen = \"always\"\npresense = \"Meal\"\n")
        .unwrap();
    let text = with("mapping", "file = \"rules.toml\"\nprecedence = \"none\"");
    let story = read(&folder, &text).map(|_| ()).unwrap_err();
    assert!(story.contains("rules.toml:4:1"), "{story}");
    assert!(story.contains("unknown value \"none\""), "{story}");
}
