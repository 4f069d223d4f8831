//! The documentation's pictures of the console: the test that looks at every page keeps what it saw.
//!
//! Knows where they are kept; what is on them is the test's business.

use crate::shell::{self, Failure};
use crate::test;

/// Where the test keeps its pictures, if it is told.
const FOLDER: &str = "PRESENCE_BRIDGE_IMAGES";

/// The command.
pub fn run() -> Result<(), Failure> {
    let binary = test::prepare()?;
    let mut look = shell::cargo(&["test", "--package", "tests", "--test", "it"]);
    look.args(["--", "console::pictures", "--nocapture"]);
    look.env(test::BINARY, binary).env(FOLDER, shell::root().join("docs/images"));
    shell::run(&mut look)
}
