//! Fuzzing target; what it does is in `inputs/icws_message.rs`, which the tests replay the corpus with.
#![no_main]

#[path = "../inputs/icws_message.rs"]
mod input;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| input::read(bytes));
