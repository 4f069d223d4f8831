//! What an administrator may order. The link itself writes both to the journal.

use axum::Json;
use replicator::engine::{Confirmation, Renewal};
use serde::Serialize;
use utoipa::ToSchema;

use super::agents;
use super::asked::{Asked, Nothing, OfAgent, OfLink};
use super::problem::{Kind, Problem};
use super::refusals;
use crate::access::Admin;
use crate::model;

/// What came of an order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Done {
    /// Whether there was anything to do.
    done: bool,
    /// What came of it, in words.
    what: String,
}

/// Confirm
///
/// Says that what PureConnect shows is right, so that delivery that is frozen goes on. Takes the administrator's token.
#[utoipa::path(
    post, path = "/links/{link}/confirm", tag = "orders", operation_id = "confirm",
    params(("link" = String, Path, description = "The link's name.")),
    responses(
        (status = 200, description = "Delivery goes on, or was not frozen.", body = Done),
        (status = 409, description = "What froze it cannot be confirmed.", content_type = "application/problem+json",
         body = Problem),
        refusals::Any, refusals::Named, refusals::Asking
    )
)]
pub(super) async fn confirm(
    Admin(caller): Admin,
    OfLink(link): OfLink,
    _: Asked<Nothing>,
) -> Result<Json<Done>, Problem> {
    match model::confirm(&link).await? {
        Confirmation::Confirmed(doubt) => {
            tracing::info!(link = %link.name, by = caller.name(), "delivery was confirmed through the API");
            let what = format!("confirmed: delivery goes on with the next snapshot, although {doubt}");
            Ok(Json(Done { done: true, what }))
        }
        Confirmation::NothingFrozen => {
            Ok(Json(Done { done: false, what: "delivery is not frozen: there is nothing to confirm".to_owned() }))
        }
        Confirmation::NotConfirmable(doubt) => Err(Problem::new(
            Kind::NotConfirmable,
            format!("{doubt}: nobody's word makes that right, so it stays frozen"),
        )),
    }
}

/// Resync an agent
///
/// Has what Genesys Cloud shows of an agent read back, and told again where it differs. Takes the administrator's token.
#[utoipa::path(
    post, path = "/links/{link}/agents/{agent}/resync", tag = "orders", operation_id = "resyncAgent",
    params(
        ("link" = String, Path, description = "The link's name."),
        ("agent" = String, Path, description = "The PureConnect user id, in any case.")
    ),
    responses(
        (status = 202, description = "The agent is read back next.", body = Done),
        (status = 409, description = "The agent has no cloud user, or delivery is frozen.",
         content_type = "application/problem+json", body = Problem),
        refusals::Any, refusals::Named, refusals::Asking
    )
)]
pub(super) async fn resync(
    Admin(caller): Admin,
    OfAgent(link, agent): OfAgent,
    _: Asked<Nothing>,
) -> Result<(axum::http::StatusCode, Json<Done>), Problem> {
    match model::renew(&link, &agent).await? {
        Renewal::Begun => {
            tracing::info!(link = %link.name, %agent, by = caller.name(), "an agent is put right by order through the API");
            let what = "the agent is read back next, and what differs is told again".to_owned();
            Ok((axum::http::StatusCode::ACCEPTED, Json(Done { done: true, what })))
        }
        Renewal::NoSuchAgent => Err(agents::unknown(&link, agent.as_str())),
        Renewal::NoUser => {
            let words = format!("the agent {agent} has no user in Genesys Cloud: see the list of users for why");
            Err(Problem::new(Kind::NoCloudUser, words))
        }
        Renewal::Frozen => {
            let words =
                "delivery is frozen, so nothing is told to anybody: look at the link, and confirm it if it is right";
            Err(Problem::new(Kind::DeliveryFrozen, words))
        }
    }
}
