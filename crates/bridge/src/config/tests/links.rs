//! Several links in one file: what each has, what they share, and what is wrong with one alone.

use std::path::Path;

use secrecy::ExposeSecret;
use store::Location;

use super::{GOOD, PLANTED, bad, folder, good, read_all, variables};
use crate::config::forms::{self, Parsed};
use crate::config::place::Place;
use crate::config::{Config, example, load_local, parse};
use crate::exit::{Exit, Failed};

/// A link's table.
fn link(name: &str, host: &str, more: &str) -> String {
    format!(
        r#"
[[link]]
name = "{name}"
[link.pureconnect]
hosts = ["{host}"]
user = "bridge"
password = {{ env = "CIC_PASSWORD" }}
[link.genesys_cloud]
region = "mypurecloud.de"
client_id = "client"
client_secret = {{ file = "secret" }}
{more}
"#
    )
}

fn two(more: &str) -> String {
    link("north", "cic1", "") + &link("south", "cic2", more)
}

fn all(text: &str) -> Config {
    read_all(&folder(), text).unwrap_or_else(|story| panic!("{story}")).0
}

fn refused(text: &str) -> String {
    read_all(&folder(), text).map(|_| ()).unwrap_err()
}

/// The names of the links that run, and the name of each of the others with what is wrong.
type Read = (Vec<String>, Vec<(String, String)>);

/// Reads the file as `run` does, which leaves out what is wrong.
fn parsed(text: &str) -> Result<Read, String> {
    let folder = folder();
    let mut place = Place::around(&folder.path().join("bridge.toml"), &variables);
    let story = |problems| Failed::diagnosed(Exit::Configuration, problems).story(false);
    match parse("bridge.toml", text, &mut place, forms::read) {
        Err(problems) => Err(story(problems)),
        Ok(Parsed { config, left_out }) => Ok((
            config.links.into_iter().map(|link| link.name).collect(),
            left_out.into_iter().map(|left| (left.name, story(left.problems))).collect(),
        )),
    }
}

#[test]
fn each_link_has_sections_of_its_own_and_a_journal_by_its_name() {
    let config = all(&two("[link.users]\nworkgroups = [\"Sales\"]\n[link.mapping]\nprecedence = \"message-first\""));
    let [north, south] = &config.links[..] else { panic!("{config:?}") };
    assert_eq!((north.name.as_str(), south.name.as_str()), ("north", "south"));
    assert_eq!(south.pureconnect.hosts, ["cic2"]);
    assert!(north.scope.workgroups.is_none() && south.scope.workgroups.is_some());
    assert_ne!(north.mapping, south.mapping);
    for link in [north, south] {
        assert_eq!(link.journal.link, link.name);
        let Location::Sqlite(file) = &link.journal.location else { panic!("{link:?}") };
        assert!(file.ends_with(format!("{}.journal", link.name)), "{file:?}");
    }
    assert!(!format!("{config:?}").contains(PLANTED));
}

#[test]
fn links_share_a_database_unless_one_says_otherwise() {
    let folder = folder();
    let address = format!("postgres://bridge:{PLANTED}@db/presence");
    std::fs::write(folder.path().join("url"), &address).unwrap();
    let shared = "[journal]\nurl = { file = \"url\" }\n";
    let text = format!("{shared}{}", two("[link.journal]\npath = \"south.db\"\nkeep = \"7d\""));
    let (config, _) = read_all(&folder, &text).unwrap();
    let [north, south] = &config.links[..] else { panic!("{config:?}") };
    let Location::Postgres(url) = &north.journal.location else { panic!("{north:?}") };
    assert_eq!((url.expose_secret(), north.journal.link.as_str()), (address.as_str(), "north"));
    assert!(matches!(&south.journal.location, Location::Sqlite(file) if file.ends_with("south.db")));
    let own = refused(&format!("[journal]\npath = \"all.journal\"\n{}", two("")));
    assert!(own.contains("unknown key \"path\" in [journal]"), "{own}");
}

#[test]
fn a_file_has_one_form() {
    let mixed = refused(&format!("{GOOD}\n{}", link("north", "cic1", "")));
    assert!(mixed.contains("[pureconnect] is beside [[link]] tables"), "{mixed}");
    assert!(mixed.contains("write it as [link.genesys_cloud] under each [[link]]"), "{mixed}");
    assert!(mixed.contains("bridge.toml:2:"), "{mixed}");
    assert!(!mixed.contains("unknown"), "{mixed}");
    let one_bracket = refused("[link]\nname = \"north\"\n");
    assert!(one_bracket.contains("write [[link]] with two brackets"), "{one_bracket}");
    assert!(refused("link = []").contains("there is no [[link]] table"));
    assert!(refused("link = [1]").contains("expected a table [[link]]"));
}

