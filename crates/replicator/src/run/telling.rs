//! Tells whoever looks how agents stand, whenever that may have changed. Knows how much it says at once; the engine knows
//! who has changed.

use domain::source::Catalogue;
use tokio::sync::mpsc;

use crate::engine::{Engine, Standings};

/// So many agents at once: a few milliseconds of the loop's time.
const AT_ONCE: usize = 2_000;

/// Somebody who looks.
pub struct Telling {
    listener: mpsc::Sender<Standings>,
    /// Whether nothing was said yet.
    anew: bool,
    /// The status messages that were said.
    catalogue: Catalogue,
    /// Whether it is time to say more.
    due: bool,
}

impl Telling {
    pub fn new(listener: mpsc::Sender<Standings>) -> Self {
        Self { listener, anew: true, catalogue: Catalogue::default(), due: false }
    }

    /// From now on what has changed is said, until all of it is.
    pub fn is_due(&mut self) {
        self.due = true;
    }

    /// Room to say what there is to be said; pending while there is nothing, or nobody listens.
    pub async fn room(&self, has_news: bool) -> mpsc::OwnedPermit<Standings> {
        let wanted = self.due && (self.anew || has_news);
        match self.listener.clone().reserve_owned().await {
            Ok(room) if wanted => room,
            Ok(_) | Err(_) => std::future::pending().await,
        }
    }

    /// Says the next of it.
    pub fn tell(&mut self, engine: &mut Engine, room: mpsc::OwnedPermit<Standings>) {
        let mut standings = engine.poll_standings(AT_ONCE);
        standings.anew = std::mem::take(&mut self.anew);
        if engine.catalogue() != &self.catalogue {
            self.catalogue = engine.catalogue().clone();
            standings.catalogue = Some(self.catalogue.clone());
        }
        self.due = engine.has_standings();
        drop(room.send(standings));
    }
}

/// Room to say how agents stand, and who is to say it; never, where nobody looks.
pub async fn room(telling: &mut Option<Telling>, has_news: bool) -> (mpsc::OwnedPermit<Standings>, &mut Telling) {
    match telling {
        Some(telling) => (telling.room(has_news).await, telling),
        None => std::future::pending().await,
    }
}
