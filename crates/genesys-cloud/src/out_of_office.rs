//! Out of office: one request a user and change, and only the newest value counts.
//!
//! Knows the body. There is no bulk form and no event for it, and a 403 here says nothing about presence.

use replicator::ports::{Answer, Order, Outcomes};

use crate::client::{Client, Reply, Spent};
use crate::wire::OutOfOffice;
use crate::{convert, single};

/// Sets or clears it for the first order.
pub(crate) async fn deliver(client: &Client, batch: &[Order]) -> Answer<Outcomes> {
    let Some(order) = batch.first() else {
        return Spent::default().answer(Ok(Vec::new()));
    };
    let body = match convert::set_out_of_office(order) {
        Ok(body) => body,
        Err(reason) => return single::refused(batch, reason),
    };
    let user = order.user.to_string();
    let Reply { result, spent } = client.put::<OutOfOffice>(&["users", &user, "outofoffice"], &body).await;
    match result {
        Ok(_) => single::answer(spent, batch, Ok(())),
        Err(trouble) => spent.answer(Err(trouble.failure)),
    }
}
