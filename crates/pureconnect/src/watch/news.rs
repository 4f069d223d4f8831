//! What a watch does with the messages that arrive.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::ids::StatusId;
use domain::source::{StatusMessage, Update};
use jiff::Timestamp;
use tokio::time::Instant;
use tracing::{debug, info, warn};

use super::{GATHER_POPULATION, Stop, UNKNOWN_STATUS, Watch};
use crate::convert::{self, Content, Message, Subject, SubscriptionState};
use crate::errands;
use crate::error::Error;
use crate::gathering::{Fate, Gathering};
use crate::limits;
use crate::picture::{Picture, UserPatch, WorkgroupPatch};
use crate::stream::Group;

impl Watch<'_> {
    /// Takes in what arrived together; what it changed is reported together.
    pub(super) async fn handle_group(&mut self, group: Group) -> Result<(), Stop> {
        let before = self.users_heard;
        let mut updates = Vec::new();
        for text in &group.messages {
            let message = self.weigh(text.len()).and_then(|()| self.read(text));
            let end = match message {
                Ok(Message::Report { whole, content }) => {
                    updates.extend(self.take_in(whole, content, group.received, text.len()));
                    None
                }
                Ok(Message::Subscription { id, state, detail }) => {
                    self.handle_subscription(id.as_deref(), state, &detail);
                    None
                }
                Ok(Message::Down { reason, again }) => {
                    Some(Error::Down { host: self.terms.asker.session.host().to_owned(), reason, again })
                }
                Ok(Message::Connection { state }) => {
                    debug!(state, "the state of the PureConnect connection changed");
                    None
                }
                Ok(Message::Unknown { kind }) => {
                    self.skip(kind);
                    None
                }
                Err(error) => Some(error),
            };
            if let Some(error) = end {
                // What came before it is true all the same.
                self.report_changes(group.received, updates).await?;
                return Err(error.into());
            }
        }
        self.look_after(&updates);
        self.report_changes(group.received, with_agents_once(updates)).await?;
        if self.users_heard == before { Ok(()) } else { self.users_changed().await }
    }

    fn read(&self, text: &str) -> Result<Message, Error> {
        convert::message(text, self.offset)
            .map_err(|error| Error::malformed(self.terms.asker.session.host(), "message", &error))
    }

    /// Whatever a server sends, it shall not fill the memory.
    fn weigh(&mut self, bytes: usize) -> Result<(), Error> {
        let (picture, gathering) = (&self.picture, &self.gathering);
        let weight = || picture.weight() + gathering.as_ref().map_or(0, Gathering::weight);
        if !self.scales.is_too_much(bytes, weight) {
            return Ok(());
        }
        let host = self.terms.asker.session.host().to_owned();
        Err(Error::TooLarge { host, what: "picture", limit: limits::PICTURE })
    }

    /// Merges news into the picture and answers what is to be reported of it now.
    fn take_in(&mut self, whole: bool, content: Content, received: Timestamp, bytes: usize) -> Vec<Update> {
        match &content {
            Content::Queues { subscription, .. } if whole => self.faults.mended(subscription),
            Content::Users { .. } => self.users_heard += 1,
            Content::Catalogue { .. } | Content::Workgroups { .. } | Content::Statuses(_) | Content::Queues { .. } => {}
        }
        let Some(gathering) = &mut self.gathering else {
            return self.picture.apply(whole, content);
        };
        let is_growth = !whole && self.picture.is_growth(&content);
        match gathering.fate(whole, &content, is_growth, Instant::now()) {
            Fate::Report => self.picture.apply(whole, content),
            Fate::Absorb => {
                gathering.absorbed(received);
                self.picture.apply(whole, content);
                Vec::new()
            }
            Fate::Hold => {
                gathering.hold(received, content, bytes);
                Vec::new()
            }
        }
    }

    /// A subscription that does not work is renewed with all others, ever more slowly.
    fn handle_subscription(&mut self, id: Option<&str>, state: SubscriptionState, detail: &str) {
        match state {
            SubscriptionState::Normal => self.faults.mended(id.unwrap_or_default()),
            SubscriptionState::Faulted | SubscriptionState::Suspended => {
                let now = Instant::now();
                if self.faults.broke(id.unwrap_or_default(), now) {
                    warn!(
                        host = self.terms.asker.session.host(),
                        subscription = id.unwrap_or("unnamed"),
                        state = ?state,
                        detail,
                        "a subscription at PureConnect does not report; it is renewed"
                    );
                }
                if let (Some(gathering), Some(id)) = (&mut self.gathering, id) {
                    gathering.excuse(Subject::Queues(id.to_owned()), now);
                }
            }
            SubscriptionState::None | SubscriptionState::Other(_) => {
                debug!(subscription = id, state = ?state, detail, "a subscription at PureConnect changed its state");
            }
        }
    }

    fn skip(&mut self, kind: String) {
        if self.unknown_kinds.len() < limits::LOGGED_ONCE && !self.unknown_kinds.contains(&kind) {
            debug!(kind, "skipped a message of a type that is not needed");
            self.unknown_kinds.insert(kind);
        }
    }

    /// The status messages, read again.
    pub(super) async fn handle_catalogue(&mut self, list: Vec<StatusMessage>) -> Result<(), Stop> {
        let updates = self.picture.apply(true, Content::Catalogue { set: list, removed: Vec::new() });
        if self.gathering.is_some() && self.live.is_none() {
            return Ok(());
        }
        let received = self.terms.asker.clock.now().utc;
        self.report_changes(received, updates).await
    }

    /// What changes have consequences for what is asked of the server.
    pub(super) fn look_after(&mut self, updates: &[Update]) {
        if self.live.is_none() {
            return;
        }
        if updates.iter().any(|update| matches!(update, Update::Catalogue(_))) {
            self.look_after_statuses(self.picture.unknown_statuses());
        } else {
            let used = updates.iter().filter_map(|update| match update {
                Update::Status(_, status) => Some(&status.status),
                Update::Catalogue(_)
                | Update::Workgroups(_)
                | Update::Agents(_)
                | Update::Rescoped(_)
                | Update::Interaction(..)
                | Update::InteractionLeft(..) => None,
            });
            let unknown = used.filter(|id| !self.picture.is_defined(id)).cloned().collect();
            self.look_after_statuses(unknown);
        }
        if updates.iter().any(|update| matches!(update, Update::Agents(_) | Update::Rescoped(_))) {
            self.look_after_population();
        }
    }

    /// An unknown status may be one that was just made: the status messages are read again, but not for ever.
    pub(super) fn look_after_statuses(&mut self, unknown: BTreeSet<StatusId>) {
        let now = Instant::now();
        self.asked_for.retain(|_, asked| now.duration_since(*asked) < UNKNOWN_STATUS);
        let room = limits::UNKNOWN_STATUSES.saturating_sub(self.asked_for.len());
        let new: Vec<_> = unknown.into_iter().filter(|id| !self.asked_for.contains_key(id)).take(room).collect();
        if new.is_empty() {
            return;
        }
        for status in new {
            info!(status = %status, "an agent is in a status that PureConnect did not define; reading the status messages");
            self.asked_for.insert(status, now);
        }
        self.errands.push(errands::catalogue(Arc::clone(&self.terms.asker.session)));
    }

    /// Statuses and queues are subscribed by name, so they follow who is in scope.
    pub(super) fn look_after_population(&mut self) {
        if self.picture.population() != self.population && self.population_due.is_none() {
            self.population_due = Some(Instant::now() + GATHER_POPULATION);
        }
    }
}

