//! What each token has used of what the platform allows, as bars with their numbers.

use maud::{Markup, html};

use crate::pages::layout::{Tone, badge, number};
use crate::shown::Token;

/// A bar is as long as this many tokens' requests, in units of the picture.
const LENGTH: u64 = 1_000;

/// A bar from here on is one to look at, in hundredths.
const FULL: u64 = 80;

/// Each token.
pub(super) fn tokens(tokens: &[Token]) -> Markup {
    html! {
        @if tokens.is_empty() {
            p class="muted" { "There is no token yet." }
        } @else {
            ol class="tokens" { @for (place, token) in tokens.iter().enumerate() { li { (bar(place + 1, token)) } } }
        }
    }
}

fn bar(place: usize, token: &Token) -> Markup {
    let (used, allowed) = (u64::from(token.used), u64::from(token.allowed).max(1));
    let length = (used * LENGTH / allowed).min(LENGTH);
    let class = match (token.refused, used * 100 / allowed >= FULL) {
        (true, _) => "bar-bad",
        (false, true) => "bar-warn",
        (false, false) => "bar-good",
    };
    html! {
        div class="token-line" {
            span { "Token " (place) @if token.refused { " " (badge(Tone::Bad, "not accepted")) } }
            span { (number(used)) " of " (number(u64::from(token.allowed))) }
        }
        svg class="token-bar" viewBox=(format!("0 0 {LENGTH} 8")) preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect class=(class) width=(length) height="8" {}
        }
    }
}
