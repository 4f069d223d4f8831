//! Server-sent events of ICWS, in one piece, in single bytes, and in pieces that the input itself chooses.

use pureconnect::fuzzing::stream;

/// Reads the input.
pub fn read(bytes: &[u8]) {
    stream(bytes, &[1]);
    let sizes: Vec<usize> = bytes.iter().rev().take(4).map(|byte| usize::from(*byte)).collect();
    stream(bytes, &sizes);
}
