//! Carries out what happens, and writes it into the truth. Whom to tell is the business of [`super::tell`].

use std::sync::Arc;

use domain::ids::{AgentId, InteractionId, StatusId, WorkgroupId};

use super::World;
use super::action::{ActError, Action};
use super::interaction::{By, Call, Interaction, Queue, State};
use super::rights::Withheld;
use super::truth::{Beginning, TruthChange};
use super::user::{Former, Properties, Until, compact};

/// How many former statuses a user can go back to.
const FORMER: usize = 3;

impl World {
    /// Lets several things happen at one time. Stops at the first that cannot happen.
    pub(crate) fn act_together(&mut self, actions: Vec<Action>) -> Result<(), ActError> {
        self.moment = Some(self.clock.utc());
        let acted = actions.into_iter().try_for_each(|action| self.act(action));
        self.moment = None;
        acted
    }

    /// Lets it happen.
    pub(crate) fn act(&mut self, action: Action) -> Result<(), ActError> {
        match action {
            Action::Status { user, status, notes, forward_number, until, unlisted } => {
                self.set_status(&user, &status, (notes, forward_number, until), unlisted)
            }
            Action::LogOn { user } => self.set_desk(&user, true),
            Action::LogOff { user } => self.set_desk(&user, false),
            Action::Offer { interaction } => self.place(interaction, None, State::Offering),
            Action::Alert { user, interaction } => self.place(interaction, Some(&user), State::Alerting),
            Action::Dial { user, interaction } => self.place(interaction, Some(&user), State::Proceeding),
            Action::Answer { id } => self.answer(&id),
            Action::Hold { id } => self.turn(&id, State::Connected, State::Held),
            Action::Resume { id } => self.turn(&id, State::Held, State::Connected),
            Action::Disconnect { id, by } => self.disconnect(&id, by),
            Action::Transfer { id, to } => self.transfer(&id, &to),
            Action::Leave { id } => self.leave(&id),
            Action::Remove { id } => self.remove(&id),
            Action::AddUser { user, display_name, email, workgroups } => {
                self.add_user(&user, &display_name, email, &workgroups)
            }
            Action::RemoveUser { user } => self.remove_user(&user),
            Action::ChangeEmail { user, email } => self.change_email(&user, email),
            Action::StatusMessage { message } => self.put_status_message(message),
            Action::RemoveStatusMessage { status } => self.remove_status_message(&status),
            Action::Activate { user, workgroup, active } => self.activate(&user, &workgroup, active),
            Action::Membership { user, workgroup, member } => self.set_membership(&user, &workgroup, member),
            Action::Rights { withheld } => {
                self.withheld = Withheld::new(withheld);
                Ok(())
            }
            Action::WorkforceLicence { present } => {
                self.setup.workforce_engagement = present;
                Ok(())
            }
            Action::Release { year, number } => {
                self.setup.release = (year, number);
                Ok(())
            }
        }
    }

    fn set_status(
        &mut self,
        user: &str,
        status: &str,
        (notes, forward_number, until): (String, String, Option<Until>),
        unlisted: bool,
    ) -> Result<(), ActError> {
        let spelled = match self.catalogue.get(&StatusId::new(status)) {
            Some(message) => message.status_id.as_str(),
            None if unlisted => status,
            None => return Err(ActError::UnknownStatus(status.to_owned())),
        };
        let new: Arc<str> = Arc::from(spelled);
        let now = self.now();
        let id = AgentId::new(user);
        let user = self.users.get_mut(&id).ok_or_else(|| ActError::UnknownUser(user.to_owned()))?;
        let mut changed = Properties::NONE;
        let changes = [
            (user.notes != notes, Properties::NOTES),
            (user.forward_number != forward_number, Properties::FORWARD_NUMBER),
            (user.until != until, Properties::UNTIL),
            (user.status != new, Properties::STATUS | Properties::STATUS_CHANGED),
        ];
        for (differs, property) in changes {
            if differs {
                changed = changed | property;
            }
        }
        let former = Former {
            status: Arc::clone(&user.status),
            notes: std::mem::replace(&mut user.notes, notes),
            forward_number: std::mem::replace(&mut user.forward_number, forward_number),
        };
        user.until = until;
        if !changed.includes(Properties::STATUS) {
            if changed != Properties::NONE {
                self.tell_status(&id, changed);
            }
            return Ok(());
        }
        user.former.push(former);
        if user.former.len() > FORMER {
            user.former.remove(0);
        }
        user.status = Arc::clone(&new);
        user.status_changed = now;
        let name = Arc::clone(&user.id);
        let change = TruthChange::Status { status: new, status_changed: compact(now), merged: false };
        let sequence = self.record(&name, change);
        self.tell_new_status(&id, changed, sequence);
        Ok(())
    }

