//! Reads an exposition as strictly as the formats are written down (OpenMetrics 1.0; text format 0.0.4) and as promlint
//! would: whatever is not as it should be ends the test.

use std::collections::{BTreeMap, BTreeSet};

/// Which format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    OpenMetrics,
    Classic,
}

/// A metric with its series.
#[derive(Debug)]
pub struct Family {
    pub name: String,
    pub kind: String,
    pub samples: Vec<Sample>,
}

/// One line.
#[derive(Debug)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

/// Everything in a text.
pub fn parse(text: &str, format: Format) -> Vec<Family> {
    assert!(text.ends_with('\n'), "the last line ends");
    let mut lines: Vec<&str> = text.lines().collect();
    if format == Format::OpenMetrics {
        assert_eq!(lines.pop(), Some("# EOF"));
    }
    let mut families: Vec<Family> = Vec::new();
    let mut lines = lines.into_iter().peekable();
    while let Some(line) = lines.next() {
        let (name, help) = described(line, "# HELP ");
        assert!(help.ends_with('.') && !help.contains('\\'), "a sentence: {line}");
        let (typed, kind) = described(lines.next().unwrap_or_default(), "# TYPE ");
        assert_eq!(typed, name, "the type follows the help");
        if let Some(unit) = lines.next_if(|line| line.starts_with("# UNIT ")) {
            let (united, unit) = described(unit, "# UNIT ");
            assert!(format == Format::OpenMetrics && united == name && name.ends_with(&format!("_{unit}")), "{unit}");
        }
        check_name(name, kind, format);
        let mut family = Family { name: name.to_owned(), kind: kind.to_owned(), samples: Vec::new() };
        while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
            family.samples.push(sample(line));
        }
        check_family(&family, format);
        families.push(family);
    }
    let names: BTreeSet<&str> = families.iter().map(|family| family.name.as_str()).collect();
    assert_eq!(names.len(), families.len(), "each is described once");
    families
}

fn described<'a>(line: &'a str, with: &str) -> (&'a str, &'a str) {
    line.strip_prefix(with).and_then(|rest| rest.split_once(' ')).unwrap_or_else(|| panic!("no {with}: {line:?}"))
}

fn check_name(name: &str, kind: &str, format: Format) {
    let is_word =
        |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    assert!(is_word(name) && name.starts_with(|first: char| first.is_ascii_lowercase()), "{name}");
    assert!(!name.contains("__"), "{name}");
    let words: Vec<&str> = name.split('_').collect();
    let not_base = ["ms", "milliseconds", "minutes", "hours", "days", "kb", "mb", "kilobytes", "percent"];
    let kinds = ["gauge", "counter", "histogram", "bucket", "sum", "count"];
    assert!(!words.iter().any(|word| not_base.contains(word) || kinds.contains(word)), "{name}");
    let is_counter = kind == "counter";
    match format {
        Format::OpenMetrics => assert!(!name.ends_with("_total") && !name.ends_with("_info"), "{name}"),
        Format::Classic => assert_eq!(name.ends_with("_total"), is_counter, "{name}"),
    }
    let known = match format {
        Format::OpenMetrics => ["gauge", "counter", "histogram", "info"].as_slice(),
        Format::Classic => ["gauge", "counter", "histogram"].as_slice(),
    };
    assert!(known.contains(&kind), "{name} is a {kind}");
}

/// `name{label="value",…} 1.5`
fn sample(line: &str) -> Sample {
    let name_ends = line.find(['{', ' ']).unwrap_or_else(|| panic!("no value: {line}"));
    let (name, mut rest) = line.split_at(name_ends);
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        loop {
            let (label, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("no label: {line}"));
            assert!(label.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{line}");
            let (value, after) = quoted(after);
            assert!(labels.insert(label.to_owned(), value).is_none(), "{label} twice: {line}");
            rest = after;
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break,
            }
        }
        rest = rest.strip_prefix('}').unwrap_or_else(|| panic!("not closed: {line}"));
    }
    let value = rest.strip_prefix(' ').unwrap_or_else(|| panic!("no value: {line}"));
    let value = value.parse().unwrap_or_else(|_| panic!("no number, or more than one: {line}"));
    Sample { name: name.to_owned(), labels, value }
}