#[test]
fn what_is_wrong_with_one_link_leaves_the_other_alone() {
    let (running, left_out) = parsed(&two("[link.guard]\nofline_share = 0.5\n[link.log]\nlevel = \"info\"")).unwrap();
    assert_eq!(running, ["north"]);
    let [(name, story)] = &left_out[..] else { panic!("{left_out:?}") };
    assert_eq!(name, "south");
    assert!(story.contains("unknown key \"ofline_share\" in [link.guard]"), "{story}");
    assert!(story.contains("did you mean \"offline_share\"?"), "{story}");
    assert!(story.contains("unknown section [link.log]"), "{story}");
    assert!(story.contains("bridge.toml:25:"), "{story}");

    let (_, nameless) = parsed(&two("").replace("name = \"south\"\n", "nam = \"south\"\n")).unwrap();
    assert_eq!(nameless[0].0, "number 2");
    assert!(nameless[0].1.contains("missing key \"name\" in [[link]]"), "{nameless:?}");
    assert!(nameless[0].1.contains("did you mean \"name\"?"), "{nameless:?}");

    // A reload and `check` want all of it.
    assert!(refused(&two("[link.guard]\nofline_share = 0.5")).contains("ofline_share"));
}

#[test]
fn what_is_wrong_for_all_is_told_together_with_what_is_wrong_in_each() {
    let text = format!("[log]\ncolour = true\n{}", two("[link.guard]\nofline_share = 0.5"));
    let story = parsed(&text).unwrap_err();
    assert!(story.contains("colour") && story.contains("ofline_share"), "{story}");
    let none_left = parsed(&two("").replace("hosts =", "host =")).unwrap_err();
    assert_eq!(none_left.matches("missing key \"hosts\" in [link.pureconnect]").count(), 2, "{none_left}");
    assert!(none_left.contains("4 problems"), "{none_left}");
}

#[test]
fn a_section_that_is_not_there_is_missed_at_its_link() {
    let text = two("").replace(
        "[link.pureconnect]\nhosts = [\"cic2\"]\nuser = \"bridge\"\npassword = { env = \"CIC_PASSWORD\" }\n",
        "",
    );
    let (_, left_out) = parsed(&text).unwrap();
    let story = &left_out[0].1;
    assert!(story.contains("missing key \"hosts\" in [link.pureconnect]"), "{story}");
    assert!(story.contains("write [link.pureconnect] and under it"), "{story}");
    assert!(story.contains("bridge.toml:14:"), "{story}");
}

#[test]
fn links_are_kept_apart() {
    let twice = link("north", "cic1", "") + &link("north", "cic2", "");
    let (running, left_out) = parsed(&twice).unwrap();
    assert_eq!(running, ["north"]);
    assert!(left_out[0].1.contains("a link before this one is called \"north\", too"), "{left_out:?}");

    let same = link("north", "cic1", "") + &link("south", "cic1", "");
    let (_, left_out) = parsed(&same).unwrap();
    assert!(
        left_out[0].1.contains("replicates the same PureConnect system into the same organisation"),
        "{left_out:?}"
    );
    let other_organisation = same.replacen("mypurecloud.de", "mypurecloud.ie", 1);
    assert_eq!(parsed(&other_organisation).unwrap().1, []);

    let (_, left_out) = parsed(&two("[link.journal]\npath = \"./north.journal\"")).unwrap();
    assert!(left_out[0].1.contains("the link \"north\" has its journal in the same file"), "{left_out:?}");
}

#[test]
fn a_name_is_good_for_a_file() {
    for name in ["", " ", "../up", ".hidden", "a/b", "a b", "größe", &"x".repeat(61)] {
        let text = link("north", "cic1", "") + &link(name, "cic2", "");
        let (running, left_out) = parsed(&text).unwrap();
        assert_eq!((running.len(), left_out.len()), (1, 1), "{name}");
    }
    assert_eq!(parsed(&(link("north", "cic1", "") + &link("2.South_a-b", "cic2", ""))).unwrap().1, []);
}

