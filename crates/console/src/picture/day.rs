//! An agent's day: what PureConnect's state asked for, what Genesys Cloud showed, and where the two differed.

mod legend;
mod value;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use super::axis::Axis;
use super::svg::at;
use crate::pages::duration;
use crate::shown::{Band, Day, Difference, Facet};
use value::{Look, words};

/// The picture's measures, from left to right.
const WIDTH: f64 = 1_000.0;
const LEFT: f64 = 108.0;
const RIGHT: f64 = 22.0;

/// From top to bottom: the bands and what lies between them.
const SOURCE: Place = Place { top: 22.0, height: 44.0 };
const DIFFERENCE: Place = Place { top: 68.0, height: 18.0 };
const TARGET: Place = Place { top: 88.0, height: 44.0 };
const ROUTING_DIFFERENCE: Place = Place { top: 138.0, height: 6.0 };
const ROUTING: Place = Place { top: 146.0, height: 28.0 };
const OUT_OF_OFFICE: Place = Place { top: 180.0, height: 18.0 };

/// About as wide as a letter is, and what a label needs beside its letters.
const LETTER: f64 = 6.5;
const MARGIN: f64 = 8.0;

/// Narrower is not to be seen.
const NARROWEST: f64 = 1.0;

/// From this width on a band has an edge of its own.
const EDGED: f64 = 4.0;

/// A change that was told within this time was told as soon as it should be.
const IN_TIME: SignedDuration = SignedDuration::from_secs(15);

#[derive(Debug, Clone, Copy)]
struct Place {
    top: f64,
    height: f64,
}

impl Place {
    /// Where letters in the middle of it stand.
    fn line(self) -> String {
        at(self.top + self.height / 2.0 + 4.0)
    }

    fn bottom(self) -> f64 {
        self.top + self.height
    }
}

/// A day, or a part of one, on its axis.
struct Picture<'a> {
    day: &'a Day,
    zone: &'a TimeZone,
    axis: Axis,
    /// Whether Genesys Cloud was told that the agent is out of office.
    out_of_office: bool,
}

/// The day as a picture, with what its colours and letters mean. The same as tables is the page's.
pub(crate) fn day(day: &Day, zone: &TimeZone) -> Markup {
    let axis = Axis::new(day.from, day.until, LEFT, WIDTH - LEFT - RIGHT);
    let out_of_office = day.told.out_of_office.iter().any(is_out_of_office);
    Picture { day, zone, axis, out_of_office }.draw()
}

fn is_out_of_office(band: &Band) -> bool {
    band.value.as_deref().is_some_and(|value| value != "off")
}

