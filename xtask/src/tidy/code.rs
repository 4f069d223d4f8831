//! Rules about what code may say, most of them as a table of patterns; the rest each a function.

use super::source::Source;
use crate::findings::Finding;

/// Words that may not be said somewhere.
pub struct Rule {
    pub name: &'static str,
    /// Found whatever the blanks and line breaks.
    pub patterns: &'static [&'static str],
    /// In which files.
    within: fn(path: &str) -> bool,
    /// In which part of them.
    part: Part,
    pub instead: &'static str,
}

enum Part {
    Whole,
    OutsideTests,
    Tests,
}

/// All rules that are a table of words.
pub const RULES: &[Rule] = &[
    Rule {
        name: "unfinished",
        patterns: &["todo!", "unimplemented!"],
        within: anywhere,
        part: Part::Whole,
        instead: "finish it",
    },
    Rule {
        name: "ignored-test",
        patterns: &["#[ignore"],
        within: anywhere,
        part: Part::Whole,
        instead: "make the test pass, or delete it",
    },
    Rule {
        name: "unwrap",
        patterns: &[".unwrap()"],
        within: anywhere,
        part: Part::OutsideTests,
        instead: "return the error, or `expect` with the reason why there is none",
    },
    Rule {
        name: "sleeping-test",
        patterns: &["thread::sleep", "time::sleep", "{sleep", ", sleep,", ", sleep}"],
        within: anywhere,
        part: Part::Tests,
        instead: "wait for a state: look again at each tick of a `tokio::time::interval`, all within a `timeout`",
    },
    Rule {
        name: "core-purity",
        patterns: &[
            "async fn",
            "async move",
            ".await",
            "tokio::",
            "tracing::",
            "Instant::now",
            "SystemTime",
            "Timestamp::now",
            "Zoned::now",
            "new_v4",
            "Rng::new",
            "fastrand::{",
            "fastrand::f64",
            "fastrand::u64",
            "std::env",
            "std::fs",
            "std::io",
            "std::net",
            "std::thread",
            "print!",
            "println!",
            "eprint!",
            "eprintln!",
        ],
        within: is_core,
        part: Part::OutsideTests,
        instead: "the core is told the time and the randomness, and returns what to do or to log",
    },
    Rule {
        name: "clock",
        patterns: &["SystemTime::now", "Timestamp::now", "Zoned::now"],
        within: is_told_the_time,
        part: Part::OutsideTests,
        instead: "ask the `Clock` that the program chose, so that simulated days keep their own time",
    },
    Rule {
        name: "unbounded",
        patterns: &["unbounded_channel", "UnboundedSender", "UnboundedReceiver", "mpsc::channel()", "unbounded()"],
        within: anywhere,
        part: Part::Whole,
        instead: "bound the channel and say in a comment why by that number",
    },
    Rule {
        name: "broadcast",
        patterns: &["sync::broadcast", "broadcast::channel"],
        within: anywhere,
        part: Part::Whole,
        instead: "hold the newest value in a `watch` channel, or give each listener a bounded queue",
    },
    Rule {
        name: "plain-secret",
        patterns: &[
            "password: String",
            "password: Option<String>",
            "client_secret: String",
            "client_secret: Option<String>",
            "access_token: String",
            "csrf_token: String",
            "token: String",
            "cookie: String",
        ],
        within: keeps_secrets,
        part: Part::OutsideTests,
        instead: "use `secrecy::SecretString`, which cannot be printed",
    },
    Rule {
        name: "wire",
        patterns: &["pub mod wire", "pub use wire"],
        within: anywhere,
        part: Part::Whole,
        instead: "wire types stay in their adapter: `mod wire`, translated in `convert`",
    },
];

/// Folders without I/O, async, clock and logging.
const CORE: [&str; 4] = ["crates/domain/src/", "crates/mapping/src/", "crates/routing/src/", "crates/replicator/src/"];

/// The parts of the replicator that are not core: the interfaces and the loop.
const NOT_CORE: [&str; 4] = ["ports.rs", "ports/", "run.rs", "run/"];

fn anywhere(_: &str) -> bool {
    true
}

fn is_core(path: &str) -> bool {
    let outside = |rest: &str| NOT_CORE.iter().any(|part| rest.starts_with(part));
    CORE.iter().any(|folder| path.starts_with(folder))
        && !path.strip_prefix("crates/replicator/src/").is_some_and(outside)
}

