//! Fuzzing target; what it does is in `inputs/cloud_notification.rs`, which the tests replay the corpus with.
#![no_main]

#[path = "../inputs/cloud_notification.rs"]
mod input;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| input::read(bytes));
