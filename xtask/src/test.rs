//! Every test there is: documentation examples first, then all others, so that their summary comes last.
//!
//! Knows what the tests need from outside (programs, a database server, and the binary under test). Uses cargo-nextest where it is
//! installed and `cargo test` where it is not; the tests are the same.

use std::path::PathBuf;
use std::process::Command;

use crate::metadata;
use crate::postgres::{self, Postgres};
use crate::shell::{self, Failure};

/// A program that tests run, and the Debian package that has it.
struct Need {
    program: &'static str,
    package: &'static str,
    why: &'static str,
    is_there: fn(&Need) -> bool,
    /// What has to be done before the package is installed.
    before: fn(),
}

const NEEDS: &[Need] = &[
    Need {
        program: "cc",
        package: "gcc",
        why: "linking, and the C of the cryptography library and of SQLite",
        is_there: in_path,
        before: nothing,
    },
    Need {
        program: "postgres",
        package: "postgresql",
        why: "the journal's tests",
        is_there: |_| postgres::is_there(),
        before: postgres::prepare_installation,
    },
    Need {
        program: "chromium",
        package: "chromium",
        why: "the console's tests",
        is_there: |_| BROWSERS.iter().any(|name| shell::on_path(name)),
        before: nothing,
    },
    Need {
        program: "chromedriver",
        package: "chromium-driver",
        why: "the console's tests",
        is_there: in_path,
        before: nothing,
    },
];

/// Names of a browser that ChromeDriver can lead.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Where the tests of the whole program find it.
pub const BINARY: &str = "PRESENCE_BRIDGE_BIN";

/// The command.
pub fn run() -> Result<(), Failure> {
    let binary = prepare()?;
    let server = Postgres::start()?;
    let run = |mut test: Command| shell::run(test.env(BINARY, &binary).env(postgres::URL, server.url()));
    run(shell::cargo(&["test", "--workspace", "--doc"]))?;
    if shell::answers(&mut shell::program("cargo", &["nextest", "--version"])) {
        run(shell::cargo(&["nextest", "run", "--workspace", "--no-fail-fast"]))?;
    } else {
        run(shell::cargo(&["test", "--workspace", "--all-targets", "--no-fail-fast"]))?;
    }
    drop(server);
    println!("\ntest: all tests passed");
    Ok(())
}

/// Has what the tests need, and builds everything. Returns the binary under test.
pub fn prepare() -> Result<PathBuf, Failure> {
    provide(NEEDS)?;
    build()
}

/// The binary and all tests in one go: alone, the binary would be built with fewer features of its dependencies, and
/// so would all of them once more.
fn build() -> Result<PathBuf, Failure> {
    shell::run(&mut shell::cargo(&["build", "--workspace", "--all-targets"]))?;
    Ok(metadata::read()?.target_directory.join("debug/presence-bridge"))
}

/// Installs what is missing where that is ours to do (root on Debian), and otherwise says what to install.
fn provide(needs: &[Need]) -> Result<(), Failure> {
    let missing = missing(needs);
    if missing.is_empty() {
        return Ok(());
    }
    if shell::is_root() && shell::on_path("apt-get") {
        missing.iter().for_each(|need| (need.before)());
        shell::run(&mut shell::program("apt-get", &["update"]))?;
        let mut install = shell::program("apt-get", &["install", "--yes", "--no-install-recommends"]);
        // What was said before the installation stands.
        install.args(["--option", "Dpkg::Options::=--force-confold"]);
        shell::run(install.args(missing.iter().map(|need| need.package)).env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    let still: Vec<String> = self::missing(needs).into_iter().map(describe).collect();
    if still.is_empty() { Ok(()) } else { Err(Failure::Missing(still)) }
}

fn missing<'a>(needs: impl IntoIterator<Item = &'a Need>) -> Vec<&'a Need> {
    needs.into_iter().filter(|need| !(need.is_there)(need)).collect()
}

fn describe(need: &Need) -> String {
    let Need { program, package, why, .. } = need;
    format!("`{program}` is missing ({why}): run `apt-get install {package}`, or install it in your system's way")
}

fn in_path(need: &Need) -> bool {
    shell::on_path(need.program)
}

fn nothing() {}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Need = sample("sh", "dash");
    const MISSING: Need = sample("no-such-program", "no-such-package");

    const fn sample(program: &'static str, package: &'static str) -> Need {
        Need { program, package, why: "a sample", is_there: in_path, before: nothing }
    }

    #[test]
    fn what_is_there_is_not_installed() {
        assert!(provide(&[HERE]).is_ok());
    }

    #[test]
    fn what_is_missing_is_named_with_its_package_and_reason() {
        let missing = missing(&[HERE, MISSING]);
        let said: Vec<String> = missing.into_iter().map(describe).collect();
        let expected = "`no-such-program` is missing (a sample): run `apt-get install no-such-package`, \
                        or install it in your system's way";
        assert_eq!(said, [expected]);
    }
}
