//! What `cargo metadata` says about our own packages: names, folders and direct dependencies.
//!
//! Asks with `--no-deps`, so that it needs neither network nor a built tree.

use std::path::PathBuf;

use serde::Deserialize;

use crate::shell::{self, Failure};

/// The workspace.
#[derive(Debug, Deserialize)]
pub struct Workspace {
    pub packages: Vec<Package>,
    pub target_directory: PathBuf,
}

/// One of our packages.
#[derive(Debug, Deserialize)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub manifest_path: PathBuf,
    pub dependencies: Vec<Dependency>,
}

/// What it depends on.
#[derive(Debug, Deserialize)]
pub struct Dependency {
    pub name: String,
    /// `None` for a normal one, else `dev` or `build`.
    pub kind: Option<String>,
    /// Where it is, when it is ours.
    pub path: Option<PathBuf>,
}

/// Reads it.
pub fn read() -> Result<Workspace, Failure> {
    let printed = shell::output(&mut shell::cargo(&["metadata", "--no-deps", "--format-version", "1"]))?;
    serde_json::from_slice(&printed)
        .map_err(|cause| Failure::Output { command: "cargo metadata".to_owned(), cause: cause.into() })
}