    /// Writes an agent's change into the truth; the service account is no agent.
    pub(crate) fn record(&mut self, user: &Arc<str>, change: TruthChange) -> u64 {
        if self.users.get(&AgentId::new(user)).is_some_and(|user| user.service) {
            return u64::MAX;
        }
        let now = self.now();
        self.log.push(now, user, change)
    }

    /// Writes down how an agent begins; the service account is no agent.
    pub(crate) fn record_beginning(&mut self, id: &AgentId) {
        let Some(user) = self.users.get(id).filter(|user| !user.service) else { return };
        self.log.begin(Beginning {
            user: Arc::clone(&user.id),
            at: user.status_changed,
            status: Arc::clone(&user.status),
            logged_in: user.logged_in(),
        });
    }

    fn set_desk(&mut self, user: &str, at_desk: bool) -> Result<(), ActError> {
        let id = self.known(user)?;
        self.change_presence(&id, |user| user.at_desk = at_desk);
        Ok(())
    }

    /// Changes what makes a user logged in, and tells when that is a difference.
    pub(crate) fn change_presence(&mut self, id: &AgentId, change: impl FnOnce(&mut super::User)) {
        let Some(user) = self.users.get_mut(id) else { return };
        let before = user.logged_in();
        change(user);
        let logged_in = user.logged_in();
        if before != logged_in {
            let name = Arc::clone(&user.id);
            self.record(&name, TruthChange::LoggedIn { logged_in });
            self.tell_status(id, Properties::LOGGED_IN | Properties::STATIONS | Properties::IC_SERVERS);
            self.tell_logon(id, logged_in);
        }
    }

    pub(crate) fn known(&self, user: &str) -> Result<AgentId, ActError> {
        let id = AgentId::new(user);
        if self.users.contains_key(&id) { Ok(id) } else { Err(ActError::UnknownUser(user.to_owned())) }
    }

    /// Puts a new or waiting interaction on a user's queue, or into its workgroup's alone.
    fn place(&mut self, interaction: Interaction, user: Option<&str>, state: State) -> Result<(), ActError> {
        let user = user.map(|user| self.known(user)).transpose()?;
        let workgroup = interaction.workgroup.as_deref().map(WorkgroupId::new);
        if let Some(id) = &workgroup
            && !self.workgroups.contains_key(id)
        {
            return Err(ActError::UnknownWorkgroup(id.to_string()));
        }
        let id = InteractionId::new(&interaction.id);
        let waits = self.calls.get(&id).map(|call| call.state == State::Offering);
        match waits {
            Some(true) => self.change(&id, |call, now| {
                call.state = state;
                call.user = user;
                call.on_user_queue = Some(now);
            }),
            Some(false) => return Err(ActError::AlreadyThere(interaction.id)),
            None => {
                let now = self.now();
                let on_user_queue = user.is_some().then_some(now);
                let call = Call {
                    id: id.clone(),
                    workgroup,
                    direction: interaction.direction,
                    media: interaction.media,
                    state: State::Offering,
                    user: None,
                    station: None,
                    initiated: now,
                    on_user_queue,
                    answered: None,
                    ended: None,
                    set: std::collections::BTreeMap::new(),
                };
                self.calls.insert(id.clone(), call);
                self.change_from(&id, &[], |call, _| {
                    call.state = state;
                    call.user = user;
                });
            }
        }
        Ok(())
    }

    fn answer(&mut self, id: &str) -> Result<(), ActError> {
        let id = self.in_state(id, |state| matches!(state, State::Alerting | State::Proceeding))?;
        self.change(&id, |call, now| {
            call.state = State::Connected;
            call.answered = call.answered.or(Some(now));
        });
        Ok(())
    }

    fn turn(&mut self, id: &str, from: State, to: State) -> Result<(), ActError> {
        let id = self.in_state(id, |state| state == from)?;
        self.change(&id, |call, _| call.state = to);
        Ok(())
    }

    fn disconnect(&mut self, id: &str, by: By) -> Result<(), ActError> {
        let id = self.in_state(id, |state| !matches!(state, State::EndedByUs | State::EndedByRemote))?;
        self.change(&id, |call, now| {
            call.state = match by {
                By::Us => State::EndedByUs,
                By::Remote => State::EndedByRemote,
            };
            call.ended = Some(now);
        });
        Ok(())
    }

