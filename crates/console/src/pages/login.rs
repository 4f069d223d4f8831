//! The form that a token is given in.

use axum::response::Html;
use maud::{DOCTYPE, html};

use super::layout;

/// What is on it.
#[derive(Debug)]
pub(crate) struct Form<'a> {
    pub form_token: &'a str,
    /// Where to go afterwards.
    pub next: &'a str,
    /// What was wrong with it the last time.
    pub wrong: Option<&'a str>,
    /// Whether one may look without a token.
    pub is_open: bool,
    /// Whether there is any token.
    pub has_tokens: bool,
}

/// The page. Where the token comes from is said on it; the token itself is on no page.
pub(crate) fn page(form: &Form<'_>) -> Html<String> {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            (layout::head("Log in · Presence Bridge", false))
            body class="lonely" {
                main id="main" class="sheet" {
                    p class="brand" { (layout::mark()) span { "Presence Bridge" } }
                    h1 { "Log in" }
                    @if let Some(wrong) = form.wrong { p class="banner bad" role="alert" id="wrong" { (wrong) } }
                    @if form.has_tokens {
                        form method="post" action="/login" class="stack" {
                            input type="hidden" name=(crate::access::FORM_TOKEN) value=(form.form_token);
                            input type="hidden" name="next" value=(form.next);
                            label for="token" { "Token" }
                            input id="token" name="token" type="password" autocomplete="current-password" required autofocus
                                spellcheck="false" aria-describedby=(if form.wrong.is_some() { "wrong hint" } else { "hint" });
                            p class="hint" id="hint" {
                                "The viewer's or the administrator's, from " code { "viewer_token" } " or " code { "admin_token" }
                                " in the section " code { "[console]" } " of the configuration. Whoever runs the bridge has it."
                            }
                            button class="primary" type="submit" { "Log in" }
                        }
                    } @else {
                        p { "The configuration of this console has no token to log in with." }
                    }
                    @if form.is_open { p { a href="/" { "Look without logging in" } } }
                }
            }
        }
    };
    Html(markup.into_string())
}
