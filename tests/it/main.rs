//! End-to-end, contract and program tests.
