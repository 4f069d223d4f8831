//! What the session with PureConnect showed: what is licensed, which rights the service user has, what there is to map.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::AgentId;
use domain::source::Catalogue;
use pureconnect::survey::{Inside, Right, Standing};
use replicator::options::ModeChoice;

use super::code::Code;
use super::finding::{Finding, Trouble, capital, quoted};

/// A password that ends within so many days is worth a warning.
const PASSWORD_ENDS: i64 = 14;

/// The clocks may differ by so much; PureConnect counts whole seconds.
const CLOCK: f64 = 2.0;

/// The feature licence that decides about the mode.
const LICENCE: &str = "I3_FEATURE_CLOUD_WEM_WORKFORCE_PLANNING";

/// What is replicated, by what is licensed and what the operator chose.
pub fn mode(choice: ModeChoice, licence: Option<bool>) -> ModeChoice {
    match (choice, licence) {
        (ModeChoice::Auto, Some(true)) => ModeChoice::WorkforceEngagement,
        (ModeChoice::Auto, Some(false) | None) => ModeChoice::StatusOnly,
        (chosen, _) => chosen,
    }
}

/// Everything about the session.
pub fn inside(inside: &Inside, choice: ModeChoice) -> Vec<Finding> {
    let mode = mode(choice, inside.workforce_engagement);
    let mut findings = Vec::new();
    findings.extend(inside.password_days.filter(|days| *days <= PASSWORD_ENDS).map(password));
    findings.push(licence(choice, inside.workforce_engagement));
    findings.push(push(inside.server_sent_events));
    findings.push(clock(inside));
    findings.extend(rights(inside, choice, mode));
    findings.push(catalogue(inside.catalogue.as_ref()));
    findings.extend(blind(inside, mode));
    if let Some(broke) = &inside.interrupted {
        let fact = format!("The session broke in the middle, so that not everything was looked at: {broke}.");
        let advice = "Try again; if it stays so, look at the session manager's log and at proxies in between.";
        findings.push(Finding::problem(Code::SourceIncomplete, Trouble::Unreachable, fact, advice));
    }
    findings
}

fn password(days: i64) -> Finding {
    let fact = match days {
        1 => "The password of the service user ends in 1 day.".to_owned(),
        _ => format!("The password of the service user ends in {days} days."),
    };
    let advice = "Change it in time, or give the user a password policy without an end.";
    Finding::warning(Code::SourcePasswordEnds, fact, advice).with("days", days)
}

fn licence(choice: ModeChoice, licence: Option<bool>) -> Finding {
    let everything = "presence, out of office and routing status are replicated";
    let by_choice = |what: &str, mode: &str| {
        Finding::ok(Code::SourceMode, format!("{}, because mode = \"{mode}\" says so.", capital(what)))
    };
    let found = match (choice, licence) {
        (ModeChoice::WorkforceEngagement, _) => by_choice(everything, "workforce-engagement"),
        (ModeChoice::StatusOnly, _) => by_choice("presence alone is replicated", "status-only"),
        (ModeChoice::Auto, Some(true)) => {
            let fact = format!("{}: the feature licence {LICENCE} is there.", capital(everything));
            Finding::ok(Code::SourceMode, fact)
        }
        (ModeChoice::Auto, Some(false)) => {
            let fact = format!("Presence alone is replicated: the feature licence {LICENCE} is not there.");
            let advice = "If Workforce Management shall have out of office and routing status, too: add the licence, or set \
                          mode = \"workforce-engagement\" in [replication].";
            Finding::note(Code::SourceModeStatusOnly, fact, advice)
        }
        (ModeChoice::Auto, None) => {
            let fact =
                format!("Presence alone is replicated: the service user may not see whether {LICENCE} is there.");
            let advice =
                format!("Give the user the right {}, or set mode in [replication].", Right::FeatureLicences.name());
            Finding::warning(Code::SourceModeUnknown, fact, advice)
        }
    };
    let mode = match mode(choice, licence) {
        ModeChoice::WorkforceEngagement => "workforce-engagement",
        ModeChoice::StatusOnly | ModeChoice::Auto => "status-only",
    };
    found.with("mode", mode).with("licensed", licence)
}

fn push(server_sent_events: bool) -> Finding {
    if server_sent_events {
        return Finding::ok(Code::SourcePush, "The server sends changes at once (server-sent events).");
    }
    let fact = "The server has no server-sent events: changes are fetched, and come up to a second late.";
    Finding::note(Code::SourcePolling, fact, "Nothing has to be done; a later release of PureConnect pushes them.")
}

fn clock(inside: &Inside) -> Finding {
    let seconds = inside.clock_offset.as_secs_f64();
    let (amount, way) = (seconds.abs(), if seconds < 0.0 { "behind" } else { "ahead of" });
    let found = if amount > CLOCK {
        let fact = format!(
            "The server's clock is {amount:.0} s {way} this computer's. Times of changes are corrected by that."
        );
        let advice = "Let both computers take their time from the same place (NTP).";
        Finding::warning(Code::SourceClockOff, fact, advice)
    } else {
        Finding::ok(Code::SourceClock, format!("The clocks of the server and this computer agree within {CLOCK:.0} s."))
    };
    found.with("offset_seconds", seconds)
}