/// All but the binary, which chooses the clock, and the one that a simulated day runs by. Waiting on the real time of
/// a socket (`tokio::time`) is left to each adapter.
fn is_told_the_time(path: &str) -> bool {
    path.starts_with("crates/") && !path.starts_with("crates/bridge/") && path != "crates/simulator/src/clock.rs"
}

/// Where passwords and tokens pass; wire types mirror what is sent, and live for one request only.
fn keeps_secrets(path: &str) -> bool {
    let folders = ["crates/bridge/src/", "crates/genesys-cloud/src/", "crates/pureconnect/src/", "crates/store/src/"];
    folders.iter().any(|folder| path.starts_with(folder)) && !path.contains("/wire")
}

/// All findings in one file.
pub fn check(source: &Source) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule.check(source)).collect();
    findings.extend(detached_tasks(source));
    findings.extend(beyond_the_ports(source));
    findings.extend(loose_serde(source));
    findings
}

impl Rule {
    fn check(&self, source: &Source) -> Vec<Finding> {
        if !(self.within)(&source.path) || (self.name == "sleeping-test" && has_virtual_time(source)) {
            return Vec::new();
        }
        let concerns = |index: usize| match self.part {
            Part::Whole => true,
            Part::OutsideTests => !source.tokens[index].test,
            Part::Tests => source.tokens[index].test,
        };
        let found = |pattern: &&'static str| {
            let finding = |index| finding(source, index, self.name, format!("`{pattern}`"), self.instead);
            source.find(pattern).filter(|&index| concerns(index)).map(finding).collect::<Vec<_>>()
        };
        self.patterns.iter().flat_map(found).collect()
    }
}

/// Where tokio's clock is paused, a sleep costs nothing and is exact.
fn has_virtual_time(source: &Source) -> bool {
    source.find("start_paused").chain(source.find("time::pause")).next().is_some()
}

/// `tokio::spawn(…);` as a statement: nobody can wait for that task. A test's stand-in for a server may end with the
/// test's runtime.
fn detached_tasks(source: &Source) -> Vec<Finding> {
    let instead = "keep the handle and join it before the program ends";
    ["tokio::spawn(", "tokio::task::spawn("]
        .iter()
        .flat_map(|pattern| source.find(pattern))
        .filter(|&index| !source.tokens[index].test)
        .filter(|&index| index.checked_sub(1).is_none_or(|before| [";", "{", "}"].contains(&text(source, before))))
        .filter(|&index| after_parentheses(source, index).is_some_and(|after| text(source, after) == ";"))
        .map(|index| finding(source, index, "detached-task", "a task that nobody joins".to_owned(), instead))
        .collect()
}

/// Adapters know two modules of the replicator; the rest is not their business.
fn beyond_the_ports(source: &Source) -> Vec<Finding> {
    let adapters = ["crates/genesys-cloud/", "crates/pureconnect/", "crates/store/"];
    let adapter = adapters.iter().any(|folder| source.path.starts_with(folder));
    let known = |index: usize| ["ports", "backoff"].contains(&text(source, index + 3));
    source
        .find("replicator::")
        .filter(|&index| adapter && !known(index))
        .map(|index| {
            let what = format!("`replicator::{}`", text(source, index + 3));
            finding(source, index, "beyond-ports", what, "an adapter uses `replicator::ports` and `::backoff`, in full")
        })
        .collect()
}

/// `#[serde(flatten)]` and `#[serde(untagged)]`, also among other words.
fn loose_serde(source: &Source) -> Vec<Finding> {
    let attribute = |index: usize| index..after_parentheses(source, index).unwrap_or(index);
    let instead = "write the fields or the variants out: errors then keep their place";
    source
        .find("serde(")
        .flat_map(attribute)
        .filter(|&index| !source.tokens[index].test && ["flatten", "untagged"].contains(&text(source, index)))
        .map(|index| finding(source, index, "loose-serde", format!("`{}`", text(source, index)), instead))
        .collect()
}

/// The index after the first parentheses that open at or after `index`.
fn after_parentheses(source: &Source, index: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in source.tokens.iter().enumerate().skip(index) {
        match token.text.as_str() {
            "(" => depth += 1,
            ")" if depth == 1 => return Some(at + 1),
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn text(source: &Source, index: usize) -> &str {
    source.text(index).unwrap_or_default()
}

fn finding(source: &Source, index: usize, rule: &'static str, what: String, instead: &str) -> Finding {
    Finding {
        path: source.path.clone(),
        line: source.tokens[index].line,
        rule,
        what: if what.starts_with('`') { format!("{what} has no place here") } else { what },
        instead: instead.to_owned(),
    }
}
