//! Fuzzing target; what it does is in `inputs/saved_catalogue.rs`, which the tests replay the corpus with.
#![no_main]

#[path = "../inputs/saved_catalogue.rs"]
mod input;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| input::read(bytes));
