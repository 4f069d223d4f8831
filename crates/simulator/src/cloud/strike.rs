//! What a fault does to the request that it strikes: an answer in place of the real one, or trouble on the way.

use std::time::Duration;

use super::access;
use super::fault::Effect;
use super::refusal::Refusal;
use super::request::{Content, Reply};
use super::state::{Delivery, State};

impl State {
    /// Lets a fault take the place of an answer, or decide what happens to it.
    pub(super) fn struck(
        &mut self,
        effect: Option<Effect>,
        correlation: &str,
        answer: impl FnOnce(&mut Self) -> Reply,
    ) -> (Reply, Delivery) {
        let rate = self.access.rate;
        let refuse = |refusal: Refusal| (refusal.reply(correlation), Delivery::Normal);
        let Some(effect) = effect else {
            return (answer(self), Delivery::Normal);
        };
        match effect {
            Effect::Refuse { status, code, message } => refuse(Refusal::new(status, &code, &message)),
            Effect::BadCredentials => refuse(Refusal::bad_credentials()),
            Effect::MissingPermission { permission } => refuse(Refusal::permission(&permission)),
            Effect::NotFound => refuse(Refusal::not_found()),
            Effect::Conflict => refuse(Refusal::presence_conflict()),
            Effect::TooLarge => refuse(Refusal::too_large()),
            Effect::Throttled { retry_after: Some(seconds) } => refuse(Refusal::throttled(seconds, rate)),
            Effect::Throttled { retry_after: None } => refuse(Refusal::throttled_silently(rate)),
            Effect::InternalError => refuse(Refusal::new(
                500,
                "internal.server.error",
                "The server encountered an unexpected condition which prevented it from fulfilling the request.",
            )),
            Effect::BadGateway => {
                let page =
                    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
                (Reply { status: 502, headers: Vec::new(), content: Content::Html(page) }, Delivery::Normal)
            }
            Effect::Unavailable { retry_after } => {
                let message = "Service Unavailable - The server is currently unavailable (because it is overloaded or \
                               down for maintenance).";
                refuse(Refusal { retry_after, ..Refusal::new(503, "service.unavailable", message) })
            }
            Effect::GatewayTimeout { applied } => {
                if applied {
                    answer(self);
                }
                refuse(Refusal::new(504, "request.timeout", "The request timed out."))
            }
            Effect::Delay { milliseconds } => (answer(self), Delivery::Late(Duration::from_millis(milliseconds))),
            Effect::Trickle { milliseconds } => (answer(self), Delivery::Trickle(Duration::from_millis(milliseconds))),
            Effect::Drop => (Reply::empty(500), Delivery::Reset),
            Effect::DropAfter => (answer(self), Delivery::Reset),
            Effect::Malformed => (answer(self), Delivery::Malformed),
            Effect::Truncated => (answer(self), Delivery::Truncated),
            Effect::Oversized { bytes } => (answer(self), Delivery::Oversized(bytes)),
            Effect::LoginThrottled => (access::login_throttled(), Delivery::Normal),
            // Those two never strike a whole request.
            Effect::EventError { .. } | Effect::Hold { .. } => (answer(self), Delivery::Normal),
        }
    }
}
