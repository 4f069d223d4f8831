//! Every test there is: documentation examples first, then all others, so that their summary comes last.
//!
//! Knows what the tests need from outside (programs, and the binary under test). Uses cargo-nextest where it is
//! installed and `cargo test` where it is not; the tests are the same.

use std::path::{Path, PathBuf};

use crate::metadata;
use crate::shell::{self, Failure};

/// A program that tests run, and the Debian package that has it.
struct Need {
    program: &'static str,
    package: &'static str,
    why: &'static str,
}

const NEEDS: &[Need] = &[Need { program: "cc", package: "gcc", why: "linking, and the cryptography library's C" }];

/// Where the tests of the whole program find it.
const BINARY: &str = "PRESENCE_BRIDGE_BIN";

/// The command.
pub fn run() -> Result<(), Failure> {
    provide(NEEDS)?;
    let binary = build()?;
    shell::run(shell::cargo(&["test", "--workspace", "--doc"]).env(BINARY, &binary))?;
    if shell::answers(&mut shell::program("cargo", &["nextest", "--version"])) {
        shell::run(shell::cargo(&["nextest", "run", "--workspace", "--no-fail-fast"]).env(BINARY, &binary))?;
    } else {
        let mut test = shell::cargo(&["test", "--workspace", "--all-targets", "--no-fail-fast"]);
        shell::run(test.env(BINARY, &binary))?;
    }
    println!("\ntest: all tests passed");
    Ok(())
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
    if is_root() && shell::on_path("apt-get") {
        shell::run(&mut shell::program("apt-get", &["update"]))?;
        let mut install = shell::program("apt-get", &["install", "--yes", "--no-install-recommends"]);
        shell::run(install.args(missing.iter().map(|need| need.package)).env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    let still: Vec<String> = self::missing(needs).into_iter().map(describe).collect();
    if still.is_empty() { Ok(()) } else { Err(Failure::Missing(still)) }
}

fn missing<'a>(needs: impl IntoIterator<Item = &'a Need>) -> Vec<&'a Need> {
    needs.into_iter().filter(|need| !shell::on_path(need.program)).collect()
}

fn describe(need: &Need) -> String {
    let Need { program, package, why } = need;
    format!("`{program}` is missing ({why}): run `apt-get install {package}`, or install it in your system's way")
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    // The owner of our own entry in /proc is who we are; asking the kernel directly needs unsafe code.
    Path::new("/proc/self").metadata().is_ok_and(|entry| entry.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Need = Need { program: "sh", package: "dash", why: "sample" };
    const MISSING: Need = Need { program: "no-such-program", package: "no-such-package", why: "a sample" };

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
