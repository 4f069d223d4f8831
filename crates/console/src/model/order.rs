//! The order of a list, and the part of it that is on a page. Sorts no more than it has to.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::choice::Having;
use super::{Sort, SortBy};
use crate::board::{Agent, beginning};
use crate::shown::PageOf;

/// An agent who was found, with the beginning of what the list is sorted by: most comparisons need no more, and do not have
/// to fetch two names from all over the memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'b> {
    key: u64,
    pub(super) agent: &'b Agent,
}

impl<'b> Found<'b> {
    pub(super) fn new(agent: &'b Agent, having: &Having, by: SortBy) -> Self {
        let key = match by {
            SortBy::Name => agent.first(),
            // The board is in this order already.
            SortBy::Agent => 0,
            SortBy::State => u64::from(having.state as u8) * 16 + having.reason.map_or(15, |reason| reason as u64),
            SortBy::Since => agent.since().map_or(u64::MAX, since),
            SortBy::Status => status(agent).map_or(u64::MAX, beginning),
        };
        Self { key, agent }
    }

    fn cmp(&self, other: &Self, by: SortBy) -> Ordering {
        let by_name = || self.agent.search().cmp(other.agent.search());
        let by_id = || self.agent.id.cmp(&other.agent.id);
        self.key.cmp(&other.key).then_with(|| match by {
            SortBy::Agent => by_id(),
            SortBy::Name | SortBy::State | SortBy::Since => by_name().then_with(by_id),
            SortBy::Status => status(self.agent).cmp(&status(other.agent)).then_with(by_name).then_with(by_id),
        })
    }
}

/// The time as a number in the same order.
fn since(at: Timestamp) -> u64 {
    u64::try_from(at.as_microsecond().saturating_sub(Timestamp::MIN.as_microsecond())).unwrap_or(0)
}

/// What is shown of an agent's status.
fn status(agent: &Agent) -> Option<&str> {
    let text = agent.message.as_ref().map(|message| message.text.as_str());
    text.or(agent.status.as_ref().map(|status| status.status.as_str()))
}

/// The agents on a page, in their order, and where the page is.
pub(super) fn page_of<'b>(
    mut found: Vec<Found<'b>>,
    sort: Sort,
    (limit, page): (u64, u64),
    total: usize,
) -> (Vec<&'b Agent>, PageOf) {
    let pages = (found.len() as u64).div_ceil(limit).max(1);
    let page = page.min(pages);
    let on_page = PageOf { page, pages, limit, found: found.len() as u64, total: total as u64 };
    let first = usize::try_from((page - 1) * limit).unwrap_or(usize::MAX).min(found.len());
    let after = usize::try_from(page * limit).unwrap_or(usize::MAX).min(found.len());
    let order = |one: &Found<'b>, other: &Found<'b>| match sort.reversed {
        false => one.cmp(other, sort.by),
        true => other.cmp(one, sort.by),
    };
    if first > 0 && first < found.len() {
        found.select_nth_unstable_by(first, order);
    }
    let (rest, wanted) = (&mut found[first..], after - first);
    if wanted > 0 && wanted < rest.len() {
        rest.select_nth_unstable_by(wanted, order);
    }
    let shown = &mut rest[..wanted];
    shown.sort_unstable_by(order);
    (shown.iter().map(|found| found.agent).collect(), on_page)
}

/// All agents in their order.
pub(super) fn all(mut found: Vec<Found<'_>>, sort: Sort) -> Vec<&Agent> {
    found.sort_unstable_by(|one, other| one.cmp(other, sort.by));
    found.into_iter().map(|found| found.agent).collect()
}
