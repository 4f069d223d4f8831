//! Everything that can be said about the tree without running it.
//!
//! All steps run, also after one has failed, so that one run says everything; the cheap ones come first.

use std::process::Command;

use crate::layers;
use crate::shell::{self, Failure};
use crate::tidy;

type Step = (&'static str, fn() -> Result<(), Failure>);

const STEPS: [Step; 7] = [
    ("layers", layers::run),
    ("tidy", tidy::run),
    ("format", format),
    ("clippy", clippy),
    ("documentation", documentation),
    ("licences and bans", licences),
    ("alert rules", alert_rules),
];

/// The command.
pub fn run() -> Result<(), Failure> {
    components()?;
    let mut failed = Vec::new();
    for (name, step) in STEPS {
        println!("\n== {name}");
        if let Err(failure) = step() {
            println!("{name}: {}", shell::chain(&failure));
            failed.push(name);
        }
    }
    if failed.is_empty() {
        println!("\nlint: all {} steps passed", STEPS.len());
        Ok(())
    } else {
        Err(Failure::Steps(failed))
    }
}

/// Formatting and clippy are components of the toolchain that a minimal installation lacks.
fn components() -> Result<(), Failure> {
    let missing: Vec<&str> = [("fmt", "rustfmt"), ("clippy", "clippy")]
        .into_iter()
        .filter(|(command, _)| !shell::answers(&mut shell::program("cargo", &[command, "--version"])))
        .map(|(_, component)| component)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(" ");
    Err(Failure::Missing(vec![format!("the toolchain lacks {missing}: run `rustup component add {missing}`")]))
}

fn format() -> Result<(), Failure> {
    shell::run(&mut shell::cargo(&["fmt", "--all", "--check"]))
}

fn clippy() -> Result<(), Failure> {
    let mut clippy = shell::cargo(&["clippy", "--workspace", "--all-targets"]);
    shell::run(clippy.args(["--", "-D", "warnings"]))
}

/// Private items too: most of what is explained here is not public.
fn documentation() -> Result<(), Failure> {
    let mut doc = shell::cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"]);
    shell::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// By `cargo-deny`, which is not part of the toolchain and takes minutes to build: where it is missing, that is said.
fn licences() -> Result<(), Failure> {
    if shell::answers(&mut shell::program("cargo", &["deny", "--version"])) {
        // Advisories change without any change here; the workflow asks for them once a week.
        shell::run(&mut shell::program("cargo", &["deny", "check", "bans", "licenses", "sources"]))
    } else {
        println!("NOT CHECKED: cargo-deny is not installed (`cargo install --locked cargo-deny`)");
        Ok(())
    }
}

/// By Prometheus' own `promtool`: that the rules can be loaded, and that they tell their stories right. That they speak of
/// metrics that there are is a test of the console.
fn alert_rules() -> Result<(), Failure> {
    if shell::answers(&mut shell::program("promtool", &["--version"])) {
        shell::run(&mut promtool(&["check", "rules", "alerts.yml"]))?;
        shell::run(&mut promtool(&["test", "rules", "alerts_test.yml"]))
    } else {
        println!("NOT CHECKED: promtool is not installed (it comes with Prometheus)");
        Ok(())
    }
}

fn promtool(arguments: &[&str]) -> Command {
    let mut promtool = shell::program("promtool", arguments);
    promtool.current_dir(shell::root().join("ops/prometheus"));
    promtool
}
