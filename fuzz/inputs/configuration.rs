//! Configuration files.

use bridge::fuzzing::configuration;

/// Reads the input.
pub fn read(bytes: &[u8]) {
    configuration(&String::from_utf8_lossy(bytes));
}
