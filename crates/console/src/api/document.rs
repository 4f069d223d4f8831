//! The description of the API: OpenAPI 3.1, of the code itself.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi as Document, SecurityRequirement};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use super::{agents, asked, days, links, mappings, orders, refusals, stream, users};
use crate::access::Viewer;
use crate::server::App;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Presence Bridge",
        version = "1",
        description = "How agents' presence, out of office and routing status get from PureConnect to Genesys Cloud, as the \
                       console shows it. Times are UTC. Keys may be added; no key gets another meaning.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/api/v1")),
    tags(
        (name = "links", description = "Each link: one PureConnect system replicated into one Genesys Cloud organisation."),
        (name = "agents", description = "The agents in scope, how they stand, and what they did."),
        (name = "mapping", description = "What each status message means."),
        (name = "users", description = "Who in PureConnect is whom in Genesys Cloud."),
        (name = "orders", description = "The two things that can be ordered. They take the administrator's token, and are in \
                                         the journal."),
        (name = "description", description = "This document."),
    ),
    modifiers(&Tokens),
    components(schemas(Problem)),
)]
struct Description;

/// Tokens in the header `Authorization`. On a loopback address without tokens none is needed.
struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut Document) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let bearer = bearer.description(Some("The viewer's or the administrator's token of the section [console]."));
        let components = document.components.get_or_insert_default();
        components.security_schemes.insert("token".to_owned(), SecurityScheme::Http(bearer.build()).into());
        let nothing = SecurityRequirement::default();
        document.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("token", []), nothing]);
    }
}

/// All routes with their descriptions.
pub(super) fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(links::list))
        .routes(routes!(links::one))
        .routes(routes!(links::delays))
        .routes(routes!(links::health))
        .routes(routes!(links::trust_intervals))
        .routes(routes!(agents::list))
        .routes(routes!(agents::one))
        .routes(routes!(days::day))
        .routes(routes!(days::changes))
        .routes(routes!(days::changes_csv))
        .routes(routes!(stream::follow))
        .routes(routes!(mappings::all))
        .routes(routes!(mappings::attempt))
        .routes(routes!(users::list))
        .routes(routes!(users::table))
        .routes(routes!(orders::confirm))
        .routes(routes!(orders::resync))
        .routes(routes!(openapi))
}

/// The document, with a line for each thing that it says.
pub(super) fn document() -> String {
    let document = described().to_openapi();
    let mut text = document.to_pretty_json().expect("the document is made of maps and texts");
    text.push('\n');
    text
}

static DOCUMENT: LazyLock<String> = LazyLock::new(document);

/// This document
///
/// The OpenAPI description of the API, version 3.1.
#[utoipa::path(
    get, path = "/openapi.json", tag = "description",
    responses((status = 200, description = "The document.", content_type = "application/json", body = Object), refusals::Any)
)]
async fn openapi(_: Viewer, _: asked::Asked<asked::Nothing>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_that_is_kept_is_the_one_that_is_served() {
        let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        let made = document();
        if std::env::var_os("RENEW_OPENAPI").is_some() {
            std::fs::write(place, &made).unwrap();
        }
        let kept = std::fs::read_to_string(place).unwrap_or_default();
        let renew = "docs/openapi.json is not what the API is: if that is meant, \
                     RENEW_OPENAPI=1 cargo test --package console the_document_that_is_kept";
        assert!(kept == made, "{renew}");
    }

    #[test]
    fn it_is_of_version_3_1_and_knows_its_tokens() {
        let document: serde_json::Value = serde_json::from_str(&document()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["servers"][0]["url"], super::super::PREFIX);
        assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    }
}
