//! What differs between two readings of a file, and when it takes effect.

use std::fs;

use super::{GOOD, PLANTED, folder, read_all, with};
use crate::config::{Changes, Config, Effect};

fn differ(old: &Config, new: &Config) -> (Vec<String>, Vec<String>) {
    let changes = Changes::between(old, new);
    let told = |effect| changes.of(effect).map(ToString::to_string).collect();
    (told(Effect::AtOnce), told(Effect::AtNextStart))
}

fn all(text: &str) -> Config {
    read_all(&folder(), text).unwrap().0
}

#[test]
fn the_same_file_and_one_that_spells_out_a_default_do_not_differ() {
    assert_eq!(differ(&all(GOOD), &all(GOOD)), (vec![], vec![]));
    let spelt_out = with("genesys_cloud", "rate_share = 1.0\nsource_name = 'PureConnect'");
    assert_eq!(differ(&all(GOOD), &all(&spelt_out)), (vec![], vec![]));
}

#[test]
fn mapping_scope_matching_and_log_level_change_at_once_and_the_rest_at_the_next_start() {
    let text = GOOD.replace("user = \"bridge\"", "user = \"other\"")
        + "[mapping]\nprecedence = \"message-first\"\n[users]\nexclude = [\"a\"]\nrefresh = \"5m\"\n\
           [log]\nlevel = \"debug\"\nformat = \"json\"\n[control]\nsocket = \"other\"\n";
    let (at_once, later) = differ(&all(GOOD), &all(&text));
    assert_eq!(at_once, ["[log] level", "[mapping] precedence", "[users] exclude"]);
    assert_eq!(later, ["[control] socket", "[log] format", "[pureconnect] user", "[users] refresh"]);
    let (at_once, later) = differ(&all(&text), &all(GOOD));
    assert_eq!((at_once.len(), later.len()), (3, 4), "and back again");
}

#[test]
fn what_is_in_files_counts_and_a_secret_is_not_shown() {
    let folder = folder();
    let text = with("mapping", "file = \"rules.toml\"");
    fs::write(folder.path().join("rules.toml"), "# none\n").unwrap();
    let old = read_all(&folder, &text).unwrap().0;
    fs::write(folder.path().join("rules.toml"), "# none yet\n").unwrap();
    fs::write(folder.path().join("secret"), "another").unwrap();
    let new = read_all(&folder, &text).unwrap().0;
    let (at_once, later) = differ(&old, &new);
    assert_eq!(at_once, ["[mapping] file"]);
    assert_eq!(later, ["[genesys_cloud] client_secret"]);
    let changes = format!("{:?}{:?}", Changes::between(&old, &new), old);
    assert!(!changes.contains(PLANTED) && !changes.contains("another"), "{changes}");
}

#[test]
fn links_are_told_by_name() {
    let link = |name: &str, more: &str| {
        let sections = GOOD.replace("[pure", "[link.pure").replace("[gen", "[link.gen").replace("cic.", name);
        format!("[[link]]\nname = \"{name}\"\n{sections}\n{more}")
    };
    let old = all(&(link("north", "") + &link("south", "") + &link("west", "")));
    let new = all(&(link("west", "") + &link("south", "[link.users]\nexclude = [\"a\"]\n") + &link("east", "")));
    let (at_once, later) = differ(&old, &new);
    assert_eq!(at_once, ["south: [link.users] exclude"]);
    assert_eq!(later, ["north: [[link]] is gone from the file", "east: [[link]] is new in the file"]);
    let renamed = with("journal", "link = \"north\"");
    assert_eq!(differ(&all(GOOD), &all(&renamed)).1, ["[journal] link"], "the only link stays itself");
}
