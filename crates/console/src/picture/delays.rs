//! The delays of the last hours: half of all changes, and 95 of 100, minute by minute, on a scale on which both a tenth of
//! a second and an hour can be read.

mod table;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use super::axis::Axis;
use super::svg::at;
use crate::pages::milliseconds;
use crate::shown::{DelayMinute, DelaySeries};

/// The delay that no change shall exceed, also while a shift begins, in milliseconds.
const TARGET: u64 = 15_000;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The least that is drawn: with less, a minute would be a wall.
const LEAST: SignedDuration = SignedDuration::from_hours(1);

const TITLE: &str = "Delay from PureConnect's message to Genesys Cloud's acceptance";

/// The picture's measures: all of it, and the plot in it.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 170.0;

/// Where the bars with the number of changes stand, and how high the highest is.
const BARS: f64 = 214.0;
const BAR: f64 = 30.0;

/// The marks of the scale, in milliseconds: each ten times the one before where people count in tens.
const SCALE: [u64; 9] = [10, 100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 36_000_000, 86_400_000];

/// The chart, with its figures as a table beside it. The delays are those from PureConnect's message to Genesys Cloud's
/// acceptance: what the bridge and the platform took.
pub(crate) fn delays(series: &DelaySeries, zone: &TimeZone) -> Markup {
    let (Some(from), Some(until)) = (series.from, series.until) else {
        return html! { p class="empty" { "Delays are shown as soon as the link has told its first change." } };
    };
    html! {
        figure class="chart delays" {
            (picture(series, from, until, zone))
            figcaption class="legend" {
                (key("M1 6h22", "p50", "half of all changes (p50)"))
                (key("M1 6h22", "p95", "95 of 100 (p95)"))
                (key("M1 6h22", "goal", "target: 15 s"))
                (key("M4 12v-6h4v6zM10 12v-11h4v11zM16 12v-4h4v4z", "count", "changes a minute"))
            }
            (table::table(&series.minutes, until.duration_since(from), zone))
        }
    }
}

fn key(path: &str, class: &str, words: &str) -> Markup {
    html! {
        span class="key" {
            svg class="swatch" viewBox="0 0 24 12" aria-hidden="true" { path class=(class) d=(path) {} }
            (words)
        }
    }
}

fn picture(series: &DelaySeries, from: Timestamp, until: Timestamp, zone: &TimeZone) -> Markup {
    let begin = until.checked_sub(LEAST).map_or(from, |least| least.min(from));
    let axis = Axis::new(begin, until, LEFT, WIDTH - LEFT - RIGHT);
    let minutes = &series.minutes;
    let scale = Scale::of(minutes);
    html! {
        div class="scroll" role="region" tabindex="0" aria-label="Delay chart" {
            svg role="img" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) aria-label=(TITLE) {
                title { (TITLE) }
                desc { (table::in_words(minutes, from, until, zone)) }
                @if from > begin {
                    rect class="before" x=(at(LEFT)) y=(at(TOP)) width=(at(axis.x(from) - LEFT)) height=(at(BARS - TOP)) {}
                    text class="before" x=(at(LEFT + 6.0)) y=(at(TOP + 14.0)) { "not measured yet" }
                }
                (grid(&axis, &scale, zone))
                (curves(&axis, &scale, minutes))
                (bars(&axis, minutes))
                @if minutes.is_empty() {
                    text class="empty" x=(at((LEFT + WIDTH - RIGHT) / 2.0)) y=(at((TOP + BOTTOM) / 2.0)) text-anchor="middle" {
                        "No change was told in this time."
                    }
                }
            }
        }
    }
}

/// The lines to read from, and what is written at them.
fn grid(axis: &Axis, scale: &Scale, zone: &TimeZone) -> Markup {
    html! {
        g class="grid" {
            @for &mark in scale.marks() {
                path d=(format!("M{} {}H{}", at(LEFT), at(scale.y(mark)), at(WIDTH - RIGHT))) {}
                text x=(at(LEFT - 8.0)) y=(at(scale.y(mark) + 4.0)) text-anchor="end" { (milliseconds(mark)) }
            }
            @for mark in axis.marks(zone, 64.0) {
                path d=(format!("M{} {}V{}", at(mark.x), at(TOP), at(BARS))) {}
                text x=(at(mark.x)) y=(at(HEIGHT - 6.0)) text-anchor="middle" { (mark.label) }
            }
        }
        path class="goal" d=(format!("M{} {}H{}", at(LEFT), at(scale.y(TARGET)), at(WIDTH - RIGHT))) {}
        text class="goal" x=(at(WIDTH - RIGHT - 4.0)) y=(at(scale.y(TARGET) - 5.0)) text-anchor="end" { "15 s" }
    }
}

