//! The corpus of the fuzzing targets, read by the very code that the targets run: as it is, and changed a few thousand
//! times by a generator with a fixed seed.
//!
//! So whatever once broke a decoder stays read, without the toolchain that fuzzing needs. What a target does with its
//! input, and what must hold afterwards, is in `fuzz/inputs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fastrand::Rng;

#[path = "../../fuzz/inputs/cloud_answer.rs"]
mod cloud_answer;
#[path = "../../fuzz/inputs/cloud_notification.rs"]
mod cloud_notification;
#[path = "../../fuzz/inputs/configuration.rs"]
mod configuration;
#[path = "../../fuzz/inputs/icws_message.rs"]
mod icws_message;
#[path = "../../fuzz/inputs/journal_line.rs"]
mod journal_line;
#[path = "../../fuzz/inputs/rules.rs"]
mod rules;
#[path = "../../fuzz/inputs/saved_catalogue.rs"]
mod saved_catalogue;
#[path = "../../fuzz/inputs/sse.rs"]
mod sse;

type Read = fn(&[u8]);

/// Every target, and how often the corpus is changed; the slower, the less.
const TARGETS: [(&str, Read, usize); 8] = [
    ("cloud_answer", cloud_answer::read, 8_000),
    ("cloud_notification", cloud_notification::read, 8_000),
    ("configuration", configuration::read, 2_000),
    ("icws_message", icws_message::read, 8_000),
    ("journal_line", journal_line::read, 10_000),
    ("rules", rules::read, 2_000),
    ("saved_catalogue", saved_catalogue::read, 8_000),
    ("sse", sse::read, 8_000),
];

/// The seed of all changes; another one is as good, but finds something else.
const SEED: u64 = 20_261_122;

/// What an input grows to by being changed, at most: long ones are in the corpus as they are.
const LONGEST: usize = 4_096;

/// No input of a few kilobytes may take this long, on a slow computer and without optimisation.
const PATIENCE: Duration = Duration::from_secs(20);

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// The inputs of a target by their names.
fn corpus(target: &str) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(fuzz().join("corpus").join(target)).expect("each target has a folder in the corpus");
    files
        .map(|file| {
            let file = file.unwrap();
            (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())
        })
        .collect()
}

/// Reads an input; one that breaks something is kept for whoever mends it.
fn read(target: &str, read: Read, name: &str, input: &[u8]) {
    let start = Instant::now();
    if catch_unwind(AssertUnwindSafe(|| read(input))).is_err() {
        let folder = fuzz().join("artifacts").join(target);
        let file = folder.join(format!("replay-{name}"));
        fs::create_dir_all(folder).unwrap();
        fs::write(&file, input).unwrap();
        panic!("{target} broke at {name}, kept as {}; once mended, it belongs into the corpus", file.display());
    }
    let took = start.elapsed();
    assert!(took < PATIENCE, "{target} took {took:?} for the {} bytes of {name}", input.len());
}

fn replay(target: &str) {
    let (_, reader, changes) = TARGETS.into_iter().find(|(name, ..)| *name == target).unwrap();
    let corpus = corpus(target);
    assert!(corpus.len() >= 20, "a corpus of {} files says little", corpus.len());
    for (name, input) in &corpus {
        read(target, reader, name, input);
    }
    let seeds: Vec<&[u8]> = corpus.values().map(Vec::as_slice).filter(|seed| seed.len() <= 4 * LONGEST).collect();
    let mut random = Rng::with_seed(SEED);
    for number in 0..changes {
        let input = changed(&seeds, &mut random);
        read(target, reader, &format!("{SEED}-{number}"), &input);
    }
}

/// What decoders have stumbled over before.
const SPICE: [&[u8]; 20] = [
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n",
    b"\r\n\r\n",
    b"\\ud800",
    b"\\u0000",
    b"null",
    b"-1",
    b"1e999",
    b"18446744073709551616",
    b"\"\"",
    b"[",
    b"{\"a\":",
    b"}",
    b"]",
    b":",
    "\u{130}".as_bytes(),
    b"9999-12-31T23:59:59.999999999Z",
];

