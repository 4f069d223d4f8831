//! Small pieces that all pages are made of: times, durations, numbers, pills, and what is said where there is nothing.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::shown::State;

/// The viewer's zone, and the time that it is for the link.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    pub zone: TimeZone,
    /// The link's own time, which may run faster than the clock on the wall; `None` where it was never heard.
    pub now: Option<Timestamp>,
}

impl Clock {
    pub(crate) fn new(zone: TimeZone, now: Option<Timestamp>) -> Self {
        Self { zone, now }
    }

    /// Whether it is the same day for the viewer as now.
    fn is_today(&self, at: Timestamp) -> bool {
        let day = |at: Timestamp| at.to_zoned(self.zone.clone()).date();
        self.now.is_some_and(|now| day(now) == day(at))
    }
}

/// A moment, in the viewer's zone, with UTC at hand: `14:03:22` today, `22 Nov 14:03` otherwise.
pub(crate) fn time(clock: &Clock, at: Timestamp) -> Markup {
    let local = at.to_zoned(clock.zone.clone());
    let form = if clock.is_today(at) { "%H:%M:%S" } else { "%-d %b %H:%M" };
    stamp(at, &local.strftime(form).to_string())
}

/// How long ago, by the link's own time.
pub(crate) fn ago(clock: &Clock, at: Timestamp) -> Markup {
    match clock.now {
        Some(now) => stamp(at, &format!("{} ago", duration(now.duration_since(at)))),
        None => time(clock, at),
    }
}

/// Since when, and for how long that is.
pub(crate) fn since(clock: &Clock, at: Timestamp) -> Markup {
    html! {
        "since " (time(clock, at))
        @if let Some(now) = clock.now { " (" (duration(now.duration_since(at))) ")" }
    }
}

fn stamp(at: Timestamp, text: &str) -> Markup {
    let utc = at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    html! { time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()) title=(utc) { (text) } }
}

/// A duration as people say it: `420 ms`, `12 s`, `4 min 10 s`, `3 h 5 min`, `2 d 4 h`. Of less than nothing: `0 s`.
pub(crate) fn duration(duration: SignedDuration) -> String {
    let milliseconds = duration.as_millis().max(0);
    let seconds = milliseconds / 1_000;
    match seconds {
        0 if milliseconds > 0 => format!("{milliseconds} ms"),
        0..10 if milliseconds % 1_000 >= 100 => format!("{seconds}.{} s", milliseconds % 1_000 / 100),
        0..60 => format!("{seconds} s"),
        60..3_600 => two(seconds, 60, "min", 1, "s"),
        3_600..86_400 => two(seconds, 3_600, "h", 60, "min"),
        _ => two(seconds, 86_400, "d", 3_600, "h"),
    }
}

/// Of a number of milliseconds, as delays are given.
pub(crate) fn milliseconds(milliseconds: u64) -> String {
    duration(SignedDuration::try_from(Duration::from_millis(milliseconds)).unwrap_or(SignedDuration::MAX))
}

fn two(seconds: i128, big: i128, big_name: &str, small: i128, small_name: &str) -> String {
    let (whole, rest) = (seconds / big, seconds % big / small);
    if rest == 0 { format!("{whole} {big_name}") } else { format!("{whole} {big_name} {rest} {small_name}") }
}

/// A number with its thousands apart.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place % 3 == first {
            // A narrow space that does not break.
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// `1 agent`, `2 agents`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// How something stands. The word says it; the colour only helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it should be.
    Good,
    /// Under way.
    Busy,
    /// Degraded, and mends itself.
    Warn,
    /// A person must act.
    Bad,
    /// Neither.
    Quiet,
}

impl Tone {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Busy => "busy",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Quiet => "quiet",
        }
    }
}

/// A word in a tone.
pub(crate) fn badge(tone: Tone, text: &str) -> Markup {
    html! { span class=(format!("badge {}", tone.class())) { (text) } }
}

