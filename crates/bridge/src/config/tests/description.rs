//! The example and the JSON Schema say the same as the reading.

use std::fs;

use secrecy::SecretString;

use super::{GOOD, PLANTED, folder, good, read};
use crate::config::{Link, Simulators, example, of_simulators, schema};

/// Keys are commented out with `#` alone, sentences with `# `.
fn everything() -> String {
    let uncommented = |line: &str| match line.strip_prefix('#') {
        Some(key) if !key.is_empty() && !key.starts_with(' ') => format!("{key}\n"),
        _ => format!("{line}\n"),
    };
    example().lines().map(uncommented).collect()
}

#[test]
fn the_example_is_a_configuration_with_the_defaults() {
    let folder = folder();
    for name in ["pureconnect-password", "genesys-cloud-secret", "second-secret", "pureconnect-ca.pem", "proxy-ca.pem"]
    {
        fs::write(folder.path().join(name), PLANTED).unwrap();
    }
    fs::write(folder.path().join("journal-url"), format!("postgres://bridge:{PLANTED}@db/presence")).unwrap();
    for (name, letter) in [("console-viewer-token", "v"), ("console-admin-token", "a")] {
        fs::write(folder.path().join(name), letter.repeat(16)).unwrap();
    }
    fs::write(folder.path().join("users.csv"), "agent,user\n").unwrap();
    fs::write(folder.path().join("rules.toml"), "").unwrap();

    let (as_printed, _) = read(&folder, &example()).unwrap_or_else(|story| panic!("{story}"));
    let defaults = good(GOOD);
    assert_eq!(as_printed.log, defaults.log);
    assert_eq!(as_printed.mapping, defaults.mapping);
    let seedless = |link: &Link| {
        let mut options = link.options.clone();
        options.seed = 0;
        options
    };
    assert_eq!(seedless(&as_printed), seedless(&defaults));

    let without = |key: &str| {
        let lines = everything();
        lines
            .lines()
            .filter(|line| !line.starts_with(&format!("{key} =")))
            .fold(String::new(), |text, line| text + line + "\n")
    };
    // The journal is in a file or in a database.
    read(&folder, &without("path")).unwrap_or_else(|story| panic!("{story}"));
    let (full, _) = read(&folder, &without("url")).unwrap_or_else(|story| panic!("{story}"));
    assert_eq!(full.pureconnect.silence_limit, defaults.pureconnect.silence_limit);
    assert!(full.genesys_cloud.external_id_authority.is_some() && full.options.matching.external_ids);
}

#[test]
fn the_schema_and_the_example_have_the_same_keys() {
    let schema = schema();
    let example: toml::Table = toml::from_str(&everything()).unwrap();
    let mut sections = schema["properties"].as_object().unwrap().clone();
    // The other form of a file, of which the example shows one in a comment.
    assert!(sections.remove("link").is_some());
    assert_eq!(sections.keys().collect::<Vec<_>>(), example.keys().collect::<Vec<_>>());
    for (name, section) in &sections {
        let keys = section["properties"].as_object().unwrap();
        let shown = example[name].as_table().unwrap();
        assert_eq!(keys.keys().collect::<Vec<_>>(), shown.keys().collect::<Vec<_>>(), "[{name}]");
        assert_eq!(section["additionalProperties"], false, "[{name}]");
        for (key, about) in keys {
            assert!(about["description"].as_str().is_some_and(|text| text.len() > 15), "{key}");
            assert!(about.get("default").is_some() || about.get("examples").is_some(), "{key}");
        }
    }
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["properties"]["pureconnect"]["properties"]["silence_limit"]["default"], "45s");
}

#[test]
fn the_schema_has_both_forms_of_a_file() {
    let schema = schema();
    let link = &schema["properties"]["link"]["items"];
    assert_eq!(link["required"], serde_json::json!(["name", "pureconnect", "genesys_cloud"]));
    assert_eq!(link["additionalProperties"], false);
    let sections = schema["properties"].as_object().unwrap().keys();
    let of_links = sections.filter(|name| !["console", "control", "link", "log"].contains(&name.as_str()));
    for section in of_links {
        assert!(link["properties"][section]["properties"].is_object(), "{section}");
    }
    let [one, several] = &schema["oneOf"].as_array().unwrap()[..] else { panic!("{:#}", schema["oneOf"]) };
    assert_eq!((&one["required"][0], &one["properties"]["link"]), (&"pureconnect".into(), &false.into()));
    assert_eq!((&several["required"][0], &several["properties"]["users"]), (&"link".into(), &false.into()));
    let shared = several["properties"]["journal"]["properties"].as_object().unwrap();
    assert_eq!(shared.keys().collect::<Vec<_>>(), ["url"]);
}

#[test]
fn no_line_of_the_example_is_too_long_to_read() {
    let long: Vec<String> = example().lines().filter(|line| line.chars().count() > 120).map(str::to_owned).collect();
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn the_demo_has_the_defaults() {
    let simulators = Simulators {
        icws: "http://127.0.0.1:8018".to_owned(),
        cloud: "http://127.0.0.1:8080".to_owned(),
        icws_user: "bridge".to_owned(),
        icws_password: SecretString::from(PLANTED),
        client_id: "client".to_owned(),
        client_secret: SecretString::from(PLANTED),
    };
    assert!(!format!("{simulators:?}").contains(PLANTED));
    let config = of_simulators(&simulators).unwrap();
    assert_eq!(config.pureconnect.base_url, "http://127.0.0.1:8018");
    assert_eq!(config.genesys_cloud.login_base_url.as_str(), "http://127.0.0.1:8080/");
    assert_eq!(config.options.guard, good(GOOD).options.guard);
}
