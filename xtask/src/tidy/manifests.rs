//! Rules about manifests: every dependency is named once for the whole workspace, and used by those who ask for it.

use toml::{Table, Value};

use super::source::{Source, Token};
use super::tree::File;
use crate::findings::Finding;

const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// A dependency as one of our packages asks for it.
struct Asked<'a> {
    manifest: &'a File,
    kind: &'static str,
    name: String,
    value: Value,
}

/// All findings about all manifests.
pub fn check(files: &[File], sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut offered = Vec::new();
    let mut asked = Vec::new();
    for manifest in files.iter().filter(|file| file.path == "Cargo.toml" || file.path.ends_with("/Cargo.toml")) {
        let Ok(table) = manifest.text.parse::<Table>() else {
            findings.push(finding(manifest, "", "this is not TOML".to_owned(), "close what was opened"));
            continue;
        };
        if let Some(workspace) = table.get("workspace").and_then(Value::as_table) {
            offered.extend(entries(workspace, KINDS[0]).into_iter().map(|(name, _)| (manifest, name)));
        } else {
            findings.extend(lints(manifest, &table));
            asked.extend(asked_in(manifest, &table));
        }
    }
    findings.extend(asked.iter().filter(|asked| !says_workspace(Some(&asked.value))).map(outside_the_workspace));
    findings.extend(asked.iter().filter(|asked| !is_used(asked, sources)).map(unused));
    offered.retain(|(_, name)| !asked.iter().any(|asked| asked.name == *name));
    findings.extend(offered.iter().map(|(manifest, name)| {
        finding(manifest, name, format!("nobody asks for {name}"), "take it out of [workspace.dependencies]")
    }));
    findings
}

fn lints(manifest: &File, package: &Table) -> Option<Finding> {
    if says_workspace(package.get("lints")) {
        return None;
    }
    let what = "no workspace lints".to_owned();
    Some(finding(manifest, "[package]", what, "write `[lints]` and `workspace = true`"))
}

fn asked_in<'a>(manifest: &'a File, package: &Table) -> Vec<Asked<'a>> {
    let asked = |kind| move |(name, value)| Asked { manifest, kind, name, value };
    KINDS.into_iter().flat_map(|kind| all_entries(package, kind).into_iter().map(asked(kind))).collect()
}

fn entries(table: &Table, kind: &str) -> Vec<(String, Value)> {
    let entries = table.get(kind).and_then(Value::as_table);
    entries.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Those for every platform, and those for some.
fn all_entries(table: &Table, kind: &str) -> Vec<(String, Value)> {
    let targets = table.get("target").and_then(Value::as_table);
    let of_targets = targets.into_iter().flatten().filter_map(|(_, target)| target.as_table());
    std::iter::once(table).chain(of_targets).flat_map(|table| entries(table, kind)).collect()
}

fn says_workspace(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
}

/// Whether any file of the package says the dependency's name in code: outside tests, if it is for more than tests.
fn is_used(asked: &Asked<'_>, sources: &[Source]) -> bool {
    let folder = asked.manifest.path.strip_suffix("Cargo.toml").unwrap_or_default();
    let name = asked.name.replace('-', "_");
    let uses = |token: &Token| token.text == name && !(token.test && asked.kind == KINDS[0]);
    let in_package = |source: &&Source| source.path.starts_with(folder);
    sources.iter().filter(in_package).any(|source| source.tokens.iter().any(uses))
}

fn outside_the_workspace(asked: &Asked<'_>) -> Finding {
    let what = format!("{} has a version of its own", asked.name);
    finding(asked.manifest, &asked.name, what, "name it in [workspace.dependencies] and say `workspace = true`")
}

fn unused(asked: &Asked<'_>) -> Finding {
    let what = format!("nothing uses {} of [{}]", asked.name, asked.kind);
    let instead = if asked.kind == KINDS[0] { "take it out, or move it to [dev-dependencies]" } else { "take it out" };
    finding(asked.manifest, &asked.name, what, instead)
}

/// At the first line that starts with `key`.
fn finding(manifest: &File, key: &str, what: String, instead: &str) -> Finding {
    let line = manifest.text.lines().position(|line| line.starts_with(key)).map_or(1, |index| index + 1);
    Finding { path: manifest.path.clone(), line, rule: "manifest", what, instead: instead.to_owned() }
}
