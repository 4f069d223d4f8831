//! What an administrator downloads: the binary with licence, documentation and an example configuration, and what goes
//! around it (a unit for systemd, alert rules, a dashboard), in one archive with its checksum.
//!
//! Documents and what goes around are in the same folders as in the tree, so that they find each other.
//!
//! The archive's entries are sorted, owned by nobody in particular and dated by the last commit, so that the same
//! commit gives the same archive.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use crate::metadata::{self, Workspace};
use crate::shell::{self, Failure};

/// Files and folders of the tree that go along.
const PARTS: [&str; 6] = ["ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "README.md", "docs", "ops"];

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
    for part in PARTS {
        copy_all(&shell::root().join(part), &folder.join(part))?;
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

/// A file, or a folder with everything in it.
fn copy_all(from: &Path, to: &Path) -> Result<(), Failure> {
    if !from.is_dir() {
        return copy(from, to);
    }
    fs::create_dir_all(to).map_err(|cause| failed("create", to, cause))?;
    let entries = fs::read_dir(from).map_err(|cause| failed("read", from, cause))?;
    for entry in entries {
        let name = entry.map_err(|cause| failed("read", from, cause))?.file_name();
        copy_all(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
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
            "sample/ARCHITECTURE.md",
            "sample/CHANGELOG.md",
            "sample/LICENSE",
            "sample/README.md",
            "sample/bridge.example.toml",
            "sample/docs/runbook.md",
            "sample/ops/grafana/dashboard.json",
            "sample/ops/prometheus/alerts.yml",
            "sample/ops/prometheus/alerts_test.yml",
            "sample/ops/prometheus/scrape.yml",
            "sample/ops/systemd/presence-bridge.service",
            "sample/presence-bridge",
        ];
        for file in expected {
            assert!(list.lines().any(|line| line == file), "{file} is not in\n{list}");
        }

        let mut check = shell::program("sha256sum", &["--check", "--strict", "sample.tar.gz.sha256"]);
        assert!(shell::answers(check.current_dir(folder.path())));
    }

    #[test]
    fn what_the_documents_point_to_goes_along() {
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("built");
        fs::write(&binary, "stands in for the binary").unwrap();
        let sample = folder.path().join("sample");
        fill(&sample, &binary, b"# an example").unwrap();
        let mut pages = vec![sample.join("README.md")];
        pages.extend(fs::read_dir(sample.join("docs")).unwrap().map(|entry| entry.unwrap().path()));
        for page in pages.iter().filter(|page| page.extension().is_some_and(|extension| extension == "md")) {
            for target in targets(&fs::read_to_string(page).unwrap()) {
                assert!(page.with_file_name(&target).exists(), "{} points to {target}", page.display());
            }
        }
    }

    /// Files of the tree that a page links to.
    fn targets(page: &str) -> Vec<String> {
        let links = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let files = links.map(|link| link.split('#').next().unwrap_or_default());
        files.filter(|file| !file.is_empty() && !file.contains("://")).map(str::to_owned).collect()
    }

    fn make(folder: &Path, binary: &Path) -> Vec<u8> {
        fill(&folder.join("sample"), binary, b"# an example").unwrap();
        pack(folder, "sample", "2026-01-02T03:04:05Z").unwrap();
        fs::read(folder.join("sample.tar.gz")).unwrap()
    }
}
