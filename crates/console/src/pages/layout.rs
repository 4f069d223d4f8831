//! What every page has around it: head, navigation, the line that says what is wrong with what is shown, foot.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::visit::Visit;
pub(crate) use super::words::{
    Clock, Tone, ago, badge, counted, duration, empty, fact, milliseconds, number, presence_pill, routing, since,
    state_badge, time,
};
use crate::board::LinkBoard;
use crate::server::{Asset, href as asset};

/// A page.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// What it is about; the name of the link and of the program follow it in the browser's tab.
    pub title: &'a str,
    /// Where it is in the navigation.
    pub here: Here,
    /// The link that it is about.
    pub link: Option<&'a LinkBoard>,
    /// The pages above it, below those of the navigation.
    pub crumbs: Vec<Crumb>,
    /// What is in it, below its heading.
    pub body: Markup,
}

/// A place of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Here {
    Overview,
    Agents,
    Mapping,
    Users,
    Health,
    /// None of them.
    Elsewhere,
}

/// A page above another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Crumb {
    pub title: String,
    pub href: String,
}

/// What may stand in a path as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path of these parts, whatever is in them.
pub(crate) fn href(parts: &[&str]) -> String {
    parts.iter().fold(String::new(), |path, part| {
        // A browser would take these for steps up and down.
        let part = if matches!(*part, "." | "..") {
            part.replace('.', "%2E")
        } else {
            utf8_percent_encode(part, PLAIN).to_string()
        };
        path + "/" + &part
    })
}

/// What a form needs so that it is taken from nobody but the page's reader.
pub(crate) fn form_token(visit: &Visit) -> Markup {
    html! { input type="hidden" name=(crate::access::FORM_TOKEN) value=(visit.caller().form_token); }
}

/// The faults of a whole day are counted for it: in seconds.
const HEALTH_APART: &str = "15";

/// The page as a document.
pub(crate) fn document(visit: &Visit, page: &Page<'_>) -> Markup {
    let live = page.link.map_or_else(
        || "/live".to_owned(),
        |link| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("link", &link.name);
            if page.here == Here::Health {
                query.append_pair("apart", HEALTH_APART);
            }
            format!("/live?{}", query.finish())
        },
    );
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(&title(page), true))
            body data-live=(live) data-link=[page.link.map(|link| href(&["links", &link.name]))] {
                a class="skip" href="#main" { "Skip to the content" }
                (top(visit, page))
                div class="banner bad" id="lost" role="status" hidden {}
                (main(visit, page))
                (foot(visit))
                (keys())
            }
        }
    }
}

/// The page's content alone: what the script asks for when something has changed.
pub(crate) fn main(visit: &Visit, page: &Page<'_>) -> Markup {
    html! {
        main id="main" tabindex="-1" data-title=(title(page)) data-zone=(zone(visit)) {
            (banner(visit, page))
            @if !page.crumbs.is_empty() {
                nav class="crumbs" aria-label="Above this page" {
                    ol { @for crumb in &page.crumbs { li { a href=(crumb.href) { (crumb.title) } } } }
                }
            }
            h1 { (page.title) }
            (page.body)
        }
    }
}

fn title(page: &Page<'_>) -> String {
    match page.link {
        Some(link) => format!("{} · {} · Presence Bridge", page.title, link.name),
        None => format!("{} · Presence Bridge", page.title),
    }
}

/// What a browser has to know before the page.
pub(crate) fn head(title: &str, script: bool) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) }
            link rel="icon" href=(asset(Asset::Icon)) type="image/svg+xml";
            link rel="stylesheet" href=(asset(Asset::Style));
            link rel="stylesheet" href=(asset(Asset::Pictures));
            @if script { script src=(asset(Asset::Script)) defer {} }
        }
    }
}

/// The program's mark, as in the browser's tab.
pub(crate) fn mark() -> Markup {
    html! {
        svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false" {
            (PreEscaped("<path d=\"M3 23C9 9 23 9 29 23\" /><path d=\"M3 23h26M10 16.2V23M16 13V23M22 16.2V23\" /><circle cx=\"3.4\" cy=\"23\" r=\"2.4\" /><circle cx=\"28.6\" cy=\"23\" r=\"2.4\" />"))
        }
    }
}