#[test]
fn secrets_in_the_table_of_a_link_are_refused_and_never_shown() {
    // Everything that is told is searched for the planted secret.
    let good = "password = { env = \"CIC_PASSWORD\" }";
    let attempts = [
        format!("password = \"{PLANTED}\""),
        format!("password = {{ value = \"{PLANTED}\" }}"),
        format!("pwd = \"{PLANTED}\""),
        format!("password = \"{PLANTED}"),
        format!("password = {{ value = \"{PLANTED}\""),
        format!("password = '''{PLANTED}\n{PLANTED}"),
        format!("journal = \"postgres://bridge:{PLANTED}@db\""),
        format!("[[link.password]]\nvalue = \"{PLANTED}\""),
        format!("[link.password.of]\nvalue = \"{PLANTED}\""),
    ];
    for attempt in attempts {
        refused(&two("").replacen(good, &attempt, 1));
        refused(&two("").replacen(good, &format!("{attempt}\nuser = 7"), 1));
    }
    refused(&two(&format!("[link.journal]\nurl = \"postgres://bridge:{PLANTED}@db/journal\"")));
    refused(&two(&format!("[journal]\nurl = \"postgres://bridge:{PLANTED}@db/journal\"")));
    refused(&two(&format!("[link.genesys_cloud.more_clients]\nclient_secret = \"{PLANTED}\"")));
}

#[test]
fn a_link_is_named_where_there_are_several() {
    let config = all(&two(""));
    assert_eq!(config.link(Some("south")).unwrap().name, "south");
    let which = config.link(None).unwrap_err();
    assert_eq!(which.exit, Exit::Usage);
    assert!(which.story(false).contains("--link NAME takes one of: north, south"), "{which:?}");
    assert!(config.link(Some("east")).unwrap_err().story(false).contains("there is no link \"east\""));
    assert_eq!(all(GOOD).link(None).unwrap().name, "default");
}

#[test]
fn commands_beside_the_bridge_know_the_journal_of_each_link_and_no_secret() {
    let folder = folder();
    let path = folder.path().join("bridge.toml");
    std::fs::write(&path, two("").replace("{ file = \"secret\" }", "{ file = \"not for you\" }")).unwrap();
    let local = load_local(&path).unwrap();
    let south = local.link(Some("south")).unwrap();
    assert!(matches!(&south.journal.location, Location::Sqlite(file) if *file == folder.path().join("south.journal")));
    assert_eq!(local.control, folder.path().join("presence-bridge.socket"));
    std::fs::write(&path, two("[link.journal]\npth = \"x\"")).unwrap();
    let story = load_local(&path).unwrap_err().story(false);
    assert!(story.contains("unknown key \"pth\" in [link.journal]"), "{story}");
}

#[test]
fn the_folders_that_systemd_gives_are_used_for_every_link() {
    let systemd = |name: &str| match name {
        "STATE_DIRECTORY" => Some("/var/lib/bridge".to_owned()),
        other => variables(other),
    };
    let text = two("").replace("{ file = \"secret\" }", "{ env = \"CIC_PASSWORD\" }");
    let mut place = Place::around(Path::new("/etc/bridge.toml"), &systemd);
    let config = parse("bridge.toml", &text, &mut place, forms::read_whole).unwrap();
    let Location::Sqlite(file) = &config.links[1].journal.location else { panic!("{config:?}") };
    assert_eq!(file, Path::new("/var/lib/bridge/south.journal"));
}

#[test]
fn the_link_of_the_example_is_one_that_works() {
    let text = example();
    let commented = text.lines().skip_while(|line| *line != "# [[link]]");
    let table: String = commented.map(|line| format!("{}\n", line.strip_prefix("# ").unwrap_or(line))).collect();
    let folder = folder();
    for name in ["pureconnect-password", "genesys-cloud-secret"] {
        std::fs::write(folder.path().join(name), PLANTED).unwrap();
    }
    let (config, _) = read_all(&folder, &table).unwrap_or_else(|story| panic!("{story}\n{table}"));
    assert_eq!(config.links[0].name, "north");
}

#[test]
fn one_link_in_a_table_is_as_good_as_one_without() {
    let config = all(&link("north", "cic.example.com", ""));
    let single = good(GOOD);
    assert_eq!(config.links[0].options.guard, single.options.guard);
    assert!(bad("[[link]]\n").contains("missing key \"name\""));
}
