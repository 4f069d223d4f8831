//! Where secrets come from, and that nothing ever shows one.

use std::fs;
use std::path::Path;

use secrecy::ExposeSecret;

use super::{GOOD, PLANTED, bad, folder, good, read, variables, with};
use crate::config::place::Place;
use crate::config::{forms, parse};

const PASSWORD: &str = "password = { env = \"CIC_PASSWORD\" }";

#[test]
fn a_secret_written_into_the_file_is_refused_and_never_shown() {
    // `bad` looks for the planted secret in everything that is told.
    insta::assert_snapshot!(bad(&GOOD.replace(PASSWORD, &format!("password = \"{PLANTED}\""))));
    let attempts = [
        format!("password = {{ value = \"{PLANTED}\" }}"),
        format!("password = {{ file = \"secret\", plain = \"{PLANTED}\" }}"),
        format!("password = \"\"\"\n{PLANTED}\"\"\""),
        format!("password = [\"{PLANTED}\"]"),
        format!("password.text = \"{PLANTED}\""),
        format!("pasword = \"{PLANTED}\""),
        format!("pwd = \"{PLANTED}\""),
        format!("password = \"{PLANTED}"),
        format!("password = {{ value = \"{PLANTED}\""),
        format!("password = '''{PLANTED}\n{PLANTED}"),
        format!("password = {PLANTED}"),
        format!("\"password\" = {PLANTED}"),
    ];
    for attempt in attempts {
        bad(&GOOD.replace(PASSWORD, &attempt));
        bad(&with("pureconnect", &format!("{attempt}\nuser = 7")));
    }
}

#[test]
fn a_secret_that_cannot_be_had_is_told_with_the_place_that_was_tried() {
    let place = |form: &str| bad(&GOOD.replace("{ env = \"CIC_PASSWORD\" }", form));
    let missing = place("{ file = \"nowhere\" }");
    assert!(missing.contains("failed to read the secret in FOLDER/nowhere"), "{missing}");
    assert!(missing.contains("bridge.toml:5:12"), "{missing}");
    assert!(place("{ env = \"NOT_SET\" }").contains("variable NOT_SET is not set"));
    assert!(place("{ env = \"EMPTY\" }").contains("the secret is empty"));
    assert!(place("{ credential = \"cic\" }").contains("CREDENTIALS_DIRECTORY is not set"));
}

#[test]
fn a_systemd_credential_is_read_from_its_folder() {
    let folder = folder();
    let directory = folder.path().display().to_string();
    let credentials = |name: &str| match name {
        "CREDENTIALS_DIRECTORY" => Some(directory.clone()),
        other => variables(other),
    };
    let text = GOOD
        .replace("{ env = \"CIC_PASSWORD\" }", "{ credential = \"secret\" }")
        .replace("{ file = \"secret\" }", "{ env = \"CIC_PASSWORD\" }");
    let mut place = Place::around(Path::new("/etc/presence-bridge.toml"), &credentials);
    let config = parse("bridge.toml", &text, &mut place, forms::read_whole).unwrap();
    assert_eq!(config.links[0].pureconnect.password.expose_secret(), PLANTED);
}

#[cfg(unix)]
#[test]
fn a_secret_that_everybody_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let secret = folder.path().join("secret");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    let (_, warnings) = read(&folder, GOOD).unwrap();
    assert!(warnings[0].contains("chmod 600"), "{warnings:?}");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(read(&folder, GOOD).unwrap().1, Vec::<String>::new());
}

#[test]
fn no_part_of_the_configuration_shows_a_secret() {
    let config = good(GOOD);
    let parts = [
        format!("{config:?}"),
        format!("{config:#?}"),
        format!("{:?}", config.pureconnect),
        format!("{:?}", config.genesys_cloud),
    ];
    for part in parts {
        assert!(!part.contains(PLANTED), "{part}");
    }
}