/// The two curves and what is between them. Each minute is a step; minutes without a change leave a gap.
fn curves(axis: &Axis, scale: &Scale, minutes: &[DelayMinute]) -> Markup {
    let mut between = String::new();
    let (mut p50, mut p95) = (String::new(), String::new());
    for run in minutes.chunk_by(|one, next| next.at.duration_since(end(one)) < MINUTE) {
        p50 += &steps(axis, run.iter(), |minute| scale.y(minute.seen.p50), 'M');
        p95 += &steps(axis, run.iter(), |minute| scale.y(minute.seen.p95), 'M');
        between += &steps(axis, run.iter(), |minute| scale.y(minute.seen.p95), 'M');
        for minute in run.iter().rev() {
            let y = at(scale.y(minute.seen.p50));
            between += &format!("L{} {y}H{}", at(axis.x(end(minute))), at(axis.x(minute.at)));
        }
        between.push('Z');
    }
    html! {
        path class="between" d=(between) {}
        path class="p95" d=(p95) {}
        path class="p50" d=(p50) {}
    }
}

fn steps<'a>(
    axis: &Axis,
    run: impl Iterator<Item = &'a DelayMinute>,
    y: impl Fn(&DelayMinute) -> f64,
    begin: char,
) -> String {
    let mut path = String::new();
    for (place, minute) in run.enumerate() {
        let command = if place == 0 { begin } else { 'L' };
        path += &format!("{command}{} {}H{}", at(axis.x(minute.at)), at(y(minute)), at(axis.x(end(minute))));
    }
    path
}

/// How many changes there were.
fn bars(axis: &Axis, minutes: &[DelayMinute]) -> Markup {
    let Some(most) = minutes.iter().map(|minute| minute.seen.changes).max().filter(|most| *most > 0) else {
        return html! {};
    };
    let mut path = String::new();
    for minute in minutes {
        let Some((x, width)) = axis.stretch(minute.at, end(minute)) else { continue };
        let height = (real(minute.seen.changes) / real(most) * BAR).max(0.8);
        path += &format!("M{} {}V{}h{}V{}z", at(x), at(BARS), at(BARS - height), at(width.max(0.6)), at(BARS));
    }
    html! {
        path class="count" d=(path) {}
        text class="count" x=(at(LEFT - 8.0)) y=(at(BARS - BAR + 9.0)) text-anchor="end" { (most) }
        text class="count" x=(at(LEFT - 8.0)) y=(at(BARS)) text-anchor="end" { "0" }
    }
}

/// The scale of delays: the same distance for each factor.
struct Scale {
    /// The places of its ends in [`SCALE`].
    ends: (usize, usize),
}

impl Scale {
    /// As much of it as is needed; the target is always on it.
    fn of(minutes: &[DelayMinute]) -> Self {
        let fastest = minutes.iter().map(|minute| minute.seen.p50).min().unwrap_or(100);
        let slowest = minutes.iter().map(|minute| minute.seen.p95).max().unwrap_or(TARGET).max(TARGET);
        let low = SCALE.iter().rposition(|mark| *mark <= fastest.min(1_000)).unwrap_or(0);
        let high = SCALE.iter().position(|mark| *mark >= slowest).unwrap_or(SCALE.len() - 1);
        Self { ends: (low, high) }
    }

    fn marks(&self) -> &'static [u64] {
        &SCALE[self.ends.0..=self.ends.1]
    }

    /// Where a delay is; at the nearer end if it is outside.
    fn y(&self, milliseconds: u64) -> f64 {
        let (low, high) = (real(SCALE[self.ends.0]).ln(), real(SCALE[self.ends.1]).ln());
        let share = (real(milliseconds.max(1)).ln() - low) / (high - low);
        BOTTOM - share.clamp(0.0, 1.0) * (BOTTOM - TOP)
    }
}

fn end(minute: &DelayMinute) -> Timestamp {
    minute.at.checked_add(MINUTE).unwrap_or(minute.at)
}

#[expect(clippy::cast_precision_loss, reason = "a picture is not more exact than a pixel")]
fn real(number: u64) -> f64 {
    number as f64
}
