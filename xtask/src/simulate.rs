//! Long runs of the deterministic simulation, in release and on all cores: `--seeds N`, `--first N`, `--seed N`.
//!
//! What the arguments mean is the program's business (`tests/simulation/src/main.rs`).

use crate::shell::{self, Failure};

/// The command.
pub fn run(arguments: &[String]) -> Result<(), Failure> {
    let mut simulate = shell::cargo(&["run", "--release", "--package", "simulation", "--bin", "simulate"]);
    shell::run(simulate.arg("--").args(arguments))
}
