//! The seeds that every build plays: 5,120 runs that deliver events with one token, and 2,560 wide ones, in shares that
//! run side by side.

#![expect(clippy::print_stdout, reason = "what was played is shown with a failure")]

use simulation::{FIRST_WIDE, Fault, Tally, check};

/// Seeds of one share.
const SHARE: u64 = 640;

fn play(share: u64) {
    let mut tally = Tally::default();
    for seed in share * SHARE..(share + 1) * SHARE {
        let outcome = check(seed);
        tally.add(&outcome.tally);
        if let Some(failure) = outcome.failure {
            panic!("{failure}");
        }
    }
    println!("{tally}");
    assert_eq!(tally.lost, 0, "transitions are lost");
    let wide = share * SHARE >= FIRST_WIDE;
    let only_there = Fault::WIDE.into_iter().filter(|_| wide);
    for fault in Fault::COMMON.into_iter().chain(only_there) {
        assert!(tally.faults.contains_key(&fault), "{fault:?} was never made: it is not tested");
    }
}

#[test]
fn promises_hold_on_seeds_1() {
    play(0);
}

#[test]
fn promises_hold_on_seeds_2() {
    play(1);
}

#[test]
fn promises_hold_on_seeds_3() {
    play(2);
}

#[test]
fn promises_hold_on_seeds_4() {
    play(3);
}

#[test]
fn promises_hold_on_seeds_5() {
    play(4);
}

#[test]
fn promises_hold_on_seeds_6() {
    play(5);
}

#[test]
fn promises_hold_on_seeds_7() {
    play(6);
}

#[test]
fn promises_hold_on_seeds_8() {
    play(7);
}

#[test]
fn promises_hold_on_wide_seeds_1() {
    play(8);
}

#[test]
fn promises_hold_on_wide_seeds_2() {
    play(9);
}

#[test]
fn promises_hold_on_wide_seeds_3() {
    play(10);
}

#[test]
fn promises_hold_on_wide_seeds_4() {
    play(11);
}
