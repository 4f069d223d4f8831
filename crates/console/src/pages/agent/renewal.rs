//! The administrator's order to read an agent back and put right what differs.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use domain::ids::AgentId;
use maud::{Markup, html};
use replicator::engine::Renewal;

use super::Found;
use crate::access::Admin;
use crate::model::{self, Unavailable};
use crate::pages::Visit;
use crate::pages::layout;

/// What came of the order, as it stands in the address afterwards.
const OUTCOMES: [(&str, &str, &str); 6] = [
    ("begun", "good", "It is on its way: the agent is read back next, and what differs is told again."),
    ("no-such-agent", "bad", "Nobody was read back: the agent is not in scope any more."),
    ("no-user", "bad", "Nobody was read back: the agent has no user in Genesys Cloud."),
    (
        "frozen",
        "bad",
        "Nobody was read back: delivery is frozen. Confirm on the overview what PureConnect shows, or wait.",
    ),
    ("not-running", "bad", "Nobody was read back: the link does not run."),
    ("no-answer", "bad", "The link did not answer in time. Try again in a moment."),
];

/// What the section is made for.
pub(super) struct Order<'a> {
    pub visit: &'a Visit,
    /// What the address says came of it.
    pub done: &'a str,
}

impl Order<'_> {
    /// The button, for whoever may press it, and what came of the last time.
    pub(super) fn section(&self, found: &Found) -> Markup {
        let outcome = OUTCOMES.into_iter().find(|(name, ..)| *name == self.done);
        let can = self.visit.is_admin() && found.agent.as_ref().is_some_and(|agent| agent.user.is_some());
        html! {
            @if let Some((_, tone, words)) = outcome { p class=(format!("banner {tone}")) role="status" { (words) } }
            @if can {
                form class="order" method="post" {
                    (layout::form_token(self.visit))
                    button type="submit" { "Read back and put right now" }
                    span class="hint" { "Reads what Genesys Cloud shows of this agent and tells again what differs. It is written to the journal." }
                }
            }
        }
    }
}

pub(super) async fn order(Admin(caller): Admin, visit: Visit, Path((name, id)): Path<(String, String)>) -> Response {
    let Some(link) = visit.board().link(&name) else { return visit.no_such_link(&name) };
    let outcome = match model::renew(&link, &AgentId::new(&id)).await {
        Ok(Renewal::Begun) => "begun",
        Ok(Renewal::NoSuchAgent) => "no-such-agent",
        Ok(Renewal::NoUser) => "no-user",
        Ok(Renewal::Frozen) => "frozen",
        Err(Unavailable::NotRunning { .. }) => "not-running",
        Err(Unavailable::NoAnswer { .. }) => "no-answer",
    };
    tracing::info!(link = name, agent = id, by = caller.name(), outcome, "an agent is to be read back and put right");
    // A page that is loaded again must not order it again.
    Redirect::to(&format!("{}?done={outcome}", layout::href(&["links", &name, "agents", &id]))).into_response()
}

#[cfg(test)]
mod tests {
    use super::OUTCOMES;

    #[test]
    fn an_outcome_is_said_in_words_of_its_own() {
        for (place, (name, _, words)) in OUTCOMES.iter().enumerate() {
            let same = OUTCOMES.iter().filter(|(other, _, others)| other == name || others == words).count();
            assert_eq!(same, 1, "{place}: {name}");
        }
    }
}
