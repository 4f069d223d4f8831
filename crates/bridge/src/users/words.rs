//! The words of the list: states, reasons, and what there is to know about a link besides.

use crate::control::told::{Agent, Link, Reason, State};

/// A state, in Interaction Administrator's words.
pub fn state(state: State) -> &'static str {
    match state {
        State::Synced => "Synced",
        State::Pending => "Pending",
        State::Error => "Error",
        State::NotSynced => "Not synced",
    }
}

/// A reason.
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Refused => "Genesys Cloud refuses something",
        Reason::UnknownStatus => "unknown status message",
        Reason::NoEmail => "no e-mail in PureConnect",
        Reason::NoSuchUser => "no such user in Genesys Cloud",
        Reason::SeveralUsers => "several users in Genesys Cloud",
        Reason::Inactive => "inactive in Genesys Cloud",
        Reason::Shared => "another agent has the same user in Genesys Cloud",
    }
}

/// Why a user is not synced; `None` for one who is. Where no bridge runs, nothing is on its way.
pub fn why(agent: &Agent, live: bool) -> Option<String> {
    match (agent.reason, &agent.error, &agent.status) {
        (Some(Reason::Refused), Some(error), _) => Some(error.clone()),
        (Some(Reason::UnknownStatus), _, Some(status)) => Some(format!("unknown status message {:?}", status.id)),
        (Some(why), _, _) => Some(reason(why).to_owned()),
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

/// What there is to know about a running link, a sentence each.
pub fn notes(link: &Link) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(trouble) = &link.trouble {
        notes.push(format!("Its users are not known: {trouble}."));
    }
    let Some(report) = &link.report else { return notes };
    match (report.source.state.as_str(), &report.source.reason, report.source.since) {
        ("lost", reason, since) => {
            let since = since.map(|since| format!(" since {since}")).unwrap_or_default();
            let reason = reason.as_deref().unwrap_or("for a reason that is not known");
            notes.push(format!("PureConnect is out of reach{since} ({reason}): statuses are as they were then."));
        }
        ("connecting", _, _) => notes.push("PureConnect has not shown its users yet.".to_owned()),
        _ => {}
    }
    if let Some(doubt) = &report.frozen {
        notes.push(format!("Delivery is frozen: {doubt}."));
    }
    if !report.sink_up {
        notes.push("Genesys Cloud does not take changes at the moment.".to_owned());
    }
    if report.direct {
        notes.push("Delivery is direct: INTERACTING and COMMUNICATING cannot be shown in Genesys Cloud.".to_owned());
    }
    if !report.unsupported.is_empty() {
        notes.push(format!("Genesys Cloud does not take: {}.", report.unsupported.join(", ")));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::super::list::tests::{agent, lost};
    use super::*;
    use crate::control::told::{Report, Source, Status};

    #[test]
    fn why_a_user_is_not_synced_is_said_in_words() {
        let told = |agent: &Agent| why(agent, true);
        assert_eq!(told(&agent("ada")), None);
        assert_eq!(told(&lost("ada", Reason::Inactive)).as_deref(), Some("inactive in Genesys Cloud"));
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

    fn standing() -> Report {
        Report {
            at: "2026-03-02T08:00:10Z".parse().unwrap(),
            source: Source { state: "connected".to_owned(), host: None, release: None, since: None, reason: None },
            mode: "status-only".to_owned(),
            direct: false,
            sink_up: true,
            unsupported: Vec::new(),
            frozen: None,
            gaps: Vec::new(),
            stuck: Vec::new(),
            agents: 0,
            synced: 0,
            pending: 0,
            errors: 0,
            not_synced: [].into(),
            not_shown: 0,
            backlog: 0,
            held_back: 0,
            seen: 0,
            delivered: 0,
            superseded: 0,
            refused: 0,
            not_supported: 0,
            repaired: 0,
            requests: 0,
            throttled: 0,
            used: 0,
            allowed: 300,
            tokens: Vec::new(),
            delays: None,
        }
    }

    fn noted(report: Report) -> Vec<String> {
        notes(&Link { name: "default".to_owned(), report: Some(report), trouble: None })
    }

    #[test]
    fn what_is_out_of_order_with_a_link_is_said_before_its_users() {
        assert!(noted(standing()).is_empty());
        let lost = Source {
            state: "lost".to_owned(),
            reason: Some("connection refused".to_owned()),
            since: Some("2026-03-02T08:00:10Z".parse().unwrap()),
            ..standing().source
        };
        let all = Report {
            source: lost,
            direct: true,
            sink_up: false,
            frozen: Some("3 agents where there were 40".to_owned()),
            unsupported: vec!["routing status".to_owned()],
            ..standing()
        };
        let told = noted(all).join("\n");
        for words in [
            "since 2026-03-02T08:00:10Z (connection refused)",
            "frozen: 3 agents",
            "does not take changes",
            "Delivery is direct",
            "routing status",
        ] {
            assert!(told.contains(words), "{words}: {told}");
        }
        let silent = Link { name: "north".to_owned(), report: None, trouble: Some("still connecting".to_owned()) };
        assert_eq!(notes(&silent), ["Its users are not known: still connecting."]);
    }
}