/// The text up to the quotation mark, and what comes after it.
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return (value, &text[place + 1..]),
            '\\' => match characters.next().map(|(_, escaped)| escaped) {
                Some('n') => value.push('\n'),
                Some(escaped @ ('"' | '\\')) => value.push(escaped),
                other => panic!("{other:?} is not to be escaped: {text}"),
            },
            '\n' => panic!("a line break in a label"),
            _ => value.push(character),
        }
    }
    panic!("no end: {text}")
}

fn check_family(family: &Family, format: Format) {
    let Family { name, kind, samples } = family;
    let endings: &[&str] = match (kind.as_str(), format) {
        ("counter", Format::OpenMetrics) => &["_total"],
        ("info", _) => &["_info"],
        ("histogram", _) => &["_bucket", "_sum", "_count"],
        _ => &[""],
    };
    let mut seen = BTreeSet::new();
    for sample in samples {
        assert!(endings.iter().any(|ending| sample.name == format!("{name}{ending}")), "{} is of {name}", sample.name);
        assert!(seen.insert((&sample.name, &sample.labels)), "twice: {sample:?}");
        assert!(sample.value.is_finite(), "{sample:?}");
        assert!(kind == "gauge" || sample.value >= 0.0, "{sample:?}");
        assert!(kind != "info" || sample.value == 1.0, "{sample:?}");
    }
    if kind == "histogram" {
        check_histogram(family);
    }
}

fn check_histogram(family: &Family) {
    let mut buckets: BTreeMap<BTreeMap<String, String>, Vec<(f64, f64)>> = BTreeMap::new();
    for sample in family.samples.iter().filter(|sample| sample.name.ends_with("_bucket")) {
        let mut labels = sample.labels.clone();
        let bound = labels.remove("le").unwrap_or_else(|| panic!("no bound: {sample:?}"));
        let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().unwrap() };
        buckets.entry(labels).or_default().push((bound, sample.value));
    }
    assert!(!buckets.is_empty() || family.samples.is_empty(), "{family:?}");
    for (labels, buckets) in buckets {
        assert!(buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "cumulative: {buckets:?}");
        let whole = buckets.last().unwrap();
        assert_eq!(whole.0, f64::INFINITY);
        let of = |ending: &str| {
            let named = |sample: &&Sample| sample.name.ends_with(ending) && sample.labels == labels;
            family.samples.iter().find(named).unwrap_or_else(|| panic!("no {ending} of {labels:?}")).value
        };
        assert_eq!(of("_count"), whole.1, "{labels:?}");
        assert!(of("_sum") >= 0.0, "{labels:?}");
    }
}

#[test]
fn what_is_not_as_it_should_be_is_seen() {
    let good = "# HELP a_total Help.\n# TYPE a_total counter\na_total{b=\"c\"} 1\n";
    parse(good, Format::Classic);
    let bad = [
        "# HELP a_total Help.\n# TYPE a_total counter\na_total{b=\"c\"} 1\na_total{b=\"c\"} 2\n",
        "# HELP a Help.\n# TYPE a counter\na 1\n",
        "# HELP a_total Help.\n# TYPE a_total gauge\na_total 1\n",
        "# HELP a Help.\n# TYPE a gauge\nb 1\n",
        "# HELP a Help.\n# TYPE a gauge\na{b=\"c\nd\"} 1\n",
        "# HELP a Help.\n# TYPE a gauge\na{b=\"\\t\"} 1\n",
        "# HELP a Help.\n# TYPE a gauge\na NaN\n",
        "# HELP a_ms Help.\n# TYPE a_ms gauge\na_ms 1\n",
        "# HELP a Help.\na 1\n",
        "# HELP a Help.\n# TYPE a gauge\na 1\n# HELP a Help.\n# TYPE a gauge\na{b=\"c\"} 1\n",
        "# HELP a Help.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
        "# HELP a Help.\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
    ];
    for text in bad {
        let parsed = std::panic::catch_unwind(|| parse(text, Format::Classic));
        assert!(parsed.is_err(), "{text}");
    }
}
