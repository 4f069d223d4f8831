//! What each kind of request reads or changes in the organisation, when nothing is in its way.

use domain::change::Value;
use domain::ids::{AgentId, CloudUserId};
use domain::target::{CloudUser, Observation, Presence, Seen, SystemPresence, UserState};
use replicator::engine::WorkId;
use replicator::ports::{Answer, ClaimScope, Failure, Lane, Order, Outcomes, UserPage};

use super::{Organisation, Primary, user_number};

/// A request on its way.
#[derive(Debug, Clone)]
pub enum Request {
    /// Changes.
    Deliver(Lane, Vec<Order>),
    /// A read-back.
    Observe(Vec<CloudUserId>),
    /// A page of the organisation's users.
    Users(u32),
    /// Who carries this agent's external id.
    External(AgentId),
    /// A claim of the primary source.
    Claim(ClaimScope),
    /// The end of a claim.
    Release(CloudUserId),
    /// A subscription to notifications.
    Subscribe(usize, Vec<CloudUserId>),
}

impl Request {
    /// What it is called in the trace.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Deliver(..) => "deliver",
            Self::Observe(_) => "observe",
            Self::Users(_) => "users",
            Self::External(_) => "external",
            Self::Claim(_) => "claim",
            Self::Release(_) => "release",
            Self::Subscribe(..) => "subscribe",
        }
    }
}

/// An answer on its way.
#[derive(Debug, Clone)]
pub enum Reply {
    /// To changes.
    Delivered(Answer<Outcomes>),
    /// To a read-back, and when it was read.
    Observed(Answer<Vec<Observation>>),
    /// To a page.
    Users(Answer<UserPage>),
    /// To an external id.
    External(Answer<Option<CloudUserId>>),
    /// To a claim.
    Claimed(Answer<()>),
    /// To the end of a claim.
    Released(Answer<()>),
    /// To a subscription.
    Subscribed(Answer<()>),
}

impl Reply {
    /// Tells the engine.
    pub fn tell(self, engine: &mut replicator::engine::Engine, now: domain::time::Now, id: WorkId) {
        match self {
            Self::Delivered(answer) => engine.handle_delivered(now, id, answer),
            Self::Observed(answer) => engine.handle_observed(now, id, answer),
            Self::Users(answer) => engine.handle_users(now, id, answer),
            Self::External(answer) => engine.handle_external(now, id, answer),
            Self::Claimed(answer) => engine.handle_claimed(now, id, answer),
            Self::Released(answer) => engine.handle_released(now, id, answer),
            Self::Subscribed(answer) => engine.handle_subscribed(now, id, answer),
        }
    }
}

impl Organisation {
    /// What is shown of one user. Of somebody else's source the presence is shown, and a routing status made of it.
    #[must_use]
    pub fn observe(&self, user: usize) -> Observation {
        let ours = self.is_ours(user);
        let stored = &self.users[user].facets;
        let other = Seen { value: Presence::of(SystemPresence::Busy), since: None };
        let mut shown = Observation {
            user: self.id(user),
            presence: Some(other),
            routing: None,
            out_of_office: None,
            ours: Some(ours),
        };
        for one in stored {
            match one.value {
                Value::Presence(value) if ours => shown.presence = Some(Seen { value, since: one.since }),
                Value::Presence(_) => {}
                Value::Routing(value) => shown.routing = Some(Seen { value, since: one.since }),
                Value::OutOfOffice(value) => shown.out_of_office = Some(Seen { value, since: one.since }),
            }
        }
        shown
    }

    /// A read-back; who does not exist is left out.
    #[must_use]
    pub fn observe_all(&self, users: &[CloudUserId]) -> Vec<Observation> {
        let known = users.iter().filter_map(|user| self.find(*user));
        known.map(|user| self.observe(user)).collect()
    }

    /// A page of users.
    #[must_use]
    pub fn page(&self, page: u32) -> UserPage {
        let first = (page as usize - 1) * self.page;
        let user = |(number, user): (usize, &super::User)| CloudUser {
            id: self.id(number),
            name: format!("User {number}"),
            email: Some(user.email.clone()).filter(|email| !email.is_empty()),
            state: if user.active { UserState::Active } else { UserState::Inactive },
        };
        let users = self.users.iter().enumerate().skip(first).take(self.page).map(user).collect();
        UserPage { users, next: (first + self.page < self.users.len()).then_some(page + 1) }
    }

    /// Who carries an agent's external id.
    #[must_use]
    pub fn find_external(&self, agent: usize) -> Option<CloudUserId> {
        self.external.get(&agent).map(|user| self.id(*user))
    }

    /// A claim.
    pub fn claim(&mut self, scope: ClaimScope) -> Result<(), Failure> {
        match scope {
            ClaimScope::Organisation => self.ours = true,
            ClaimScope::User(user) => self.set_primary(user, Primary::Ours)?,
        }
        Ok(())
    }

    /// The end of a claim: the platform's own source is the user's primary one, whatever the organisation's default is.
    pub fn release(&mut self, user: CloudUserId) -> Result<(), Failure> {
        self.set_primary(user, Primary::GivenBack)
    }

    fn set_primary(&mut self, user: CloudUserId, primary: Primary) -> Result<(), Failure> {
        if self.is_former(user) {
            return Err(Failure::Refused { reason: "404 not.found".to_owned() });
        }
        self.users[user_number(user)].primary = primary;
        Ok(())
    }
}
