//! The words for states and reasons, and what to do about each: the same on a terminal, on a page and in a spreadsheet.

use super::{Agent, Reason, State};

impl State {
    /// All of them, problems first.
    pub const ALL: [Self; 4] = [Self::Error, Self::NotSynced, Self::Pending, Self::Synced];

    /// Its name for programs, as in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::NotSynced => "not-synced",
            Self::Pending => "pending",
            Self::Synced => "synced",
        }
    }

    /// The words for it, which are Interaction Administrator's.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Synced => "Synced",
            Self::Pending => "Pending",
            Self::Error => "Error",
            Self::NotSynced => "Not synced",
        }
    }
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Refused,
        Self::UnknownStatus,
        Self::NoEmail,
        Self::NoSuchUser,
        Self::SeveralUsers,
        Self::Inactive,
        Self::Shared,
    ];

    /// Its name for programs, as in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::UnknownStatus => "unknown-status",
            Self::NoEmail => "no-email",
            Self::NoSuchUser => "no-such-user",
            Self::SeveralUsers => "several-users",
            Self::Inactive => "inactive",
            Self::Shared => "shared",
        }
    }

    /// The words for it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Refused => "Genesys Cloud refuses something",
            Self::UnknownStatus => "unknown status message",
            Self::NoEmail => "no e-mail in PureConnect",
            Self::NoSuchUser => "no such user in Genesys Cloud",
            Self::SeveralUsers => "several users in Genesys Cloud",
            Self::Inactive => "inactive in Genesys Cloud",
            Self::Shared => "another agent has the same user in Genesys Cloud",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Refused => {
                "Read what Genesys Cloud says: a missing permission or division of the OAuth client, or a deactivated \
                 presence. When it is put right, have the agent resynchronised."
            }
            Self::UnknownStatus => {
                "The status message is not in PureConnect's catalogue, so the last presence is kept. Check in Interaction \
                 Administrator whether it was deleted, and have the agent choose another status."
            }
            Self::NoEmail => {
                "Enter the e-mail address of the Genesys Cloud user in Interaction Administrator, or name the user in the \
                 table of matches."
            }
            Self::NoSuchUser => {
                "Create the user in Genesys Cloud, correct the e-mail address in Interaction Administrator, or name the \
                 user in the table of matches."
            }
            Self::SeveralUsers => {
                "Several active users in Genesys Cloud have this e-mail address: correct all but one, or name the right one \
                 in the table of matches."
            }
            Self::Inactive => {
                "Activate the user in Genesys Cloud, or take the agent out of scope if nobody needs the agent there."
            }
            Self::Shared => {
                "Two agents in PureConnect have the same e-mail address or the same row in the table of matches: give each \
                 its own user, or exclude one."
            }
        }
    }
}

/// Why a user is not synced; `None` for one who is. Where no bridge runs, nothing is on its way.
#[must_use]
pub fn why(agent: &Agent, live: bool) -> Option<String> {
    match (agent.reason, &agent.error, &agent.status) {
        (Some(Reason::Refused), Some(error), _) => Some(error.clone()),
        (Some(Reason::UnknownStatus), _, Some(status)) => Some(format!("unknown status message {:?}", status.id)),
        (Some(why), _, _) => Some(why.words().to_owned()),
        (None, Some(error), _) => Some(error.clone()),
        (None, None, _) => match (agent.state, agent.pending) {
            (State::Pending, _) if !live => Some("found; no bridge runs".to_owned()),
            (State::Pending, 0) => Some("being compared with Genesys Cloud".to_owned()),
            (State::Pending, 1) => Some("1 change on its way".to_owned()),
            (State::Pending, changes) => Some(format!("{changes} changes on their way")),
            (State::Synced | State::Error | State::NotSynced, _) => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use replicator::engine::Unmatched;

    use super::*;
    use crate::samples;
    use crate::shown::{Status, convert};

    fn agent(id: &str) -> Agent {
        convert::agent(samples::agent(id))
    }

    #[test]
    fn why_a_user_is_not_synced_is_said_in_words() {
        let told = |agent: &Agent| why(agent, true);
        assert_eq!(told(&agent("ada")), None);
        assert_eq!(
            told(&convert::agent(samples::nobody("ada", Unmatched::Inactive))).as_deref(),
            Some("inactive in Genesys Cloud")
        );
        let refused = Agent {
            state: State::Error,
            reason: Some(Reason::Refused),
            error: Some("409 presenceservice.conflict".to_owned()),
            ..agent("ada")
        };
        assert_eq!(told(&refused).as_deref(), Some("409 presenceservice.conflict"));
        let status = Some(Status { id: "Coaching".to_owned(), since: None, until: None, logged_in: true });
        let unknown = Agent { state: State::Error, reason: Some(Reason::UnknownStatus), status, ..agent("ada") };
        assert_eq!(told(&unknown).as_deref(), Some("unknown status message \"Coaching\""));
        let pending = |pending| Agent { state: State::Pending, pending, ..agent("ada") };
        assert_eq!(told(&pending(2)).as_deref(), Some("2 changes on their way"));
        assert_eq!(told(&pending(0)).as_deref(), Some("being compared with Genesys Cloud"));
        assert_eq!(why(&pending(2), false).as_deref(), Some("found; no bridge runs"));
    }
}