impl Picture<'_> {
    fn draw(&self) -> Markup {
        let title = format!("Timeline of {}", self.day.name.as_deref().unwrap_or(&self.day.agent));
        let told = &self.day.told;
        html! {
            figure class="chart day" {
                div class="scroll" role="region" tabindex="0" aria-label=(title) {
                    svg role="img" viewBox=(format!("0 0 {WIDTH} {}", at(self.foot() + 22.0))) aria-label=(title) {
                        title { (title) }
                        desc { (self.in_words()) }
                        (value::patterns())
                        (self.hours())
                        (self.untrusted())
                        (self.row("PureConnect", SOURCE, &self.day.wanted.presence))
                        (self.differences(Facet::Presence, DIFFERENCE))
                        (self.row("Genesys Cloud", TARGET, &told.presence))
                        (self.differences(Facet::Routing, ROUTING_DIFFERENCE))
                        (self.row("Routing status", ROUTING, &told.routing))
                        @if self.out_of_office { (self.row("Out of office", OUT_OF_OFFICE, &told.out_of_office)) }
                        (self.now())
                    }
                }
                (legend::legend(self.day, &self.axis))
            }
        }
    }

    /// Where the bands end and the hours are written.
    fn foot(&self) -> f64 {
        let last = if self.out_of_office { OUT_OF_OFFICE } else { ROUTING };
        last.bottom() + 4.0
    }

    fn hours(&self) -> Markup {
        let (top, foot) = (at(SOURCE.top - 4.0), at(self.foot()));
        html! {
            g class="grid" {
                @for mark in self.axis.marks(self.zone, 68.0) {
                    path d=(format!("M{} {top}V{foot}", at(mark.x))) {}
                    text x=(at(mark.x)) y=(at(self.foot() + 16.0)) text-anchor="middle" { (mark.label) }
                }
            }
        }
    }

    /// Behind the bands, so that what was shown stays readable.
    fn untrusted(&self) -> Markup {
        html! {
            @for gap in &self.day.gaps {
                @if let Some((x, width)) = self.axis.stretch(gap.from, gap.until.unwrap_or(self.day.at)) {
                    @let (x, wide, high) = (at(x), at(width.max(2.0)), at(self.foot() - 4.0));
                    g class="untrusted" {
                        title { "Not to be relied on (" (gap.kind) "), " (self.times(gap.from, gap.until)) ": " (gap.reason) }
                        rect class="shade" x=(x) y="4" width=(wide) height=(high) {}
                        rect fill="url(#untrusted)" x=(x) y="4" width=(wide) height=(high) {}
                        @if room(gap.kind.chars().count()) <= width {
                            text x=(x) dx="4" y="15" { (gap.kind) }
                        }
                    }
                }
            }
        }
    }

    fn row(&self, name: &str, place: Place, bands: &[Band]) -> Markup {
        html! {
            text class="name" x=(at(LEFT - 10.0)) y=(place.line()) text-anchor="end" { (name) }
            rect class="ground" x=(at(LEFT)) y=(at(place.top)) width=(at(WIDTH - LEFT - RIGHT)) height=(at(place.height)) {}
            @for band in bands {
                @if let (Some(value), Some((x, width))) = (&band.value, self.axis.stretch(band.from, band.until)) {
                    (self.band(band, value, place, x, width.max(NARROWEST)))
                }
            }
        }
    }

    fn band(&self, band: &Band, value: &str, place: Place, x: f64, width: f64) -> Markup {
        let look = Look::of(value);
        let (left, wide, top, high) = (at(x), at(width), at(place.top), at(place.height));
        html! {
            g class=(format!("band {}{}", look.class, if width < EDGED { " slim" } else { "" })) {
                title { (self.said(band, value)) }
                rect x=(left) y=(top) width=(wide) height=(high) {}
                @if let Some(pattern) = look.pattern {
                    rect class="pattern" fill=(format!("url(#{pattern})")) x=(left) y=(top) width=(wide) height=(high) {}
                }
                @if let Some(label) = fitting(band, value, look, width) {
                    text x=(at(x + width / 2.0)) y=(place.line()) text-anchor="middle" { (label) }
                }
            }
        }
    }

    fn differences(&self, facet: Facet, place: Place) -> Markup {
        let of_facet = |difference: &&Difference| difference.facet == facet;
        html! {
            @for difference in self.day.differences.iter().filter(of_facet) {
                @if let Some((x, width)) = self.axis.stretch(difference.from, difference.until) {
                    (self.difference(difference, place, x, width))
                }
            }
        }
    }

    fn difference(&self, difference: &Difference, place: Place, x: f64, width: f64) -> Markup {
        let length = difference.until.duration_since(difference.from);
        let took = duration(length);
        let is_brief = length < IN_TIME && !difference.lasts;
        html! {
            g class=(if is_brief { "differing brief" } else { "differing" }) {
                title {
                    "Different for " (took) ", " (self.clock(difference.from)) " to " (self.clock(difference.until))
                    ": wanted " (words(&difference.wanted)) ", shown " (difference.told.as_deref().map_or("something else", words))
                    " (" (difference.why) ")"
                }
                rect x=(at(x)) y=(at(place.top)) width=(at(width.max(if is_brief { 0.6 } else { 2.0 }))) height=(at(place.height)) {}
                @if room(took.chars().count()) <= width && place.height > 12.0 {
                    text x=(at(x + width / 2.0)) y=(place.line()) text-anchor="middle" { (took) }
                }
            }
        }
    }

    fn now(&self) -> Markup {
        let now = self.day.at;
        let x = self.axis.x(now);
        html! {
            @if self.axis.holds(now) {
                g class="now" {
                    title { "Now: " (self.clock(now)) }
                    path d=(format!("M{} 12V{}", at(x), at(self.foot()))) {}
                    text x=(at(x)) y="10" text-anchor=(if x > WIDTH - 40.0 { "end" } else { "middle" }) { "now" }
                }
            }
        }
    }

    fn in_words(&self) -> String {
        let Day { wanted, told, differences, gaps, .. } = self.day;
        let differing = differences.iter().filter(|difference| difference.facet == Facet::Presence).count();
        let differing = match differing {
            0 => "The two never differ.".to_owned(),
            count => format!("The two differ {}.", many(count, "time", "times")),
        };
        let untrusted = match gaps.len() {
            0 => String::new(),
            count => format!(" {} not to be relied on.", many(count, "stretch is", "stretches are")),
        };
        format!(
            "{} to {}. PureConnect: {}. Genesys Cloud: {}. Routing status: {}. {differing}{untrusted} All of it is in \
             the tables on this page.",
            self.clock(self.day.from),
            self.clock(self.day.until),
            many(wanted.presence.len(), "status", "statuses"),
            many(told.presence.len(), "presence", "presences"),
            many(told.routing.len(), "value", "values"),
        )
    }

    /// What a band says, since when and for how long.
    fn said(&self, band: &Band, value: &str) -> String {
        let status = band.text.as_deref().or(band.status.as_deref());
        let status = status.filter(|status| *status != value).map(|status| format!(" ({status})")).unwrap_or_default();
        let since = band.since.unwrap_or(band.from);
        let rule = band.rule.as_deref().map(|rule| format!("; {rule}")).unwrap_or_default();
        format!("{}{status}, {}{rule}", words(value), self.times(since, Some(band.until)))
    }

    fn times(&self, from: Timestamp, until: Option<Timestamp>) -> String {
        let took = duration(until.unwrap_or(self.day.at).duration_since(from));
        match until {
            Some(until) => format!("{} to {} ({took})", self.clock(from), self.clock(until)),
            None => format!("since {} ({took})", self.clock(from)),
        }
    }

    /// With the date where it is another one.
    fn clock(&self, moment: Timestamp) -> String {
        let moment = moment.to_zoned(self.zone.clone());
        let same = moment.date() == self.day.from.to_zoned(self.zone.clone()).date();
        moment.strftime(if same { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" }).to_string()
    }
}

/// As much of what a band says as there is room for: its status message, its value, its letter, nothing.
fn fitting<'a>(band: &'a Band, value: &'a str, look: Look, width: f64) -> Option<&'a str> {
    let status = band.text.as_deref().or(band.status.as_deref()).unwrap_or_default();
    let fits = |text: &&str| !text.is_empty() && room(text.chars().count()) <= width;
    [status, words(value), look.letter].into_iter().find(fits)
}

/// What so many letters need.
fn room(letters: usize) -> f64 {
    f64::from(u16::try_from(letters).unwrap_or(u16::MAX)) * LETTER + MARGIN
}

fn many(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}
