//! What a link is asked, and what an administrator orders. Knows how long to wait for an answer.

use std::time::Duration;

use domain::ids::AgentId;
use replicator::Command;
use replicator::engine::{Confirmation, Renewal};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::board::LinkBoard;

/// So long a link may take to answer: it does so between two steps of its work, which take milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a link does not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// It does not run.
    #[error("the link {link} does not run{}", .trouble.as_deref().map(|trouble| format!(": {trouble}")).unwrap_or_default())]
    NotRunning {
        /// Which link.
        link: String,
        /// Why not, where that is known.
        trouble: Option<String>,
    },
    /// It is too busy, or hangs.
    #[error("the link {link} did not answer within {} s", PATIENCE.as_secs())]
    NoAnswer {
        /// Which link.
        link: String,
    },
}

/// What PureConnect shows is right: delivery goes on, if it is frozen.
///
/// # Errors
/// The link does not answer.
pub async fn confirm(link: &LinkBoard) -> Result<Confirmation, Unavailable> {
    ask(link, Command::Confirm).await
}

/// Reads an agent back and puts right what differs.
///
/// # Errors
/// The link does not answer.
pub async fn renew(link: &LinkBoard, agent: &AgentId) -> Result<Renewal, Unavailable> {
    ask(link, |answer| Command::Renew(agent.clone(), answer)).await
}

/// Asks a link something.
pub(super) async fn ask<T>(
    link: &LinkBoard,
    question: impl FnOnce(oneshot::Sender<T>) -> Command,
) -> Result<T, Unavailable> {
    let not_running = || Unavailable::NotRunning { link: link.name.to_string(), trouble: link.trouble.clone() };
    let (answer, answered) = oneshot::channel();
    let asking = async {
        link.commands.send(question(answer)).await.map_err(|_| not_running())?;
        answered.await.map_err(|_| not_running())
    };
    match timeout(PATIENCE, asking).await {
        Ok(answer) => answer,
        Err(_) => Err(Unavailable::NoAnswer { link: link.name.to_string() }),
    }
}