fn top(visit: &Visit, page: &Page<'_>) -> Markup {
    let links = visit.board().links();
    let link = page.link.map(|link| link.name.to_string()).or_else(|| links.first().map(|link| link.name.to_string()));
    let places = [
        (Here::Agents, "Agents", "agents", "a"),
        (Here::Mapping, "Mapping", "mapping", "m"),
        (Here::Users, "Users", "users", "u"),
        (Here::Health, "Health", "health", "h"),
    ];
    let current = |here: Here| (page.here == here).then_some("page");
    html! {
        header class="top" {
            div class="top-line" {
                a class="brand" href="/" { (mark()) span { "Presence Bridge" } }
                nav class="places" aria-label="Pages" {
                    ul {
                        li { a href="/" data-key="o" aria-current=[current(Here::Overview)] { "Overview" } }
                        @if let Some(name) = &link {
                            @for (here, title, place, key) in places {
                                li { a href=(href(&["links", name, place])) data-key=(key) aria-current=[current(here)] { (title) } }
                            }
                        }
                    }
                }
                (who(visit))
            }
            @if let Some(chosen) = page.link.filter(|_| links.len() > 1) {
                nav class="links" aria-label="Links" {
                    ul {
                        @for link in &links {
                            @let place = places.iter().find(|(here, ..)| *here == page.here).map_or("agents", |(_, _, place, _)| place);
                            li {
                                a href=(href(&["links", &link.name, place])) aria-current=[(link.name == chosen.name).then_some("true")] {
                                    (link.name)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Who looks, and the way in or out.
fn who(visit: &Visit) -> Markup {
    let caller = visit.caller();
    html! {
        div class="who" {
            @if visit.is_admin() { span class="role" title=(caller.name()) { "Administrator" } }
            @if caller.has_session() {
                form method="post" action="/logout" { (form_token(visit)) button class="plain" type="submit" { "Log out" } }
            } @else if visit.app().door.has_tokens() && !visit.is_admin() {
                @let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", visit.here()).finish();
                a href=(format!("/login?{query}")) { "Log in" }
            }
        }
    }
}

/// What is wrong with what the page shows, where something is.
fn banner(visit: &Visit, page: &Page<'_>) -> Markup {
    let Some(link) = page.link else { return html! {} };
    let clock = visit.clock(link);
    html! {
        @if let Some(trouble) = &link.trouble {
            div class="banner bad" role="status" {
                strong { "This link does not run. " } (trouble)
                @if let Some(since) = link.stale_since { " What you see is how it stood at " (time(&clock, since)) "." }
            }
        } @else if let Some(since) = link.stale_since {
            div class="banner warn" role="status" {
                strong { "Nothing is heard of this link. " } "What you see is how it stood at " (time(&clock, since)) "."
            }
        }
    }
}

fn foot(visit: &Visit) -> Markup {
    html! {
        footer class="foot" {
            p {
                "Presence Bridge " (visit.app().version) " · Times are in " span id="zone" { (zone(visit)) } "; point at one for UTC"
            }
            ul {
                li { a href="/api/v1/openapi.json" { "API" } }
                li { a href="/metrics" { "Metrics" } }
                li { button class="plain" type="button" id="show-keys" hidden { "Keys " kbd { "?" } } }
            }
        }
    }
}

fn zone(visit: &Visit) -> &str {
    visit.zone().iana_name().unwrap_or("UTC")
}

/// The keys. The script opens it; without one there are no keys.
fn keys() -> Markup {
    let keys: [(&[&str], &str); 7] = [
        (&["/"], "Search"),
        (&["g", "o"], "Overview"),
        (&["g", "a"], "Agents"),
        (&["g", "m"], "Mapping"),
        (&["g", "u"], "Users"),
        (&["g", "h"], "Health"),
        (&["?"], "These keys"),
    ];
    html! {
        dialog id="keys" aria-labelledby="keys-title" {
            h2 id="keys-title" { "Keys" }
            dl class="keys" {
                @for (keys, does) in keys {
                    div {
                        dt { @for (place, key) in keys.iter().enumerate() { @if place > 0 { " then " } kbd { (key) } } }
                        dd { (does) }
                    }
                }
            }
            label { input type="checkbox" id="keys-on" checked; " Keys are on" }
            form method="dialog" { button type="submit" { "Close" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::href;

    #[test]
    fn any_name_may_be_a_part_of_a_path() {
        assert_eq!(href(&["links", "main", "agents", "a b/c?d#e%"]), "/links/main/agents/a%20b%2Fc%3Fd%23e%25");
        assert_eq!(href(&["links", "..", "."]), "/links/%2E%2E/%2E");
        assert_eq!(href(&["links", "Zürich"]), "/links/Z%C3%BCrich");
    }
}
