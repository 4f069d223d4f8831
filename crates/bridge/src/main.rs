//! The binary `presence-bridge`.
fn main() {}
