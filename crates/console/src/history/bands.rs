//! Bands: the values of a facet over a period, without holes, made of the steps at which it changed.

use jiff::Timestamp;

use crate::shown::Band;

/// From here on a facet has a value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Step {
    /// Since when; where only the value is known, before everything.
    pub at: Option<Timestamp>,
    pub value: Option<String>,
    pub status: Option<String>,
    pub text: Option<String>,
    pub rule: Option<String>,
    pub accepted: Option<Timestamp>,
    pub change: Option<String>,
}

impl Step {
    /// A value that says once more what holds already is no step.
    fn goes_on_with(&self, next: &Self) -> bool {
        self.value == next.value && self.status == next.status
    }
}

/// The bands of a period, of steps in any order; those of one moment are in theirs, and the last one counts.
pub(super) fn bands(mut steps: Vec<Step>, from: Timestamp, until: Timestamp) -> Vec<Band> {
    steps.sort_by_key(|step| step.at);
    let mut merged: Vec<Step> = Vec::with_capacity(steps.len());
    for step in steps {
        match merged.last_mut() {
            Some(last) if last.goes_on_with(&step) => {}
            Some(last) if last.at == step.at => *last = step,
            Some(_) | None => merged.push(step),
        }
    }
    let ends: Vec<Option<Timestamp>> = merged.iter().skip(1).map(|next| next.at).chain([None]).collect();
    let mut bands = Vec::with_capacity(merged.len());
    for (step, end) in merged.into_iter().zip(ends) {
        let begin = step.at.map_or(from, |at| at.max(from));
        let end = end.map_or(until, |end| end.min(until));
        if begin < end {
            bands.push(Band {
                from: begin,
                until: end,
                since: step.at,
                value: step.value,
                status: step.status,
                text: step.text,
                rule: step.rule,
                accepted: step.accepted,
                change: step.change,
            });
        }
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn step(second: i64, value: &str) -> Step {
        Step { at: Some(at(second)), value: Some(value.to_owned()), ..Step::default() }
    }

    /// In few words: which value, from which second until which, since which.
    #[track_caller]
    fn check(steps: Vec<Step>, expected: &[&str]) {
        let second = |time: Timestamp| time.as_second() - 1_790_000_000;
        let one = |band: &Band| {
            let since = band.since.map_or("?".to_owned(), |since| second(since).to_string());
            let value = band.value.as_deref().unwrap_or("?");
            format!("{value} {}..{} since {since}", second(band.from), second(band.until))
        };
        let shown: Vec<String> = bands(steps, at(0), at(100)).iter().map(one).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn bands_are_cut_to_the_period_and_say_since_when() {
        let steps = vec![step(-50, "A"), step(-20, "B"), step(40, "C"), step(120, "D")];
        check(steps, &["B 0..40 since -20", "C 40..100 since 40"]);
        check(vec![step(100, "A")], &[]);
        check(vec![], &[]);
    }

    #[test]
    fn a_value_that_was_there_before_everything_has_no_beginning() {
        check(vec![step(40, "B"), Step { at: None, ..step(0, "A") }], &["A 0..40 since ?", "B 40..100 since 40"]);
    }

    #[test]
    fn a_value_that_is_said_again_is_one_band() {
        check(vec![step(10, "A"), step(20, "A"), step(30, "B")], &["A 10..30 since 10", "B 30..100 since 30"]);
    }

    #[test]
    fn of_one_moment_the_last_value_counts() {
        check(vec![step(10, "A"), step(30, "B"), step(30, "C")], &["A 10..30 since 10", "C 30..100 since 30"]);
    }
}
