//! Commands to a link, whichever of its runs is going on.

use replicator::Command;
use tokio::sync::{mpsc, watch};

/// One operator speaks at a time; whoever comes next waits.
pub const COMMANDS: usize = 1;

/// Where the link that runs at the moment takes commands; `None` while it does not run.
pub type Running = watch::Receiver<Option<mpsc::Sender<Command>>>;

/// Passes commands on to the link while it runs. While it does not, whoever asks hears that nobody answers.
pub async fn relay(mut heard: mpsc::Receiver<Command>, running: Running) {
    while let Some(command) = heard.recv().await {
        let link = running.borrow().clone();
        if let Some(link) = link {
            // When it has ended meanwhile, the command is dropped, which tells whoever waits for its answer.
            drop(link.send(command).await);
        }
    }
}