/// Lists of agents are whole, and a long one may come in parts; only the last is meant. It goes where the first was, so
/// that nobody is heard of before being introduced.
pub(super) fn with_agents_once(updates: Vec<Update>) -> Vec<Update> {
    let is_list = |update: &Update| matches!(update, Update::Agents(_));
    let mut last = updates.iter().rev().find(|update| is_list(update)).cloned();
    let rest = updates.into_iter();
    rest.filter_map(|update| if is_list(&update) { last.take() } else { Some(update) }).collect()
}

/// Takes in what was read, except where the subscription reported already: that is newer.
pub(super) fn absorb_read(
    picture: &mut Picture,
    gathering: &Gathering,
    catalogue: Vec<StatusMessage>,
    users: Vec<UserPatch>,
    workgroups: Option<Vec<WorkgroupPatch>>,
) {
    if !gathering.has(&Subject::Catalogue) {
        picture.apply(true, Content::Catalogue { set: catalogue, removed: Vec::new() });
    }
    if !gathering.has(&Subject::Users) {
        picture.apply(true, Content::Users { set: users, removed: Vec::new() });
    }
    if let Some(set) = workgroups
        && !gathering.has(&Subject::Workgroups)
    {
        picture.apply(true, Content::Workgroups { set, removed: Vec::new() });
    }
}
