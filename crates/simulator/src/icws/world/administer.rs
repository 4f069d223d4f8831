//! What the administrator does: users, e-mail addresses, status messages, activations.

use domain::ids::{AgentId, StatusId, WorkgroupId};

use super::action::ActError;
use super::session::Resource;
use super::tell::Kind;
use super::{World, new_user};
use crate::icws::catalogue::StatusMessage;

impl World {
    pub(super) fn add_user(
        &mut self,
        user: &str,
        display_name: &str,
        email: Option<String>,
        workgroups: &[String],
    ) -> Result<(), ActError> {
        let id = AgentId::new(user);
        if self.users.contains_key(&id) {
            return Err(ActError::AlreadyThere(user.to_owned()));
        }
        if let Some(unknown) = workgroups.iter().find(|name| !self.workgroups.contains_key(&WorkgroupId::new(name))) {
            return Err(ActError::UnknownWorkgroup(unknown.clone()));
        }
        let mut new = new_user(user, display_name, email, "Available", self.now());
        for workgroup in workgroups.iter().map(|name| WorkgroupId::new(name)) {
            new.activations.insert(workgroup.clone(), true);
            new.workgroups.insert(workgroup);
        }
        let joined = new.workgroups.clone();
        self.users.insert(id.clone(), new);
        self.record_beginning(&id);
        self.tell_configuration(Resource::Users, Kind::Added, id.as_str());
        for workgroup in joined {
            if let Some(group) = self.workgroups.get_mut(&workgroup) {
                group.members.insert(id.clone());
            }
            self.tell_configuration(Resource::Workgroups, Kind::Changed, workgroup.as_str());
        }
        Ok(())
    }

    pub(super) fn remove_user(&mut self, user: &str) -> Result<(), ActError> {
        let id = self.known(user)?;
        let calls = self.users.get(&id).map(|user| user.interactions.clone()).unwrap_or_default();
        for call in calls {
            self.remove(call.as_str())?;
        }
        if let Some(user) = self.users.remove(&id) {
            self.tell_configuration(Resource::Users, Kind::Removed, &user.id);
            for workgroup in user.workgroups {
                if let Some(group) = self.workgroups.get_mut(&workgroup) {
                    group.members.remove(&id);
                }
                self.tell_configuration(Resource::Workgroups, Kind::Changed, workgroup.as_str());
            }
        }
        Ok(())
    }

    pub(super) fn change_email(&mut self, user: &str, email: Option<String>) -> Result<(), ActError> {
        let id = self.known(user)?;
        if let Some(user) = self.users.get_mut(&id) {
            user.email = email;
        }
        self.tell_configuration(Resource::Users, Kind::Changed, id.as_str());
        Ok(())
    }

    pub(super) fn put_status_message(&mut self, message: StatusMessage) -> Result<(), ActError> {
        let id = StatusId::new(&message.status_id);
        self.log.edit(self.now(), &message.status_id, Some(message.clone()));
        let kind = if self.catalogue.insert(id.clone(), message).is_none() { Kind::Added } else { Kind::Changed };
        self.tell_catalogue(kind, &id);
        Ok(())
    }

    pub(super) fn remove_status_message(&mut self, status: &str) -> Result<(), ActError> {
        let id = StatusId::new(status);
        let removed = self.catalogue.remove(&id).ok_or_else(|| ActError::UnknownStatus(status.to_owned()))?;
        self.log.edit(self.now(), status, None);
        self.tell_catalogue(Kind::Removed, &StatusId::new(&removed.status_id));
        Ok(())
    }

    /// Makes a user a member of a workgroup, activated, or takes that back.
    pub(super) fn set_membership(&mut self, user: &str, workgroup: &str, member: bool) -> Result<(), ActError> {
        let id = self.known(user)?;
        let workgroup_id = WorkgroupId::new(workgroup);
        let unknown = || ActError::UnknownWorkgroup(workgroup.to_owned());
        let group = self.workgroups.get_mut(&workgroup_id).ok_or_else(unknown)?;
        let changed = if member { group.members.insert(id.clone()) } else { group.members.remove(&id) };
        if !changed {
            return Ok(());
        }
        if let Some(user) = self.users.get_mut(&id) {
            if member {
                user.activations.insert(workgroup_id.clone(), true);
                user.workgroups.insert(workgroup_id.clone());
            } else {
                user.activations.remove(&workgroup_id);
                user.workgroups.remove(&workgroup_id);
            }
        }
        self.tell_configuration(Resource::Users, Kind::Changed, id.as_str());
        self.tell_configuration(Resource::Workgroups, Kind::Changed, workgroup_id.as_str());
        Ok(())
    }

    /// Activates or deactivates.
    pub(crate) fn activate(&mut self, user: &str, workgroup: &str, active: bool) -> Result<(), ActError> {
        let id = self.known(user)?;
        let workgroup_id = WorkgroupId::new(workgroup);
        let unknown = || ActError::UnknownWorkgroup(workgroup.to_owned());
        let user =
            self.users.get_mut(&id).filter(|user| user.workgroups.contains(&workgroup_id)).ok_or_else(unknown)?;
        if user.activations.insert(workgroup_id.clone(), active) != Some(active) {
            self.tell_activation(&id, &workgroup_id, active);
        }
        Ok(())
    }
}