    fn transfer(&mut self, id: &str, to: &str) -> Result<(), ActError> {
        let to = self.known(to)?;
        let id = self.in_state(id, State::is_talking)?;
        self.change(&id, |call, now| {
            call.state = State::Alerting;
            call.user = Some(to);
            call.on_user_queue = Some(now);
        });
        Ok(())
    }

    fn leave(&mut self, id: &str) -> Result<(), ActError> {
        let id = self.in_state(id, |_| true)?;
        if self.calls.get(&id).is_some_and(|call| call.workgroup.is_none()) {
            return self.remove(id.as_str());
        }
        self.change(&id, |call, _| {
            call.state = State::Offering;
            call.user = None;
            call.on_user_queue = None;
        });
        Ok(())
    }

    pub(super) fn remove(&mut self, id: &str) -> Result<(), ActError> {
        let id = self.in_state(id, |_| true)?;
        if let Some(call) = self.calls.remove(&id) {
            let queues = call.queues();
            self.tell_call(&id, &queues);
            if let Some(user) = &call.user {
                self.left(user, &id);
                self.update_phone(user);
                self.tell_ringing(&id, ringing_at(&call), None);
            }
        }
        Ok(())
    }

    fn in_state(&self, id: &str, fits: impl FnOnce(State) -> bool) -> Result<InteractionId, ActError> {
        let key = InteractionId::new(id);
        let call = self.calls.get(&key).ok_or_else(|| ActError::UnknownInteraction(id.to_owned()))?;
        if fits(call.state) {
            Ok(key)
        } else {
            Err(ActError::WrongState { id: id.to_owned(), state: call.state.letter() })
        }
    }

    fn change(&mut self, id: &InteractionId, change: impl FnOnce(&mut Call, jiff::Timestamp)) {
        let queues = self.calls.get(id).map(Call::queues).unwrap_or_default();
        self.change_from(id, &queues, change);
    }

    /// Changes an interaction that was on these queues, keeps its user's queue in step, records and tells.
    fn change_from(&mut self, id: &InteractionId, before: &[Queue], change: impl FnOnce(&mut Call, jiff::Timestamp)) {
        let now = self.now();
        let Some(call) = self.calls.get_mut(id) else { return };
        let from = call.user.clone();
        let rang = ringing_at(call);
        change(call, now);
        let rings = ringing_at(call);
        let to = call.user.clone();
        if from != to {
            let station = to.as_ref().and_then(|user| self.users.get(user)).and_then(|user| user.station.clone());
            call.station = station;
        }
        let truth = self.calls.get(id).map(|call| self.interaction_truth(call));
        if let Some(from) = from.filter(|from| Some(from) != to.as_ref()) {
            self.left(&from, id);
            self.update_phone(&from);
        }
        if let Some(to) = &to
            && let Some(user) = self.users.get_mut(to)
            && let Some(truth) = truth
        {
            user.interactions.insert(id.clone());
            let name = Arc::clone(&user.id);
            self.record(&name, TruthChange::Interaction(truth));
        }
        let after = self.calls.get(id).map(Call::queues).unwrap_or_default();
        self.tell_call(id, &[before, &after].concat());
        if let Some(to) = &to {
            self.update_phone(to);
        }
        self.tell_ringing(id, rang, rings);
    }

    fn tell_ringing(&mut self, id: &InteractionId, rang: Option<AgentId>, rings: Option<AgentId>) {
        let acd = self.calls.get(id).is_some_and(|call| self.is_acd(call));
        if rang != rings {
            for (user, starts) in rang.map(|user| (user, false)).into_iter().chain(rings.map(|user| (user, true))) {
                self.tell_alerting(&user, id, acd, starts);
            }
        }
    }

    fn left(&mut self, user: &AgentId, id: &InteractionId) {
        if let Some(user) = self.users.get_mut(user)
            && user.interactions.remove(id)
        {
            let name = Arc::clone(&user.id);
            self.record(&name, TruthChange::Left { id: id.as_str().to_owned() });
        }
    }

    fn update_phone(&mut self, id: &AgentId) {
        let now = self.now();
        let Some(user) = self.users.get_mut(id) else { return };
        let calls = &self.calls;
        let talking = |call: &Call| call.media.is_phone() && call.state.is_talking();
        let on_phone = user.interactions.iter().filter_map(|id| calls.get(id)).any(talking);
        if on_phone != user.on_phone {
            user.on_phone = on_phone;
            user.on_phone_changed = now;
            self.tell_status(id, Properties::ON_PHONE | Properties::ON_PHONE_CHANGED);
        }
    }
}

/// At whom an interaction rings.
fn ringing_at(call: &Call) -> Option<AgentId> {
    call.user.clone().filter(|_| call.state == State::Alerting)
}
