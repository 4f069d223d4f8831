//! What somebody was told who hears the changes only, and what is different by now: for lists that came whole and are
//! reported as changes.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{AgentId, InteractionId};
use domain::source::{Interaction, Update, UserStatus};

use super::Lists;

/// The statuses and interactions that were told.
pub(crate) struct Shown {
    statuses: BTreeMap<AgentId, UserStatus>,
    interactions: BTreeMap<(AgentId, InteractionId), Interaction>,
}

impl Shown {
    /// All of these were told.
    pub(crate) fn all(lists: Lists) -> Self {
        Self { statuses: lists.statuses.into_iter().collect(), interactions: keyed(lists.interactions) }
    }

    /// These are being told.
    pub(crate) fn follow(&mut self, updates: &[Update]) {
        for update in updates {
            match update {
                Update::Status(agent, status) => {
                    self.statuses.insert(agent.clone(), status.clone());
                }
                Update::Interaction(agent, interaction) => {
                    self.interactions.insert((agent.clone(), interaction.id.clone()), interaction.clone());
                }
                Update::InteractionLeft(agent, id) => {
                    self.interactions.remove(&(agent.clone(), id.clone()));
                }
                // Who is not in the list has to be told anew on return.
                Update::Agents(agents) | Update::Rescoped(agents) => {
                    let listed: BTreeSet<&AgentId> = agents.iter().map(|agent| &agent.id).collect();
                    self.statuses.retain(|agent, _| listed.contains(agent));
                    self.interactions.retain(|(agent, _), _| listed.contains(agent));
                }
                Update::Catalogue(_) | Update::Workgroups(_) => {}
            }
        }
    }

    /// What is still to be told. Interactions come before statuses: who is new is busy from the beginning, and was not
    /// idle for a moment.
    pub(crate) fn differences(mut self, lists: Lists) -> Vec<Update> {
        let now = keyed(lists.interactions);
        let left = self.interactions.keys().filter(|key| !now.contains_key(*key)).cloned();
        let mut updates: Vec<_> = left.map(|(agent, id)| Update::InteractionLeft(agent, id)).collect();
        for ((agent, id), interaction) in now {
            if self.interactions.remove(&(agent.clone(), id)).as_ref() != Some(&interaction) {
                updates.push(Update::Interaction(agent, interaction));
            }
        }
        for (agent, status) in lists.statuses {
            if self.statuses.remove(&agent).as_ref() != Some(&status) {
                updates.push(Update::Status(agent, status));
            }
        }
        updates
    }
}

fn keyed(interactions: Vec<(AgentId, Interaction)>) -> BTreeMap<(AgentId, InteractionId), Interaction> {
    interactions.into_iter().map(|(agent, interaction)| ((agent, interaction.id.clone()), interaction)).collect()
}

#[cfg(test)]
mod tests {
    use domain::source::{Catalogue, Involvement};

    use super::*;

    fn status(id: &str) -> UserStatus {
        UserStatus { status: id.into(), since: None, logged_in: true, until: None }
    }

    fn call(id: &str, involvement: Involvement) -> Interaction {
        Interaction { id: InteractionId::new(id), involvement, acd: true, since: None }
    }

    fn lists(statuses: &[(&str, &str)], calls: &[(&str, &str, Involvement)]) -> Lists {
        Lists {
            catalogue: Catalogue::default(),
            workgroups: Vec::new(),
            agents: Vec::new(),
            statuses: statuses.iter().map(|(agent, id)| (AgentId::new(agent), status(id))).collect(),
            interactions: calls.iter().map(|(agent, id, how)| (AgentId::new(agent), call(id, *how))).collect(),
        }
    }

    #[test]
    fn only_what_was_not_told_is_told_and_calls_before_statuses() {
        let (alerting, connected) = (Involvement::Alerting, Involvement::Connected);
        let before = [("a", "1", alerting), ("b", "2", connected)];
        let mut shown = Shown::all(lists(&[("a", "Available"), ("b", "Available"), ("c", "Lunch")], &before));
        shown.follow(&[
            Update::Status("b".into(), status("Lunch")),
            Update::Interaction("c".into(), call("3", connected)),
            Update::InteractionLeft("b".into(), InteractionId::new("2")),
        ]);
        let after = [("a", "1", connected), ("c", "3", connected), ("d", "4", connected)];
        let statuses = [("a", "Available"), ("b", "Available"), ("c", "Lunch"), ("d", "Available")];
        let expected = [
            Update::Interaction("a".into(), call("1", connected)),
            Update::Interaction("d".into(), call("4", connected)),
            Update::Status("b".into(), status("Available")),
            Update::Status("d".into(), status("Available")),
        ];
        assert_eq!(shown.differences(lists(&statuses, &after)), expected);
    }

    #[test]
    fn what_is_gone_has_left() {
        let shown = Shown::all(lists(&[], &[("a", "1", Involvement::Connected)]));
        assert_eq!(shown.differences(lists(&[], &[])), [Update::InteractionLeft("a".into(), InteractionId::new("1"))]);
    }
}
