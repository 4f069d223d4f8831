//! Messages and answers of ICWS, one a line, put together to a picture.

use pureconnect::fuzzing::messages;

/// What a message may become at most, in bytes of memory for each of its own.
const GROWTH: usize = 200;

/// What an empty picture takes.
const EMPTY: usize = 10_000;

/// Reads the input.
pub fn read(bytes: &[u8]) {
    let read = messages(&String::from_utf8_lossy(bytes));
    assert!(read.weight <= EMPTY + bytes.len() * GROWTH, "{read:?} out of {} bytes", bytes.len());
}
