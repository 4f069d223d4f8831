//! Fuzzing target; what it does is in `inputs/cloud_answer.rs`, which the tests replay the corpus with.
#![no_main]

#[path = "../inputs/cloud_answer.rs"]
mod input;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| input::read(bytes));
