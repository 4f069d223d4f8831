//! The agents of a link, as they stand now.

use axum::Json;
use axum::http::Uri;

use super::asked::{Asked, Nothing, OfAgent, OfLink};
use super::paging::Links;
use super::problem::{Kind, Problem};
use super::refusals;
use crate::access::Viewer;
use crate::board::LinkBoard;
use crate::model::AgentQuery;
use crate::{model, shown};

/// Agents
///
/// A page of the agents in scope that the filters find. The header `Link` leads to the other pages.
#[utoipa::path(
    get, path = "/links/{link}/agents", tag = "agents", operation_id = "listAgents",
    params(("link" = String, Path, description = "The link's name."), AgentQuery),
    responses(
        (status = 200, description = "A page of the agents.", body = shown::AgentPage,
         headers(("Link" = String, description = "The first, previous, next and last page (RFC 8288)."))),
        refusals::Any, refusals::Named
    )
)]
pub(super) async fn list(
    uri: Uri,
    _: Viewer,
    OfLink(link): OfLink,
    Asked(query): Asked<AgentQuery>,
) -> (Links, Json<shown::AgentPage>) {
    let page = model::agents(&link, &query);
    (Links::new(&uri, &page.page), Json(page))
}

/// An agent
///
/// How the agent stands now: the status in PureConnect, what Genesys Cloud shall show and was told, which rule decides.
#[utoipa::path(
    get, path = "/links/{link}/agents/{agent}", tag = "agents", operation_id = "getAgent",
    params(
        ("link" = String, Path, description = "The link's name."),
        ("agent" = String, Path, description = "The PureConnect user id, in any case.")
    ),
    responses((status = 200, description = "The agent.", body = shown::Agent), refusals::Any, refusals::Named)
)]
pub(super) async fn one(
    _: Viewer,
    OfAgent(link, agent): OfAgent,
    _: Asked<Nothing>,
) -> Result<Json<shown::Agent>, Problem> {
    model::agent(&link, &agent).map(Json).ok_or_else(|| unknown(&link, agent.as_str()))
}

/// Nobody has this id.
pub(super) fn unknown(link: &LinkBoard, agent: &str) -> Problem {
    Problem::new(Kind::UnknownAgent, format!("nobody in the scope of the link {} has the id \"{agent}\"", link.name))
}
