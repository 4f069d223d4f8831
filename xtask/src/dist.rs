//! What an administrator downloads: the binary with licence, documentation, an example configuration and a unit for
//! systemd, in one archive with its checksum.
//!
//! The archive's entries are sorted, owned by nobody in particular and dated by the last commit, so that the same
//! commit gives the same archive.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use crate::metadata::{self, Workspace};
use crate::shell::{self, Failure};

/// Files of the tree that go along, and their names in the archive.
const FILES: [(&str, &str); 4] = [
    ("README.md", "README.md"),
    ("CHANGELOG.md", "CHANGELOG.md"),
    ("LICENSE", "LICENSE"),
    ("xtask/dist/presence-bridge.service", "presence-bridge.service"),
];

/// The command.
pub fn run() -> Result<(), Failure> {
    let workspace = metadata::read()?;
    shell::run(&mut shell::cargo(&["build", "--release", "--package", "bridge"]))?;
    let binary = workspace.target_directory.join("release/presence-bridge");
    let example = shell::output(&mut shell::program(&binary.to_string_lossy(), &["config", "example"]))?;
    let dated = text(&mut shell::program("git", &["log", "-1", "--format=%cI"]))?;
    let folder = workspace.target_directory.join("dist");
    let name = name(&workspace)?;
    fill(&folder.join(&name), &binary, &example)?;
    pack(&folder, &name, dated.trim())?;
    println!("dist: {} and its .sha256", folder.join(format!("{name}.tar.gz")).display());
    Ok(())
}

/// `presence-bridge-0.1.0-x86_64-unknown-linux-gnu`.
fn name(workspace: &Workspace) -> Result<String, Failure> {
    let package = workspace.packages.iter().find(|package| package.name == "bridge");
    let version = &package.expect("the package bridge has just been built").version;
    let host = text(&mut shell::program("rustc", &["--print", "host-tuple"]))?;
    Ok(format!("presence-bridge-{version}-{}", host.trim()))
}

/// Puts everything into a fresh folder.
fn fill(folder: &Path, binary: &Path, example: &[u8]) -> Result<(), Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|cause| failed("empty", folder, cause))?;
    }
    fs::create_dir_all(folder).map_err(|cause| failed("create", folder, cause))?;
    for (from, to) in FILES {
        copy(&shell::root().join(from), &folder.join(to))?;
    }
    copy(binary, &folder.join("presence-bridge"))?;
    write(&folder.join("bridge.example.toml"), example)
}

/// Makes the archive of a folder, and its checksum.
fn pack(within: &Path, name: &str, dated: &str) -> Result<(), Failure> {
    let archive = format!("{name}.tar.gz");
    let mut tar = shell::program("tar", &["--create", "--gzip", "--file"]);
    tar.arg(within.join(&archive)).arg("--directory").arg(within);
    tar.args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime", dated, name]);
    shell::run(&mut tar)?;
    let sum = text(shell::program("sha256sum", &[]).arg(within.join(&archive)))?;
    let hash = sum.split_whitespace().next().unwrap_or_default();
    // Without the folder, so that `sha256sum --check` works wherever both files were downloaded to.
    write(&within.join(format!("{archive}.sha256")), format!("{hash}  {archive}\n").as_bytes())
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::copy(from, to).map(drop).map_err(|cause| failed("copy", from, cause))
}

fn write(path: &Path, text: &[u8]) -> Result<(), Failure> {
    fs::write(path, text).map_err(|cause| failed("write", path, cause))
}

fn text(command: &mut Command) -> Result<String, Failure> {
    Ok(String::from_utf8_lossy(&shell::output(command)?).into_owned())
}

fn failed(action: &'static str, path: &Path, cause: io::Error) -> Failure {
    Failure::File { action, path: path.to_owned(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_is_complete_fits_its_checksum_and_can_be_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("built");
        fs::write(&binary, "stands in for the binary").unwrap();
        let made: Vec<Vec<u8>> = (0..2).map(|_| make(folder.path(), &binary)).collect();
        assert!(made[0] == made[1], "the same content gives the same archive");

        let list =
            shell::program("tar", &["--list", "--gzip", "--file"]).arg(folder.path().join("sample.tar.gz")).output();
        let list = String::from_utf8(list.unwrap().stdout).unwrap();
        let expected = [
            "sample/",
            "sample/CHANGELOG.md",
            "sample/LICENSE",
            "sample/README.md",
            "sample/bridge.example.toml",
            "sample/presence-bridge",
            "sample/presence-bridge.service",
        ];
        assert_eq!(list.lines().collect::<Vec<_>>(), expected);

        let mut check = shell::program("sha256sum", &["--check", "--strict", "sample.tar.gz.sha256"]);
        assert!(shell::answers(check.current_dir(folder.path())));
    }

    fn make(folder: &Path, binary: &Path) -> Vec<u8> {
        fill(&folder.join("sample"), binary, b"# an example").unwrap();
        pack(folder, "sample", "2026-01-02T03:04:05Z").unwrap();
        fs::read(folder.join("sample.tar.gz")).unwrap()
    }
}
