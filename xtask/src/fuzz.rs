//! Fuzzing: every target for a while, on the corpus and on what earlier runs added to it.
//!
//! Needs a nightly toolchain and cargo-fuzz, and says how to get them. The tests replay the corpus without either. What
//! runs find of interest stays in `fuzz/target/corpus`; into the committed corpus goes only what broke something.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::shell::{self, Failure};

/// How long each target runs, unless this variable says otherwise.
const SECONDS: u32 = 120;
const SECONDS_VARIABLE: &str = "FUZZ_SECONDS";

/// Longer inputs find nothing that shorter ones do not, and cost the time of many; the tests replay long ones.
const LONGEST: u32 = 4_096;

/// No input may take longer, in seconds, or more memory, in megabytes.
const PATIENCE: u32 = 10;
const MEMORY: u32 = 1_500;

const FOLDER: &str = "fuzz";

/// The command.
pub fn run() -> Result<(), Failure> {
    let missing = missing(|words| shell::answers(&mut shell::program("cargo", words)));
    if !missing.is_empty() {
        return Err(Failure::Missing(missing));
    }
    let seconds = seconds(env::var(SECONDS_VARIABLE).ok().as_deref())?;
    let targets = targets(&shell::root().join(FOLDER))?;
    // All of them first: one that does not build is known before any has run for minutes.
    shell::run(&mut cargo_fuzz(&["build"]))?;
    let mut broken = 0;
    for target in &targets {
        let own = format!("{FOLDER}/target/corpus/{target}");
        let path = shell::root().join(&own);
        fs::create_dir_all(&path).map_err(|cause| Failure::File { action: "create", path, cause })?;
        if let Err(Failure::Status { .. }) = shell::run(&mut fuzzing(target, &own, seconds)) {
            broken += 1;
            println!("fuzz: {target} did not run to its end; what it stumbled over, if anything, is named below");
        }
    }
    let found = artifacts(&shell::root().join(FOLDER), &targets)?;
    for finding in &found {
        // Makes it as small as it goes; what it cannot make smaller stays as it is.
        if let Err(failure) = shell::run(&mut cargo_fuzz(&["tmin", &finding.target, &finding.file])) {
            println!("fuzz: {}", shell::chain(&failure));
        }
    }
    for Finding { target, file } in artifacts(&shell::root().join(FOLDER), &targets)? {
        println!(
            "fuzz: {file} breaks {target}: see why with `cargo +nightly fuzz run {target} {file}`, mend it, move the \
             file to {FOLDER}/corpus/{target} under a name that says what it is, and run `cargo xtask test`"
        );
    }
    match broken + found.len() {
        0 => {
            println!("\nfuzz: {} targets ran for {seconds} s each and found nothing", targets.len());
            Ok(())
        }
        _ => Err(Failure::Findings(found.len().max(broken))),
    }
}

/// What has to be installed first; `answers` tells whether cargo does, when it is asked for these words.
fn missing(answers: impl Fn(&[&str]) -> bool) -> Vec<String> {
    let needs = [
        (["+nightly", "--version"], "a nightly toolchain is missing: run `rustup toolchain install nightly`"),
        (["fuzz", "--version"], "cargo-fuzz is missing: run `cargo install --locked cargo-fuzz`"),
    ];
    needs.into_iter().filter(|(words, _)| !answers(words)).map(|(_, what)| what.to_owned()).collect()
}

fn seconds(asked: Option<&str>) -> Result<u32, Failure> {
    match asked {
        None => Ok(SECONDS),
        Some(text) => {
            text.parse().map_err(|_| Failure::Missing(vec![format!("{SECONDS_VARIABLE} is no number: {text}")]))
        }
    }
}

/// The names of all targets, each of which has a file.
fn targets(fuzz: &Path) -> Result<Vec<String>, Failure> {
    let mut names: Vec<String> = files(&fuzz.join("targets"))?
        .iter()
        .filter(|path| path.extension() == Some(OsStr::new("rs")))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

/// An input that breaks a target.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    target: String,
    /// From the workspace's root.
    file: String,
}

