//! Long runs: as many seeds as one likes, on all cores, with what happened in them.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks to its terminal")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use simulation::{Failure, Tally, check, run};

/// What was asked for.
struct Asked {
    first: u64,
    seeds: u64,
    /// One seed alone, with all of its lines.
    seed: Option<u64>,
}

/// Failures that are shown in full.
const SHOWN: usize = 3;

fn main() -> ExitCode {
    let asked = match asked(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(why) => {
            eprintln!("simulate: {why}");
            return ExitCode::from(2);
        }
    };
    match asked.seed {
        Some(seed) => one(seed),
        None => many(&asked),
    }
}

fn asked(mut arguments: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut asked = Asked { first: 0, seeds: 10_000, seed: None };
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("`{name}` needs a number"))?;
        let value: u64 = value.parse().map_err(|_| format!("`{value}` is not a number"))?;
        match name.as_str() {
            "--first" => asked.first = value,
            "--seeds" => asked.seeds = value,
            "--seed" => asked.seed = Some(value),
            _ => return Err(format!("no argument `{name}`; there are --seeds, --first and --seed")),
        }
    }
    Ok(asked)
}

fn one(seed: u64) -> ExitCode {
    let outcome = run(seed, true);
    match outcome.failure {
        Some(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
        None => {
            println!("{}\nseed {seed}: every promise holds, trace {:016x}", outcome.tally, outcome.hash);
            ExitCode::SUCCESS
        }
    }
}

fn many(asked: &Asked) -> ExitCode {
    let began = Instant::now();
    let next = AtomicU64::new(asked.first);
    let end = asked.first.saturating_add(asked.seeds);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let results: Vec<(Tally, Vec<Failure>)> = std::thread::scope(|scope| {
        let work: Vec<_> = (0..workers).map(|_| scope.spawn(|| worker(&next, end, asked.first, began))).collect();
        work.into_iter()
            .map(|worker| worker.join().expect("a run that panics is a mistake of the simulation"))
            .collect()
    });
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    for (one, failed) in results {
        tally.add(&one);
        failures.extend(failed);
    }
    failures.sort_by_key(|failure| failure.seed);
    println!("{tally}");
    println!("{} seeds in {:.1} s, {} failed", asked.seeds, began.elapsed().as_secs_f64(), failures.len());
    for failure in failures.iter().take(SHOWN) {
        println!("\n{failure}");
    }
    if failures.len() > SHOWN {
        println!();
        for failure in &failures[SHOWN..] {
            println!("seed {}: {}", failure.seed, failure.violated);
        }
    }
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn worker(next: &AtomicU64, end: u64, first: u64, began: Instant) -> (Tally, Vec<Failure>) {
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    let mut shown = began;
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return (tally, failures);
        }
        let outcome = check(seed);
        tally.add(&outcome.tally);
        failures.extend(outcome.failure);
        if shown.elapsed() > Duration::from_secs(10) {
            shown = Instant::now();
            eprintln!("{} of {} seeds, {} failed here", seed - first, end - first, failures.len());
        }
    }
}