/// An input of the corpus, changed in up to five places.
fn changed(seeds: &[&[u8]], random: &mut Rng) -> Vec<u8> {
    let mut input = seeds[random.usize(..seeds.len())].to_vec();
    input.truncate(LONGEST);
    for _ in 0..random.usize(1..=5) {
        let (from, to) = span(&input, random);
        match random.u8(..7) {
            0 => input[from..to].iter_mut().take(1).for_each(|byte| *byte ^= 1 << random.u8(..8)),
            1 => drop(input.drain(from..to)),
            2 => drop(input.splice(from..from, SPICE[random.usize(..SPICE.len())].iter().copied())),
            3 => drop(input.splice(from..to, SPICE[random.usize(..SPICE.len())].iter().copied())),
            4 => input.truncate(to),
            5 => {
                let again = input[from..to].to_vec();
                input.splice(from..from, again);
            }
            _ => {
                let other = seeds[random.usize(..seeds.len())];
                let (first, last) = span(&other[..other.len().min(LONGEST)], random);
                input.splice(from..to, other[first..last].iter().copied());
            }
        }
        input.truncate(LONGEST);
    }
    input
}

/// A place in the input, short ones more often than long ones.
fn span(input: &[u8], random: &mut Rng) -> (usize, usize) {
    let from = random.usize(..=input.len());
    let most = if random.bool() { 8 } else { LONGEST };
    (from, (from + random.usize(..=most)).min(input.len()))
}

#[test]
fn answers_of_genesys_cloud() {
    replay("cloud_answer");
}

#[test]
fn notifications_of_genesys_cloud() {
    replay("cloud_notification");
}

#[test]
fn configuration_files() {
    replay("configuration");
}

#[test]
fn messages_of_icws() {
    replay("icws_message");
}

#[test]
fn lines_of_a_journal() {
    replay("journal_line");
}

#[test]
fn saved_catalogues() {
    replay("saved_catalogue");
}

#[test]
fn files_of_rules() {
    replay("rules");
}

#[test]
fn streams_of_events() {
    replay("sse");
}

/// Much more than any limit: what is kept of it stays below.
#[test]
fn floods_end_at_the_limits() {
    const MIB: usize = 1024 * 1024;
    let flood = vec![b'x'; 64 * MIB];
    let pieces = [MIB];
    let line = pureconnect::fuzzing::stream(&flood, &pieces);
    assert!(line.messages.is_empty() && line.problem.unwrap().contains("larger than 16777216 bytes"));
    let lines = b"data: x\n".repeat(8 * MIB);
    let event = pureconnect::fuzzing::stream(&lines, &pieces);
    assert!(event.messages.is_empty() && event.problem.unwrap().contains("larger than 16777216 bytes"));
    let ids = format!("[{}7]", "7,".repeat(8 * MIB));
    let read = pureconnect::fuzzing::messages(&ids);
    assert_eq!((read.understood, read.malformed), (0, 1), "an answer of millions of messages is none");
    let line = store::line::parse(&" ".repeat(64 * MIB));
    assert!(matches!(line, Err(store::line::LineError::TooLong)), "{line:?}");
}

#[test]
fn every_target_is_replayed_and_has_a_corpus_of_its_own() {
    let names = |folder: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(fuzz().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let replayed: BTreeSet<String> = TARGETS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    for folder in ["targets", "inputs", "corpus"] {
        assert_eq!(names(folder), replayed, "in fuzz/{folder}");
    }
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in &replayed {
        assert!(manifest.contains(&format!("path = \"targets/{name}.rs\"")), "{name} is no binary of fuzz/Cargo.toml");
    }
}

#[test]
fn the_corpus_stays_small() {
    let all: Vec<Vec<u8>> = TARGETS.iter().flat_map(|(name, ..)| corpus(name).into_values()).collect();
    let bytes: usize = all.iter().map(Vec::len).sum();
    assert!(all.len() < 400 && bytes < 2_000_000, "{} files, {bytes} bytes", all.len());
}

/// A check that cannot fail is none.
#[test]
fn an_input_that_breaks_something_is_noticed() {
    let breaks: Read = |input| assert!(!input.starts_with(b"bad"), "broken on purpose");
    read("nothing", breaks, "good", b"good");
    let noticed = catch_unwind(|| read("nothing", breaks, "bad", b"bad")).unwrap_err();
    assert!(noticed.downcast_ref::<String>().unwrap().contains("nothing broke at bad"));
    fs::remove_dir_all(fuzz().join("artifacts/nothing")).unwrap();
}
