//! The table of endpoints: method, path template, permissions, and who answers.

use axum::http::Method;

use super::request::{Answer, Call};
use super::state::State;
use super::{
    access, adherence, analytics, channels, definitions, directory, events, external_ids, integrations,
    old_definitions, organization, out_of_office, presences, routing_status, search, sources, subscriptions,
    user_edits,
};

/// An endpoint.
pub(super) struct Route {
    pub method: Method,
    /// With `{}` in the variable places.
    pub template: &'static str,
    /// One of these permissions is needed; none if empty.
    pub any_of: &'static [&'static str],
    pub takes_body: bool,
    pub handle: fn(&mut State, &Call<'_>) -> Answer,
}

impl Route {
    /// An endpoint without a body.
    pub const fn new(
        method: Method,
        template: &'static str,
        any_of: &'static [&'static str],
        handle: fn(&mut State, &Call<'_>) -> Answer,
    ) -> Self {
        Self { method, template, any_of, takes_body: false, handle }
    }

    /// An endpoint that takes JSON.
    pub const fn with_body(
        method: Method,
        template: &'static str,
        any_of: &'static [&'static str],
        handle: fn(&mut State, &Call<'_>) -> Answer,
    ) -> Self {
        Self { method, template, any_of, takes_body: true, handle }
    }

    /// What stands in the variable places, if the path is one of this template.
    fn params<'p>(&self, segments: &'p [String]) -> Option<Vec<&'p str>> {
        let mut params = Vec::new();
        let mut parts = self.template[1..].split('/');
        for segment in segments {
            match parts.next()? {
                "{}" if !segment.is_empty() => params.push(segment.as_str()),
                part if part == segment => {}
                _ => return None,
            }
        }
        parts.next().is_none().then_some(params)
    }
}

/// Every endpoint, by who answers.
const ALL: [&[Route]; 18] = [
    access::ROUTES,
    adherence::ROUTES,
    analytics::ROUTES,
    channels::ROUTES,
    definitions::ROUTES,
    directory::ROUTES,
    events::ROUTES,
    external_ids::ROUTES,
    integrations::ROUTES,
    old_definitions::ROUTES,
    organization::ROUTES,
    out_of_office::ROUTES,
    presences::ROUTES,
    routing_status::ROUTES,
    search::ROUTES,
    sources::ROUTES,
    subscriptions::ROUTES,
    user_edits::ROUTES,
];

/// What a method and a path lead to.
pub(super) enum Found<'p> {
    Route(&'static Route, Vec<&'p str>),
    WrongMethod,
    Nothing,
}

/// Finds the endpoint. A literal segment beats a variable one, also when only the latter knows the method.
pub(super) fn find<'p>(method: &Method, segments: &'p [String]) -> Found<'p> {
    let fitting = || ALL.into_iter().flatten().filter_map(|route| Some((route, route.params(segments)?)));
    let Some(fewest) = fitting().map(|(_, params)| params.len()).min() else { return Found::Nothing };
    match fitting().find(|(route, params)| params.len() == fewest && route.method == method) {
        Some((route, params)) => Found::Route(route, params),
        None => Found::WrongMethod,
    }
}
