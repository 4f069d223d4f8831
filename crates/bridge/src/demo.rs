//! The demo: both simulators and the bridge between them, on one scaled clock.

use crate::arguments;
use crate::exit::{Exit, Failed};
use crate::problem::Problem;

/// The command `demo`.
pub fn demo(_arguments: &arguments::Demo) -> Result<Exit, Failed> {
    Err(Failed::diagnosed(
        Exit::Internal,
        Problem::new("the demo is not wired yet"),
    ))
}
