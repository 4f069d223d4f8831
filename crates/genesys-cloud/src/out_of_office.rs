//! Out of office: one request a user and change, and only the newest value counts.
//!
//! Knows the body. There is no bulk form and no event for it, and a 403 here says nothing about presence.

use replicator::ports::{Answer, Failure, Order};

use crate::client::{Client, Spent};
use crate::convert;
use crate::events::Outcomes;
use crate::wire::OutOfOffice;

/// Sets or clears it for the first order; a request has room for one user.
pub(crate) async fn deliver(client: &Client, batch: &[Order]) -> Answer<Outcomes> {
    let Some((order, surplus)) = batch.split_first() else {
        return Spent::default().answer(Ok(Vec::new()));
    };
    let mut outcomes = Outcomes::with_capacity(batch.len());
    let mut spent = Spent::default();
    let outcome = match convert::set_out_of_office(order) {
        Err(reason) => Err(Failure::Refused { reason }),
        Ok(body) => {
            let user = order.user.to_string();
            let reply = client.put::<OutOfOffice>(&["users", &user, "outofoffice"], &body).await;
            spent = reply.spent;
            match reply.result {
                Ok(_) => Ok(()),
                Err(trouble) => return spent.answer(Err(trouble.failure)),
            }
        }
    };
    outcomes.push((order.change.id, outcome));
    outcomes.extend(surplus.iter().map(|order| {
        let reason = "out of office takes one user a request".to_owned();
        (order.change.id, Err(Failure::Deferred { reason }))
    }));
    spent.answer(Ok(outcomes))
}