/// A synchronisation state, in Interaction Administrator's words.
pub(crate) fn state_badge(state: State) -> Markup {
    let tone = match state {
        State::Synced => Tone::Good,
        State::Pending => Tone::Busy,
        State::Error => Tone::Bad,
        State::NotSynced => Tone::Quiet,
    };
    badge(tone, state.words())
}

/// A presence, with the colour that it has in all pictures, and its name.
pub(crate) fn presence_pill(presence: &str) -> Markup {
    let class = match presence {
        "Available" => "p-available",
        "Away" => "p-away",
        "Break" => "p-break",
        "Busy" => "p-busy",
        "Idle" => "p-idle",
        "Meal" => "p-meal",
        "Meeting" => "p-meeting",
        "Offline" => "p-offline",
        "On Queue" => "p-on-queue",
        "Out of Office" => "o-on",
        "Training" => "p-training",
        _ => "p-other",
    };
    html! { span class="presence" { span class=(format!("dot {class}")) aria-hidden="true" {} (presence) } }
}

/// A routing status, as a person reads it.
pub(crate) fn routing(status: &str) -> Markup {
    let words = status.to_lowercase().replace('_', " ");
    let mut letters = words.chars();
    let text: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    html! { span class="routing" title=(status) { (text) } }
}

/// What is said where there is nothing: what that means, and what to do.
pub(crate) fn empty(title: &str, text: Markup) -> Markup {
    html! {
        div class="empty" {
            p class="empty-title" { (title) }
            div class="empty-text" { (text) }
        }
    }
}

/// A line between a name and a value, in a list of facts.
pub(crate) fn fact(name: &str, value: Markup) -> Markup {
    html! { div class="fact" { dt { (name) } dd { (value) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(zone: &str) -> Clock {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        Clock::new(zone, Some("2026-11-23T13:03:22Z".parse().unwrap()))
    }

    #[test]
    fn durations_are_said_as_people_say_them() {
        let say = |milliseconds| duration(SignedDuration::from_millis(milliseconds));
        let said = [-5, 0, 420, 1_000, 1_250, 12_900, 60_000, 250_000, 11_100_000, 187_200_000].map(say);
        let wanted = ["0 s", "0 s", "420 ms", "1 s", "1.2 s", "12 s", "1 min", "4 min 10 s", "3 h 5 min", "2 d 4 h"];
        assert_eq!(said, wanted);
    }

    #[test]
    fn times_of_today_have_seconds_and_others_their_day() {
        let show = |at: &str| time(&clock("UTC"), at.parse().unwrap()).into_string();
        assert_eq!(
            show("2026-11-23T08:00:01Z"),
            r#"<time datetime="2026-11-23T08:00:01Z" title="2026-11-23 08:00:01 UTC">08:00:01</time>"#
        );
        assert!(show("2026-11-22T08:00:01Z").ends_with(">22 Nov 08:00</time>"));
    }

    #[test]
    fn a_day_is_the_viewers_day() {
        let at = "2026-11-22T23:30:00Z".parse().unwrap();
        assert!(time(&clock("Europe/Berlin"), at).into_string().ends_with(">00:30:00</time>"));
    }

    #[test]
    fn how_long_ago_is_by_the_links_own_time() {
        let at = "2026-11-23T13:00:00Z".parse().unwrap();
        assert!(ago(&clock("UTC"), at).into_string().ends_with(">3 min 22 s ago</time>"));
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!(
            [7, 100, 1_000, 100_000, 1_234_567].map(number).map(|text| text.replace('\u{202f}', " ")),
            ["7", "100", "1 000", "100 000", "1 234 567"]
        );
    }

    #[test]
    fn a_presence_is_named_and_not_only_coloured() {
        assert!(presence_pill("On Queue").into_string().contains("On Queue"));
        assert!(routing("NOT_RESPONDING").into_string().contains("Not responding"));
    }
}
