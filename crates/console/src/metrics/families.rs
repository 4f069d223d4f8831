//! What is measured, family by family: name, unit, meaning, and where it is in a link's report.
//!
//! Names are for good: dashboards and alert rules are made of them. A family is in the module that knows what it is about;
//! how it is written is not known here.

mod changes;
mod delay;
mod journal;
mod platform;
mod state;

use std::time::Duration;

use prometheus_client::registry::Unit;
use replicator::engine::{Buckets, Report};

use super::Reading;

/// A metric with all its series.
#[derive(Debug)]
pub(super) struct Family {
    /// Without prefix, unit and ending.
    pub name: &'static str,
    /// What it counts in, where that is a unit.
    pub unit: Option<Unit>,
    /// What it says, for people.
    pub help: &'static str,
    /// What it is made of.
    pub of: Of,
}

/// Where its numbers are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    /// In what is always known of a link.
    Link(Kind, fn(&Reading) -> Vec<Sample>),
    /// In its report, while it runs.
    Report(Kind, fn(&Report) -> Vec<Sample>),
    /// In its report, as durations by how long they were.
    Buckets(fn(&Report) -> Vec<(Labels, &Buckets)>),
    /// In its report, as words; there is no number.
    Words(fn(&Report) -> Labels),
}

/// Kinds of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The state of a moment.
    Gauge,
    /// It only grows; begins anew when the link does.
    Counter,
}

/// Labels beside the link's name.
pub(super) type Labels = Vec<(&'static str, String)>;

/// A number of a family.
#[derive(Debug)]
pub(super) struct Sample {
    pub labels: Labels,
    pub value: Value,
}

/// A number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    /// A count.
    Whole(u64),
    /// A measure.
    Real(f64),
}

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Family> {
    [state::FAMILIES, delay::FAMILIES, changes::FAMILIES, platform::FAMILIES, journal::FAMILIES].into_iter().flatten()
}

impl From<u64> for Value {
    fn from(count: u64) -> Self {
        Self::Whole(count)
    }
}

impl From<u32> for Value {
    fn from(count: u32) -> Self {
        Self::Whole(count.into())
    }
}

impl From<usize> for Value {
    fn from(count: usize) -> Self {
        Self::Whole(count as u64)
    }
}

impl From<bool> for Value {
    fn from(is_so: bool) -> Self {
        Self::Whole(is_so.into())
    }
}

impl From<f64> for Value {
    fn from(measure: f64) -> Self {
        Self::Real(measure)
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        Self::Real(duration.as_secs_f64())
    }
}

/// A single series.
fn one(value: impl Into<Value>) -> Vec<Sample> {
    vec![Sample { labels: Vec::new(), value: value.into() }]
}

/// A single series where there is something to say.
fn perhaps(value: Option<impl Into<Value>>) -> Vec<Sample> {
    value.map_or_else(Vec::new, one)
}

/// One of several series.
fn with(label: &'static str, of: impl Into<String>, value: impl Into<Value>) -> Sample {
    Sample { labels: vec![(label, of.into())], value: value.into() }
}

/// A name as labels have it: `out of office` is `out_of_office`.
fn label(name: &str) -> String {
    name.replace(' ', "_")
}
