//! Saved catalogues: what is replaced, what is left alone, and what is told.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use mapping::{SavedCatalogue, default_catalogue};

use super::{Origin, file};
use crate::exit::Exit;

fn text(host: &str) -> String {
    SavedCatalogue {
        host: Some(host.to_owned()),
        release: None,
        saved: "2026-03-02T08:00:00Z".parse().unwrap(),
        catalogue: default_catalogue(),
    }
    .write()
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_catalogue_that_was_saved_is_read_again_and_may_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saved.json");
    file::write(&path, &text("cic1")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    file::write(&path, &text("cic2")).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640, "who may read it stays");
    let statuses = file::saved(&path).unwrap();
    assert_eq!(statuses.catalogue, default_catalogue());
    assert!(matches!(&statuses.origin, Origin::Saved { host: Some(host), .. } if host == "cic2"));
    assert!(statuses.words().starts_with("18 status messages of cic2, saved at 2026-03-02T08:00:00Z in "));
    assert_eq!(files(folder.path()), ["saved.json"], "nothing is left behind");
}

#[test]
fn a_catalogue_with_mistakes_or_of_another_version_may_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saved.json");
    for broken in [text("cic1").replace("\"acd\"", "\"adc\""), text("cic1").replace("\"version\": 1", "\"version\": 9")]
    {
        fs::write(&path, broken).unwrap();
        file::write(&path, &text("cic2")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text("cic2"));
    }
}

#[test]
fn whatever_else_is_there_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("precious");
    for precious in ["", "precious", "{\"format\": \"of another program\"}", "[]", "7"] {
        fs::write(&path, precious).unwrap();
        let refused = file::write(&path, &text("cic1")).unwrap_err();
        assert_eq!(refused.exit, Exit::Usage);
        assert!(refused.story(false).contains("is there already and is no saved catalogue"), "{refused:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), precious);
    }
    let refused = file::write(folder.path(), &text("cic1")).unwrap_err();
    assert!(refused.story(false).contains("no saved catalogue"), "a folder: {refused:?}");
    let nowhere = file::write(&folder.path().join("no/saved.json"), &text("cic1")).unwrap_err();
    assert!(nowhere.story(false).contains("failed to write"), "{nowhere:?}");
    assert_eq!(files(folder.path()), ["precious"], "nothing is left behind");
}

#[test]
fn what_a_link_leads_to_is_replaced_and_not_the_link() {
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("saved.json"), folder.path().join("link.json"));
    file::write(&path, &text("cic1")).unwrap();
    symlink("saved.json", &link).unwrap();
    file::write(&link, &text("cic2")).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&path).unwrap(), text("cic2"));
    let dangling = folder.path().join("dangling");
    symlink("nowhere", &dangling).unwrap();
    assert!(file::write(&dangling, &text("cic1")).is_err(), "who knows what was meant");
}

#[test]
fn mistakes_in_a_saved_catalogue_are_all_told_with_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saved.json");
    fs::write(&path, text("cic1").replace("\"Gone Home\"", "7").replace("\"dnd\":true", "\"dnd\":\"yes\"")).unwrap();
    let failed = file::saved(&path).unwrap_err();
    assert_eq!(failed.exit, Exit::Configuration);
    let story = failed.story(false);
    assert!(story.matches("expected true or false, found a text").count() > 5, "{story}");
    assert!(story.contains("expected a text, found a number") && story.contains("saved.json:"), "{story}");
    let missing = file::saved(&folder.path().join("nothing.json")).unwrap_err();
    assert_eq!(missing.exit, Exit::Usage);
}