/// One line for what is there, and one for each right that is not.
fn rights(inside: &Inside, choice: ModeChoice, mode: ModeChoice) -> Vec<Finding> {
    let granted: Vec<&str> = inside
        .rights
        .iter()
        .filter(|(_, standing)| *standing == Standing::Granted)
        .map(|(right, _)| right.name())
        .collect();
    let mut findings = Vec::new();
    if !granted.is_empty() {
        let fact = match inside.rights.len() - granted.len() {
            0 => format!("The service user has all {} rights that the bridge uses.", granted.len()),
            _ => format!(
                "The service user has {} of the {} rights that the bridge uses.",
                granted.len(),
                inside.rights.len()
            ),
        };
        findings.push(Finding::ok(Code::SourceRights, fact).with("rights", granted));
    }
    let mut unknown: BTreeMap<&str, Vec<Right>> = BTreeMap::new();
    for (right, standing) in &inside.rights {
        match standing {
            Standing::Granted => {}
            Standing::Missing { said } => findings.push(missing(*right, said, choice, mode)),
            Standing::Unknown { why } => unknown.entry(why).or_default().push(*right),
        }
    }
    findings.extend(unknown.into_iter().map(|(why, rights)| unseen(why, &rights)));
    findings
}

/// Rights that show only in what somebody has or does.
fn unseen(why: &str, rights: &[Right]) -> Finding {
    let names: Vec<&str> = rights.iter().map(|right| right.name()).collect();
    let (what, them) = match names.len() {
        1 => ("1 right is".to_owned(), "it"),
        many => (format!("{many} rights are"), "them"),
    };
    let fact = format!("Whether {what} there cannot be seen now: {why}.");
    let finding =
        Finding::note(Code::SourceRightUnknown, fact, format!("Look {them} up in Interaction Administrator."));
    names.iter().fold(finding, |finding, name| finding.line(*name)).with("rights", names)
}

fn missing(right: Right, said: &str, choice: ModeChoice, mode: ModeChoice) -> Finding {
    let (name, needed_for) = (right.name(), right.needed_for());
    let said = if said.is_empty() { String::new() } else { format!(" ({})", quoted(said)) };
    let fact = format!("The right {name} is missing{said}. It is for {needed_for}.");
    let advice = "Give it to the service user, or to a role of it, in Interaction Administrator.";
    let is_of_no_use = match right {
        Right::UserQueues | Right::Workgroups => mode == ModeChoice::StatusOnly,
        Right::FeatureLicences => choice != ModeChoice::Auto,
        Right::Users | Right::StatusMessages | Right::Status | Right::TimeInStatus | Right::Until | Right::LoggedIn => {
            false
        }
    };
    let found = if right.is_indispensable() {
        Finding::problem(Code::SourceRightMissing, Trouble::NotAuthorized, fact, advice)
    } else if is_of_no_use {
        let fact = format!("The right {name} is missing{said} and not needed for what is replicated.");
        Finding::note(Code::SourceRightMissing, fact, "Nothing has to be done.")
    } else {
        Finding::warning(Code::SourceRightMissing, fact, advice)
    };
    found.with("right", name).with("needed_for", needed_for)
}

fn catalogue(catalogue: Option<&Catalogue>) -> Finding {
    let Some(catalogue) = catalogue else {
        return Finding::not_checked("the status messages", "the service user may not read them");
    };
    if catalogue.is_empty() {
        let fact = "PureConnect shows no status message, so that no status could be mapped.";
        let advice = format!("Give the service user the right {} for all of them.", Right::StatusMessages.name());
        return Finding::problem(Code::SourceCatalogueEmpty, Trouble::NotAuthorized, fact, advice);
    }
    let groups: BTreeSet<String> =
        catalogue.iter().map(|status| status.group.trim().to_lowercase()).filter(|group| !group.is_empty()).collect();
    let (messages, groups) = (catalogue.len(), groups.len());
    let fact = format!("There are {messages} status messages in {groups} groups.");
    Finding::ok(Code::SourceCatalogue, fact).with("messages", messages).with("groups", groups)
}

/// Agents of whom something cannot be seen though others' can be: rights are given for single users, too.
fn blind(inside: &Inside, mode: ModeChoice) -> Vec<Finding> {
    let names = |ids: &[AgentId]| -> Vec<String> { ids.iter().map(|id| id.as_str().to_owned()).collect() };
    let is_granted = |right| inside.standing(right) == Some(&Standing::Granted);
    let mut findings = Vec::new();
    if !inside.without_status.is_empty() && is_granted(Right::Status) {
        let fact =
            format!("The status of {} agents cannot be seen; they are not replicated.", inside.without_status.len());
        let advice = "Give the service user the right to view the status columns of every agent.";
        let found = Finding::warning(Code::SourceStatusesHidden, fact, advice);
        findings.push(found.names("agents", names(&inside.without_status)));
    }
    let queues = mode == ModeChoice::WorkforceEngagement && is_granted(Right::UserQueues);
    if !inside.without_queues.is_empty() && queues {
        let whose = agents(inside.without_queues.len());
        let fact = format!("The queues of {whose} cannot be watched: the routing status does not follow their calls.");
        let advice = "Give the service user the right to view the user queues of every agent.";
        let found = Finding::warning(Code::SourceQueuesHidden, fact, advice);
        findings.push(found.names("agents", names(&inside.without_queues)));
    }
    findings
}

fn agents(count: usize) -> String {
    match count {
        1 => "1 agent".to_owned(),
        _ => format!("{count} agents"),
    }
}
