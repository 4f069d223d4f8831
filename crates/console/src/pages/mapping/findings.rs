//! What is probably not meant as it is.

use maud::{Markup, html};

use crate::pages::layout::empty;
use crate::shown::Finding;

/// The section.
pub(super) fn findings(findings: &[Finding]) -> Markup {
    html! {
        section class="card" aria-labelledby="findings" {
            h2 id="findings" { "Worth a second look" }
            @if findings.is_empty() {
                (empty("Nothing to look at", html! { p { "No status message and no rule looks as if it was not meant so." } }))
            }
            @for finding in findings {
                article class="finding" id=(format!("finding-{}", finding.code)) {
                    h3 { (finding.fact) }
                    ul class="bullets" { @for one in &finding.each { li { (one.line) } } }
                    p { strong { "What to do: " } (finding.advice) }
                }
            }
        }
    }
}