/// What runs left behind: of each finding the smallest form only.
fn artifacts(fuzz: &Path, targets: &[String]) -> Result<Vec<Finding>, Failure> {
    let mut found = Vec::new();
    for target in targets {
        let folder = fuzz.join("artifacts").join(target);
        if !folder.is_dir() {
            continue;
        }
        let mut names: Vec<String> =
            files(&folder)?.iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect();
        names.sort();
        if names.iter().any(|name| name.starts_with("minimized-from-")) {
            names.retain(|name| name.starts_with("minimized-from-"));
        }
        let file = |name: String| format!("{FOLDER}/artifacts/{target}/{name}");
        found.extend(names.into_iter().map(|name| Finding { target: target.clone(), file: file(name) }));
    }
    Ok(found)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |cause| Failure::File { action: "list", path: folder.to_owned(), cause };
    let entries = fs::read_dir(folder).map_err(failed)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}

fn fuzzing(target: &str, own: &str, seconds: u32) -> Command {
    let seeds = format!("{FOLDER}/corpus/{target}");
    // The first folder is where new inputs go.
    let mut command = cargo_fuzz(&["run", target, own, &seeds, "--"]);
    command.args([
        format!("-max_total_time={seconds}"),
        format!("-max_len={LONGEST}"),
        format!("-timeout={PATIENCE}"),
        format!("-rss_limit_mb={MEMORY}"),
    ]);
    command
}

/// Not by the cargo that runs us, which is a certain toolchain's; only rustup's knows others.
fn cargo_fuzz(words: &[&str]) -> Command {
    let mut command = shell::program("cargo", &["+nightly", "fuzz"]);
    command.args(words);
    for inherited in ["CARGO", "RUSTUP_TOOLCHAIN", "CARGO_TARGET_DIR", "RUSTFLAGS"] {
        command.env_remove(inherited);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_what_installs_it() {
        assert!(missing(|_| true).is_empty());
        let all = missing(|_| false);
        assert!(all[0].contains("rustup toolchain install nightly"), "{all:?}");
        assert!(all[1].contains("cargo install --locked cargo-fuzz"), "{all:?}");
        assert_eq!(missing(|words| words[0] == "+nightly").len(), 1);
    }

    #[test]
    fn targets_are_the_files_and_findings_what_lies_there() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &&str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        ["targets/b.rs", "targets/a.rs", "targets/README.md"].iter().for_each(write);
        let targets = targets(folder.path()).unwrap();
        assert_eq!(targets, ["a", "b"]);
        assert_eq!(artifacts(folder.path(), &targets).unwrap(), []);
        ["artifacts/a/crash-1", "artifacts/b/crash-2", "artifacts/b/minimized-from-2"].iter().for_each(write);
        let found: Vec<String> =
            artifacts(folder.path(), &targets).unwrap().into_iter().map(|finding| finding.file).collect();
        assert_eq!(found, ["fuzz/artifacts/a/crash-1", "fuzz/artifacts/b/minimized-from-2"]);
    }

    #[test]
    fn a_target_runs_for_as_long_as_asked_and_keeps_the_committed_corpus_as_it_is() {
        assert_eq!((seconds(None).unwrap(), seconds(Some("7")).unwrap()), (SECONDS, 7));
        assert!(seconds(Some("long")).is_err());
        let command = fuzzing("sse", "fuzz/target/corpus/sse", 7);
        let words: Vec<_> = command.get_args().filter_map(OsStr::to_str).collect();
        assert_eq!(words[..6], ["+nightly", "fuzz", "run", "sse", "fuzz/target/corpus/sse", "fuzz/corpus/sse"]);
        assert!(words.contains(&"-max_total_time=7"));
    }
}
