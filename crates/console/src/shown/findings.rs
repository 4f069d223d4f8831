//! Findings about rules and status messages in words: the same on a terminal and on a page.

use domain::ids::StatusId;
use domain::source::StatusMessage;
use mapping::{Difference, Finding, Kind, Landing, Property, Silence};

/// What a kind of finding means, and what to do about it.
#[must_use]
pub fn kind(kind: Kind, count: usize) -> (String, &'static str) {
    let many = |one: &str, several: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {several}") };
    let statuses =
        |one: &str, several: &str| many(&format!("status message {one}"), &format!("status messages {several}"));
    match kind {
        Kind::PrecedenceMatters => (
            statuses(
                "means something else with the other precedence.",
                "mean something else with the other precedence.",
            ),
            "Decide for precedence = \"printed\" or \"message-first\" in [mapping], or write a rule for each.",
        ),
        Kind::DoNotDisturbElsewhere => (
            statuses(
                "is called Do Not Disturb and is not in the group Unavailable, so it does not become Busy.",
                "are called Do Not Disturb and are not in the group Unavailable, so they do not become Busy.",
            ),
            "File it under Unavailable in Interaction Administrator, or write a rule for it.",
        ),
        Kind::AcdAndDoNotDisturb => (
            statuses("allows ACD calls and is Do Not Disturb.", "allow ACD calls and are Do Not Disturb."),
            "The two contradict each other, and ACD calls win: untick one in Interaction Administrator.",
        ),
        Kind::EditedStandard => (
            statuses("of PureConnect's own was edited.", "of PureConnect's own were edited."),
            "The vendor advises against that: undo it, and make a status message of your own in its place.",
        ),
        Kind::FallsThrough => (
            statuses(
                "of your own becomes Available because no rule says anything about it.",
                "of your own become Available because no rule says anything about them.",
            ),
            "Write a rule for each that shall be something else; `presence-bridge explain` tells why.",
        ),
        Kind::NeverFires => (
            many("rule of your own never fires.", "rules of your own never fire."),
            "Move it up, correct or delete it.",
        ),
        Kind::LookAlike => (
            many(
                "group of status messages whose names count as one.",
                "groups of status messages whose names count as one.",
            ),
            "Rename them in Interaction Administrator, so that agents and rules can tell them apart.",
        ),
        Kind::NoAnswerDisturbed => (
            statuses(
                "for agents who did not answer does not keep calls away.",
                "for agents who did not answer do not keep calls away.",
            ),
            "Tick Do Not Disturb and untick ACD calls, or the next call reaches an agent who is not there.",
        ),
        Kind::NoAnswerMissing => (
            statuses(
                "for agents who did not answer is named by a workgroup and does not exist.",
                "for agents who did not answer are named by workgroups and do not exist.",
            ),
            "Correct the workgroup's no-answer status in Interaction Administrator.",
        ),
    }
}

/// A finding in a line.
#[must_use]
pub fn line(finding: &Finding) -> String {
    match finding {
        Finding::PrecedenceMatters { printed, message_first } => {
            let (printed, message_first, text) = (&printed.presence, &message_first.presence, &printed.status.text);
            format!("{text}: {printed} as printed, {message_first} message-first")
        }
        Finding::DoNotDisturbElsewhere { landing } => {
            format!("{} in the group {}: {}", landing.status.text, landing.status.group, lands(landing))
        }
        Finding::AcdAndDoNotDisturb { landing } | Finding::FallsThrough { landing } => {
            format!("{}: {}", landing.status.text, lands(landing))
        }
        Finding::NoAnswerDisturbed { landing } => {
            format!("{} ({}): {}", landing.status.text, boxes(&landing.status), lands(landing))
        }
        Finding::EditedStandard { landing, shipped, differences } => {
            let edits: Vec<String> = differences.iter().map(edit).collect();
            let becomes = match landing.shows_the_same(shipped) {
                true => String::new(),
                false => format!("; becomes {} and not {}", landing.presence, shipped.presence),
            };
            format!("{}: {}{becomes}", landing.status.id, edits.join(", "))
        }
        Finding::NeverFires { rule, silence: Silence::NothingMatches } => {
            format!("{} ({}): no status message matches", rule.name, rule.from)
        }
        Finding::NeverFires { rule, silence: Silence::Shadowed { by, statuses } } => {
            let (ids, by) = (few(statuses), by.join(", "));
            format!("{} ({}): what it matches ({ids}) is decided before by {by}", rule.name, rule.from)
        }
        Finding::LookAlike { landings } => {
            let each = landings
                .iter()
                .map(|landing| format!("\"{}\" ({}): {}", landing.status.text, landing.status.id, landing.presence));
            each.collect::<Vec<_>>().join("; ")
        }
        Finding::NoAnswerMissing { status } => status.as_str().to_owned(),
    }
}

/// So many statuses are named in a line.
const FEW: usize = 3;

fn few(statuses: &[StatusId]) -> String {
    let named: Vec<&str> = statuses.iter().take(FEW).map(StatusId::as_str).collect();
    match statuses.len().saturating_sub(FEW) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn lands(landing: &Landing) -> String {
    format!("{}, by {}", landing.presence, landing.mapped.rule)
}

fn edit(difference: &Difference) -> String {
    let Difference { property, shipped, found, documented } = difference;
    let shipped = if *documented { shipped.clone() } else { format!("{shipped} as far as is known") };
    format!("{} is {found}, shipped {shipped}", property_words(*property))
}

fn property_words(property: Property) -> &'static str {
    match property {
        Property::Text => "text",
        Property::Group => "group",
        Property::AllowsAcd => "\"allows ACD calls\"",
        Property::AfterCallWork => "\"after call work\"",
        Property::DoNotDisturb => "\"do not disturb\"",
    }
}

/// The group and the boxes that are ticked, for people.
#[must_use]
pub fn boxes(status: &StatusMessage) -> String {
    let mut facts = Vec::new();
    if !status.group.is_empty() {
        facts.push(format!("group {}", status.group));
    }
    let boxes = [
        (status.allows_acd, "allows ACD calls"),
        (status.after_call_work, "after call work"),
        (status.do_not_disturb, "do not disturb"),
    ];
    facts.extend(boxes.into_iter().filter(|(ticked, _)| *ticked).map(|(_, option)| option.to_owned()));
    if facts.is_empty() { "nothing ticked".to_owned() } else { facts.join(", ") }
}
