//! Where the journal and the socket are, and for how long the journal is kept.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret;
use store::Location;

use super::{GOOD, PLANTED, Single, bad, folder, good, read, variables, with};
use crate::config::place::Place;
use crate::config::{self, forms, parse};

/// Reads `/etc/bridge/bridge.toml` with these variables.
fn in_etc(text: &str, more: &[(&str, &str)]) -> Single {
    let known = |name: &str| {
        let more = more.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned());
        more.or_else(|| variables(name))
    };
    let text = text.replace("{ file = \"secret\" }", "{ env = \"CIC_PASSWORD\" }");
    let mut place = Place::around(Path::new("/etc/bridge/bridge.toml"), &known);
    parse("bridge.toml", &text, &mut place, forms::read_whole).unwrap().into()
}

/// The journal's file.
fn file(config: &Single) -> PathBuf {
    match &config.journal.location {
        Location::Sqlite(path) => path.clone(),
        Location::Postgres(_) => panic!("a file was expected"),
    }
}

#[test]
fn without_a_word_the_journal_is_a_file_beside_the_configuration() {
    let config = in_etc(GOOD, &[]);
    assert_eq!(file(&config), Path::new("/etc/bridge/presence-bridge.journal"));
    assert_eq!(config.control, Path::new("/etc/bridge/presence-bridge.socket"));
    assert_eq!(config.journal.link, "default");
    assert_eq!(config.journal.retention.age, Duration::from_secs(400 * 24 * 60 * 60));
    assert_eq!(config.journal.retention.size, 10 << 30);
}

#[test]
fn the_folders_that_systemd_gives_are_used_unless_the_file_says_where() {
    let systemd = [("STATE_DIRECTORY", "/var/lib/bridge:/var/lib/other"), ("RUNTIME_DIRECTORY", "/run/bridge")];
    let config = in_etc(GOOD, &systemd);
    assert_eq!(file(&config), Path::new("/var/lib/bridge/presence-bridge.journal"));
    assert_eq!(config.control, Path::new("/run/bridge/presence-bridge.socket"));

    let said = format!("{GOOD}\n[journal]\npath = \"j.db\"\n[control]\nsocket = \"/tmp/s\"\n");
    let config = in_etc(&said, &systemd);
    assert_eq!(file(&config), Path::new("/etc/bridge/j.db"));
    assert_eq!(config.control, Path::new("/tmp/s"));
}

#[test]
fn an_address_that_is_none_is_told_with_its_place_and_nothing_of_it() {
    let cases = [
        (PLANTED.to_owned(), "it is no URL"),
        (format!("mysql://bridge:{PLANTED}@db/presence"), "it does not begin with postgres://"),
        (format!("postgres:{PLANTED}"), "it is no URL"),
        (format!("postgres://bridge:{PLANTED}@:bad/presence"), "it is no URL"),
        (format!("postgres://db/presence?passwort={PLANTED}"), "a parameter after the ? is not known"),
        (format!("postgres://bridge:{PLANTED}@db/presence?sslmode=maybe"), "a part of it cannot be understood"),
    ];
    for (address, mistake) in cases {
        let folder = folder();
        std::fs::write(folder.path().join("url"), &address).unwrap();
        let story = read(&folder, &with("journal", "url = { file = \"url\" }")).map(|_| ()).unwrap_err();
        assert!(story.contains(&format!("the address of the database cannot be used: {mistake}")), "{story}");
        assert!(story.contains("bridge.toml:13:") && story.contains("url = { file = \"url\" }"), "{story}");
        assert!(!story.contains("mysql") && !story.contains("maybe") && !story.contains("passwort"), "{story}");
    }
}

#[test]
fn a_database_is_named_by_a_secret() {
    let address = format!("postgres://bridge:{PLANTED}@db.example.com/presence?sslmode=require");
    let folder = folder();
    std::fs::write(folder.path().join("url"), &address).unwrap();
    let text = with("journal", "url = { file = \"url\" }\nlink = \"north\"");
    let (config, _) = read(&folder, &text).unwrap();
    let Location::Postgres(url) = &config.journal.location else { panic!("a database was expected") };
    assert_eq!(url.expose_secret(), address);
    assert_eq!(config.journal.link, "north");
    assert!(!format!("{config:?}").contains(PLANTED));
}

#[test]
fn the_address_of_a_database_in_the_file_itself_is_refused_and_not_shown() {
    // `bad` looks for the planted secret in everything that is told.
    for wrong in [
        format!("url = \"postgres://bridge:{PLANTED}@db/journal\""),
        format!("ulr = \"postgres://bridge:{PLANTED}@db/journal\""),
        format!("path = \"host=db password={PLANTED}\"\nkeep = 7"),
        format!("link = [\"postgres://bridge:{PLANTED}@db\"]"),
        format!("url = \"postgres://bridge:{PLANTED}@db/journal"),
        format!("database = \"postgres://bridge:{PLANTED}@db/journal"),
    ] {
        bad(&with("journal", &wrong));
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let cases = [
        ("journal", "path = \"a\"\nurl = { file = \"secret\" }", "either a file (path) or a database (url)"),
        ("journal", "keep = \"a while\"", "\"a while\" is not a number of days"),
        ("journal", "keep = \"0d\"", "the duration is zero"),
        ("journal", "keep = \"-3d\"", "is not a number of days"),
        ("journal", "keep = \"2 months\"", "is not a number of days"),
        ("journal", "keep_size = \"10\"", "\"10\" is not a size"),
        ("journal", "keep_size = \"-1GiB\"", "is not a size"),
        ("journal", "keep_size = \"99999999999TiB\"", "is not a size"),
        ("journal", "keep_size = \"1MiB\"", "at least 16MiB"),
        ("journal", "keep_size = 7", "expected a size in quotes"),
        ("control", "path = \"a\"", "did you mean \"path\" in [journal]?"),
    ];
    for (section, line, words) in cases {
        let story = bad(&with(section, line));
        assert!(story.contains(words), "{line}: {story}");
    }
}

#[test]
fn sizes_and_ages_have_units() {
    let config = good(&with("journal", "keep = \"13w 36h\"\nkeep_size = \"500 MB\""));
    assert_eq!(config.journal.retention.age, Duration::from_secs((13 * 7 * 24 + 36) * 60 * 60));
    assert_eq!(config.journal.retention.size, 500_000_000);
}

#[test]
fn commands_beside_the_bridge_need_no_secret_of_the_two_sides() {
    let folder = folder();
    let text = with("journal", "path = \"j.db\"").replace("{ file = \"secret\" }", "{ file = \"not for you\" }");
    assert!(read(&folder, &text).unwrap_err().contains("not for you"));

    let path = folder.path().join("bridge.toml");
    std::fs::write(&path, &text).unwrap();
    let local = config::load_local(&path).unwrap();
    assert!(
        matches!(&local.link(None).unwrap().journal.location, Location::Sqlite(file) if *file == folder.path().join("j.db"))
    );
    assert_eq!(local.control, folder.path().join("presence-bridge.socket"));

    std::fs::write(&path, text.replace("path = \"j.db\"", "pth = \"j.db\"")).unwrap();
    let story = config::load_local(&path).unwrap_err().story(false);
    assert!(story.contains("unknown key \"pth\" in [journal]"), "{story}");
}
