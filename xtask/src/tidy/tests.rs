//! Every rule finds what was planted for it, and nothing in the tree.

use super::*;

fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}

/// What is found in one Rust file with a proper head, as `line rule`.
fn found_in(path: &str, code: &str) -> Vec<String> {
    found(&[file(path, &format!("//! A sample.\n{code}\n"))])
}

fn found(files: &[File]) -> Vec<String> {
    check(files).into_iter().map(|finding| format!("{} {}", finding.line, finding.rule)).collect()
}

#[test]
fn the_tree_is_tidy() {
    let findings = check(&tree::read(shell::root()).unwrap());
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}", lines.join("\n"));
}

/// A place and a code that breaks the rule, and a code there that does not.
fn planted(rule: &str) -> (&'static str, &'static str, &'static str) {
    let core = "crates/mapping/src/rules.rs";
    let adapter = "crates/pureconnect/src/session.rs";
    match rule {
        "unfinished" => (core, "fn f() { todo!() }", r#"fn f() -> &'static str { "todo!" }"#),
        "ignored-test" => (core, "#[test]\n#[ignore = \"slow\"]\nfn f() {}", "#[test] fn ignore() {}"),
        "unwrap" => {
            (core, "fn f() { g().unwrap(); }", "fn f() { g().unwrap_or_default(); }\n#[test] fn t() { g().unwrap(); }")
        }
        "sleeping-test" => (
            adapter,
            "#[cfg(test)] mod tests { use tokio::time::{sleep, timeout}; }",
            "use tokio::time::{sleep, timeout};\n#[cfg(test)] mod tests {}",
        ),
        "core-purity" => (core, "fn f() { let t = std::time::Instant::now(); }", "use domain::time::Instant;"),
        "clock" => (adapter, "fn f() { Timestamp::now(); }", "fn f() { clock.now(); }"),
        "unbounded" => (adapter, "fn f() { let (a, b) = mpsc::unbounded_channel(); }", "fn f() { mpsc::channel(8); }"),
        "broadcast" => (adapter, "use tokio::sync::broadcast;", "use tokio::sync::watch;"),
        "plain-secret" => (adapter, "struct S { password: String }", "struct S { password: SecretString }"),
        "wire" => ("crates/pureconnect/src/lib.rs", "pub mod wire;", "mod wire;"),
        other => panic!("plant something for the rule `{other}`"),
    }
}

#[test]
fn every_rule_finds_what_was_planted_for_it_and_not_its_neighbour() {
    for rule in code::RULES {
        let (path, broken, fine) = planted(rule.name);
        let found = found_in(path, broken);
        assert!(found.iter().any(|found| found.ends_with(rule.name)), "{} in {broken}: {found:?}", rule.name);
        assert_eq!(found_in(path, fine), [""; 0], "{} in {fine}", rule.name);
    }
}

/// The pattern with the brackets that it lacks.
fn closed(pattern: &str) -> String {
    let partner = |bracket| match bracket {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        ')' => '(',
        ']' => '[',
        _ => '{',
    };
    let (mut before, mut open) = (String::new(), Vec::new());
    for character in pattern.chars() {
        match character {
            '(' | '[' | '{' => open.push(character),
            ')' | ']' | '}' if open.pop().is_none() => before.insert(0, partner(character)),
            _ => {}
        }
    }
    let after: String = open.into_iter().rev().map(partner).collect();
    format!("{before}{pattern}{after}")
}

#[test]
fn every_pattern_is_code_and_finds_itself() {
    for pattern in code::RULES.iter().flat_map(|rule| rule.patterns) {
        let source = source::Source::new("crates/bridge/src/a.rs", &closed(pattern)).unwrap();
        assert_eq!(source.find(pattern).count(), 1, "{pattern}");
    }
}

#[test]
fn the_core_is_everything_but_ports_and_loop() {
    let code = "fn f() { tokio::select! {} }";
    assert_eq!(found_in("crates/replicator/src/engine.rs", code), ["2 core-purity"]);
    assert_eq!(found_in("crates/domain/src/ids.rs", code), ["2 core-purity"]);
    assert_eq!(found_in("crates/replicator/src/ports.rs", code), [""; 0]);
    assert_eq!(found_in("crates/replicator/src/run/loops.rs", code), [""; 0]);
    assert_eq!(found_in("crates/bridge/src/wiring.rs", code), [""; 0]);
}

#[test]
fn only_the_binary_and_the_simulated_clock_read_the_time() {
    let code = "fn f() { Timestamp::now(); }";
    assert_eq!(found_in("crates/bridge/src/clock.rs", code), [""; 0]);
    assert_eq!(found_in("crates/simulator/src/clock.rs", code), [""; 0]);
    assert_eq!(found_in("crates/simulator/src/day/mod.rs", code), ["2 clock"]);
}

#[test]
fn a_sleep_in_paused_time_is_none() {
    let code = "#[tokio::test(start_paused = true)] async fn f() { tokio::time::sleep(D).await; }";
    assert_eq!(found_in("crates/bridge/src/run.rs", code), [""; 0]);
    assert_eq!(found_in("crates/bridge/src/run.rs", &code.replace("(start_paused = true)", "")), ["2 sleeping-test"]);
}

#[test]
fn test_code_is_known_by_its_attribute_its_folder_and_its_declaration() {
    let code = "fn f() { g().unwrap(); }";
    assert_eq!(found_in("crates/bridge/src/a.rs", &format!("#[cfg(test)] mod t {{ {code} }}")), [""; 0]);
    assert_eq!(found_in("crates/bridge/src/a.rs", &format!("#[cfg(test)] mod t {{}} {code}")), ["2 unwrap"]);
    assert_eq!(found_in("crates/bridge/src/a.rs", &format!("#![cfg(test)]\nmod b {{}} {code}")), [""; 0]);
    assert_eq!(found_in("tests/it/program.rs", code), [""; 0]);
    let lib = file("crates/bridge/src/lib.rs", "//! A sample.\nmod real;\n#[cfg(test)]\nmod model;\n");
    let model = file("crates/bridge/src/model/sub.rs", &format!("//! A sample.\n{code}"));
    let real = file("crates/bridge/src/real.rs", &format!("//! A sample.\n{code}"));
    assert_eq!(found(&[lib.clone(), model]), [""; 0]);
    assert_eq!(found(&[lib, real]), ["2 unwrap"]);
}

#[test]
fn a_task_that_nobody_joins_is_found() {
    let path = "crates/bridge/src/a.rs";
    assert_eq!(found_in(path, "fn f() {\n tokio::spawn(async { g(1) });\n}"), ["3 detached-task"]);
    assert_eq!(found_in(path, "fn f() { let task = tokio::spawn(async { g(1) }); }"), [""; 0]);
    assert_eq!(found_in(path, "fn f() -> Handle { tokio::spawn(async { g(1) }) }"), [""; 0]);
}

#[test]
fn serde_attributes_that_lose_the_place_of_an_error_are_found() {
    let path = "crates/bridge/src/a.rs";
    assert_eq!(found_in(path, "struct S {\n#[serde(default, flatten)] rest: Map }"), ["3 loose-serde"]);
    assert_eq!(found_in(path, "#[serde(untagged)] enum E { A, B }"), ["2 loose-serde"]);
    assert_eq!(found_in(path, "#[derive(Args)] struct S { #[command(flatten)] rest: Rest }"), [""; 0]);
}

#[test]
fn adapters_know_the_ports_only() {
    let path = "crates/genesys-cloud/src/sink.rs";
    assert_eq!(found_in(path, "use replicator::Engine;"), ["2 beyond-ports"]);
    assert_eq!(found_in(path, "use replicator::ports::Sink;\nuse replicator::backoff::Backoff;"), [""; 0]);
    assert_eq!(found_in("crates/store/src/writer.rs", "use replicator::Engine;"), ["2 beyond-ports"]);
    assert_eq!(found_in("crates/bridge/src/wiring.rs", "use replicator::Engine;"), [""; 0]);
}

#[test]
fn a_module_begins_with_a_sentence_about_itself() {
    let path = "crates/domain/src/a.rs";
    assert_eq!(found(&[file(path, "fn f() {}\n")]), ["1 head"]);
    assert_eq!(found(&[file(path, "//! domain\nfn f() {}\n")]), ["1 head"]);
    assert_eq!(found(&[file(path, "//! Knows what an agent\n//! is.\n//!\n//! * and more\n")]), [""; 0]);
}

#[test]
fn a_file_has_400_lines_at_most() {
    let lines = |count: usize| format!("//! A sample.\n{}", "// line\n".repeat(count - 1));
    assert_eq!(found(&[file("crates/domain/src/a.rs", &lines(400))]), [""; 0]);
    assert_eq!(found(&[file("crates/domain/src/a.rs", &lines(401))]), ["401 length"]);
}

#[test]
fn names_that_say_nothing_are_found() {
    assert_eq!(found_in("crates/domain/src/utils.rs", ""), ["1 name"]);
    assert_eq!(found_in("crates/domain/src/types/agent.rs", ""), ["1 name"]);
    assert_eq!(found_in("crates/domain/src/agent_types.rs", ""), [""; 0]);
}

#[test]
fn leftovers_and_paths_of_one_computer_are_found_in_any_text() {
    let text = format!("first\n# {} later\nsee {}me\n", concat!("FIX", "ME"), concat!("/ho", "me/"));
    assert_eq!(found(&[file("README.md", &text)]), ["2 leftover", "3 machine"]);
}

#[test]
fn what_is_no_rust_is_found() {
    assert_eq!(found_in("crates/domain/src/a.rs", "fn f() {"), ["2 rust"]);
}

const SAMPLE: &str = "[package]\nname = \"a\"\n[lints]\nworkspace = true\n[dependencies]\n";

/// What is found with one member whose manifest ends with `end`, and which uses `serde`.
fn found_with_manifest(end: &str) -> Vec<String> {
    let code = "//! A sample.\nuse serde::Deserialize;\n";
    found(&[file("crates/a/Cargo.toml", &format!("{SAMPLE}{end}")), file("crates/a/src/lib.rs", code)])
}

#[test]
fn a_dependency_is_named_in_the_workspace_only() {
    assert_eq!(found_with_manifest("serde.workspace = true"), [""; 0]);
    assert_eq!(found_with_manifest("serde = { workspace = true, features = [\"rc\"] }"), [""; 0]);
    assert_eq!(found_with_manifest("serde = \"1\""), ["6 manifest"]);
    assert_eq!(found_with_manifest("[target.'cfg(unix)'.dependencies]\nserde = \"1\""), ["7 manifest"]);
    assert_eq!(found_with_manifest("[dev-dependencies]\nserde = { version = \"1\" }"), ["7 manifest"]);
}

#[test]
fn a_dependency_that_nobody_uses_is_found() {
    assert_eq!(found_with_manifest("jiff.workspace = true"), ["6 manifest"]);
    let testing = "//! A sample.\n#[cfg(test)]\nmod tests { use serde::Deserialize; }\n";
    let asking =
        |kind: &str| format!("[package]\nname = \"a\"\n[lints]\nworkspace = true\n[{kind}]\nserde.workspace = true");
    let package = |kind: &str| [file("crates/a/Cargo.toml", &asking(kind)), file("crates/a/src/lib.rs", testing)];
    assert_eq!(found(&package("dependencies")), ["6 manifest"]);
    assert_eq!(found(&package("dev-dependencies")), [""; 0]);
    let root = file("Cargo.toml", "[workspace]\n[workspace.dependencies]\njiff = \"1\"\n");
    assert_eq!(found(&[root]), ["3 manifest"]);
}

#[test]
fn a_package_has_the_lints_of_the_workspace() {
    assert_eq!(found(&[file("crates/a/Cargo.toml", "[package]\nname = \"a\"\n")]), ["1 manifest"]);
    assert_eq!(found(&[file("crates/a/Cargo.toml", "[package")]), ["1 manifest"]);
}
