//! An agent's day out of a journal, where no link runs in this process: for the terminal.

use domain::ids::AgentId;
use domain::source::Catalogue;
use jiff::Timestamp;
use store::{Location, ReadFailure, Reader};

use super::{Period, Unreadable, convert, day};
use crate::shown;

/// A journal, and what else there is to know of its link.
pub struct Past<'a> {
    /// Where it is.
    pub journal: &'a Location,
    /// The link.
    pub link: &'a str,
    /// The status messages of its PureConnect, as far as they are known.
    pub catalogue: &'a Catalogue,
    /// The time up to which the journal says how things are.
    pub at: Timestamp,
    /// Whether delivery is known to be direct. What the journal says of it is seen by itself.
    pub direct: bool,
}

impl Past<'_> {
    /// A day of an agent, or another period, as the API shows it; without the name, which no journal has.
    ///
    /// # Errors
    ///
    /// Where the journal cannot be read.
    pub async fn day(&self, agent: &AgentId, from: Timestamp, until: Timestamp) -> Result<shown::Day, Unreadable> {
        let period = Period { from, until };
        let mut reader = Reader::open(self.journal, self.link).await?;
        let read = async {
            let timeline = reader.timeline(agent, period.of_journal()).await?;
            Ok::<_, ReadFailure>((timeline, reader.gaps(period.of_journal()).await?))
        };
        let read = read.await;
        reader.close().await;
        let (timeline, gaps) = read?;
        let around = day::Surroundings {
            link: self.link,
            catalogue: self.catalogue,
            at: self.at,
            direct: self.direct,
            routing: true,
        };
        let day = day::day(&around, &timeline, period);
        Ok(shown::Day { gaps: gaps.iter().map(convert::interval).collect(), ..day })
    }
}
