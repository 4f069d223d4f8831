//! Requests that have room for one user.
//!
//! Knows what becomes of a batch of which only the first order was sent.

use replicator::ports::{Answer, Failure, Order, Outcomes};

use crate::client::Spent;

/// The answer when this came of the first order; whatever else was in the batch comes again.
pub(crate) fn answer(spent: Spent, batch: &[Order], outcome: Result<(), Failure>) -> Answer<Outcomes> {
    let surplus = || Err(Failure::Deferred { reason: "a request takes one user".to_owned() });
    let outcomes = std::iter::once(outcome).chain(std::iter::repeat_with(surplus));
    spent.answer(Ok(batch.iter().map(|order| order.change.id).zip(outcomes).collect()))
}

/// The answer when the first order cannot be sent.
pub(crate) fn refused(batch: &[Order], reason: String) -> Answer<Outcomes> {
    answer(Spent::default(), batch, Err(Failure::Refused { reason }))
}
