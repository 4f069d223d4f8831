//! What there is to know about a link besides its users. The words for these are the console's.

use crate::control::told::Link;

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
    use super::*;
    use crate::control::told::{Report, Source};

    fn standing() -> Report {
        Report {
            source: Source { state: "connected".to_owned(), ..Source::default() },
            sink_up: true,
            ..Report::default()
        }
    }

    fn noted(report: Report) -> Vec<String> {
        notes(&Link { name: "default".to_owned(), report: Some(report), ..Link::default() })
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
        let silent = console::shown::convert::silent("north", "still connecting".to_owned());
        assert_eq!(notes(&silent), ["Its users are not known: still connecting."]);
    }
}
