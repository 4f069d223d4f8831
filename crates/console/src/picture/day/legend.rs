//! What the colours, letters and patterns of a day mean, of those that are to be seen.

use maud::{Markup, html};

use super::value::{Look, words};
use crate::picture::axis::Axis;
use crate::shown::{Band, Day};

/// The legend.
pub(super) fn legend(day: &Day, axis: &Axis) -> Markup {
    html! {
        figcaption class="legend" {
            @for value in values(day, axis) {
                @let look = Look::of(value);
                span class="key" {
                    svg class="swatch" viewBox="0 0 24 16" aria-hidden="true" {
                        g class=(format!("band {}", look.class)) {
                            rect width="24" height="16" {}
                            @if let Some(pattern) = look.pattern {
                                rect class="pattern" fill=(format!("url(#{pattern})")) width="24" height="16" {}
                            }
                            text x="12" y="12" text-anchor="middle" { (look.letter) }
                        }
                    }
                    (words(value))
                }
            }
            @if !day.differences.is_empty() {
                span class="key" {
                    svg class="swatch" viewBox="0 0 24 16" aria-hidden="true" {
                        g class="differing" { rect y="3" width="24" height="10" {} }
                    }
                    "the two differ for 15 s or longer"
                }
                span class="key" {
                    svg class="swatch" viewBox="0 0 24 16" aria-hidden="true" {
                        g class="differing brief" { rect y="3" width="24" height="10" {} }
                    }
                    "shorter: the change was on its way"
                }
            }
            @if !day.gaps.is_empty() {
                span class="key" {
                    svg class="swatch" viewBox="0 0 24 16" aria-hidden="true" {
                        g class="untrusted" {
                            rect class="shade" width="24" height="16" {}
                            rect fill="url(#untrusted)" width="24" height="16" {}
                        }
                    }
                    "not to be relied on"
                }
            }
        }
    }
}

/// In the order in which they are met from top to bottom.
fn values<'a>(day: &'a Day, axis: &Axis) -> Vec<&'a str> {
    let mut values: Vec<&str> = Vec::new();
    let out_of_office = day.told.out_of_office.iter().filter(|band| super::is_out_of_office(band));
    let bands = day.wanted.presence.iter().chain(&day.told.presence).chain(&day.told.routing).chain(out_of_office);
    let seen = |band: &&Band| axis.stretch(band.from, band.until).is_some();
    for value in bands.filter(seen).filter_map(|band| band.value.as_deref()) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}
