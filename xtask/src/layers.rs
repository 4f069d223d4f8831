//! Who may use whom: the table of the architecture, and the check that the manifests follow it.
//!
//! Speaks of normal dependencies only; tests may use whatever helps them. A package that is not in the table is a
//! finding, so that nobody joins the workspace without a place in the picture.

use std::fs;

use crate::findings::{self, Finding};
use crate::metadata::{self, Dependency, Package};
use crate::shell::{self, Failure};

/// One package's row.
struct Layer {
    name: &'static str,
    ours: &'static [&'static str],
    theirs: Theirs,
}

/// What a package may use from outside the workspace.
enum Theirs {
    /// The core: nothing but these, because each one could bring in I/O, async, a clock or logging.
    Only(&'static [&'static str]),
    /// The edge: anything but these, which are another layer's business.
    AnyBut(&'static [&'static str]),
}

/// Arguments, configuration files, terminals and the choice of a log format belong to the binary; serving HTTP to the
/// simulator.
const OF_THE_BINARY: &[&str] =
    &["axum", "clap", "crossterm", "indicatif", "miette", "ratatui", "schemars", "toml", "tracing-subscriber"];

const LAYERS: &[Layer] = &[
    Layer { name: "domain", ours: &[], theirs: Theirs::Only(&["jiff", "thiserror", "uuid"]) },
    Layer {
        name: "mapping",
        ours: &["domain"],
        theirs: Theirs::Only(&["jiff", "serde", "serde_json", "strsim", "thiserror", "toml"]),
    },
    Layer { name: "routing", ours: &["domain"], theirs: Theirs::Only(&[]) },
    Layer {
        name: "replicator",
        ours: &["domain", "mapping", "routing"],
        theirs: Theirs::Only(&[
            "async-trait",
            "fastrand",
            "hdrhistogram",
            "jiff",
            "thiserror",
            "tokio",
            "tokio-util",
            "tracing",
            "uuid",
        ]),
    },
    Layer { name: "pureconnect", ours: &["domain", "replicator"], theirs: Theirs::AnyBut(OF_THE_BINARY) },
    Layer { name: "genesys-cloud", ours: &["domain", "replicator"], theirs: Theirs::AnyBut(OF_THE_BINARY) },
    Layer { name: "store", ours: &["domain", "replicator"], theirs: Theirs::AnyBut(OF_THE_BINARY) },
    Layer {
        name: "console",
        // Of the replicator what can be shown and said; of the mapping what a status means.
        ours: &["domain", "mapping", "replicator", "store"],
        theirs: Theirs::AnyBut(&[
            "clap",
            "indicatif",
            "miette",
            "reqwest",
            "schemars",
            "sqlx",
            "toml",
            "tracing-subscriber",
        ]),
    },
    Layer {
        name: "simulator",
        ours: &["domain"],
        theirs: Theirs::AnyBut(&["clap", "indicatif", "miette", "reqwest", "schemars", "tracing-subscriber"]),
    },
    Layer {
        name: "bridge",
        ours: &[
            "domain",
            "mapping",
            "routing",
            "replicator",
            "pureconnect",
            "genesys-cloud",
            "store",
            "console",
            "simulator",
        ],
        theirs: Theirs::AnyBut(&["axum", "reqwest"]),
    },
    Layer {
        name: "simulation",
        ours: &["domain", "mapping", "routing", "replicator"],
        // No I/O, no async, no clock: a seed is the whole of a run.
        theirs: Theirs::Only(&["fastrand", "jiff", "uuid"]),
    },
    Layer { name: "tests", ours: &[], theirs: Theirs::Only(&[]) },
    Layer {
        name: "xtask",
        ours: &[],
        theirs: Theirs::Only(&["proc-macro2", "serde", "serde_json", "thiserror", "toml"]),
    },
];

/// The command.
pub fn run() -> Result<(), Failure> {
    let workspace = metadata::read()?;
    findings::report("layers", check(&workspace.packages))
}

/// Everything that the packages use and may not.
fn check(packages: &[Package]) -> Vec<Finding> {
    packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<Finding> {
    let Some(layer) = LAYERS.iter().find(|layer| layer.name == package.name) else {
        let what = "is not in the table of layers".to_owned();
        return vec![finding(package, 1, what, "give it a row in xtask/src/layers.rs")];
    };
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind.is_none())
        .filter(|dependency| !layer.may_use(dependency))
        .map(|dependency| {
            let what = format!("uses {}, which its layer may not", dependency.name);
            let line = line_of(package, &dependency.name);
            finding(package, line, what, "move the code to a layer that may, or make the case in xtask/src/layers.rs")
        })
        .collect()
}

impl Layer {
    fn may_use(&self, dependency: &Dependency) -> bool {
        let name = dependency.name.as_str();
        if dependency.path.is_some() {
            return self.ours.contains(&name);
        }
        match self.theirs {
            Theirs::Only(allowed) => allowed.contains(&name),
            Theirs::AnyBut(forbidden) => !forbidden.contains(&name),
        }
    }
}

/// Where the manifest names the dependency; 1 when it cannot be read, which Cargo would have said before.
fn line_of(package: &Package, dependency: &str) -> usize {
    let manifest = fs::read_to_string(&package.manifest_path).unwrap_or_default();
    let starts = |line: &str| line.strip_prefix(dependency).is_some_and(|rest| rest.starts_with([' ', '.', '=']));
    manifest.lines().position(starts).map_or(1, |index| index + 1)
}

fn finding(package: &Package, line: usize, what: String, instead: &str) -> Finding {
    let path = package.manifest_path.strip_prefix(shell::root()).unwrap_or(&package.manifest_path);
    Finding {
        path: path.to_string_lossy().into_owned(),
        line,
        rule: "layers",
        what: format!("{} {what}", package.name),
        instead: instead.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>, bool)]) -> Package {
        let dependencies = dependencies
            .iter()
            .map(|&(name, kind, ours)| Dependency {
                name: name.to_owned(),
                kind: kind.map(str::to_owned),
                path: ours.then(|| name.into()),
            })
            .collect();
        Package { name: name.to_owned(), version: "0.0.0".to_owned(), manifest_path: "Cargo.toml".into(), dependencies }
    }

    fn found(package: Package) -> Vec<String> {
        check(&[package]).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn the_workspace_keeps_its_layers() {
        let findings = check(&metadata::read().unwrap().packages);
        assert!(findings.is_empty(), "{findings:#?}");
    }

    #[test]
    fn a_core_crate_uses_nothing_that_is_not_in_its_row() {
        let domain = package("domain", &[("jiff", None, false), ("tokio", None, false)]);
        assert_eq!(found(domain), ["domain uses tokio, which its layer may not"]);
    }

    #[test]
    fn adapters_do_not_know_each_other() {
        let cloud = package("genesys-cloud", &[("domain", None, true), ("pureconnect", None, true)]);
        assert_eq!(found(cloud), ["genesys-cloud uses pureconnect, which its layer may not"]);
    }

    #[test]
    fn an_adapter_reads_no_arguments() {
        let source = package("pureconnect", &[("reqwest", None, false), ("clap", None, false)]);
        assert_eq!(found(source), ["pureconnect uses clap, which its layer may not"]);
    }

    #[test]
    fn tests_may_use_what_helps_them() {
        assert!(found(package("domain", &[("tokio", Some("dev"), false)])).is_empty());
    }

    #[test]
    fn a_package_without_a_row_is_found() {
        assert_eq!(found(package("newcomer", &[])), ["newcomer is not in the table of layers"]);
    }
}
