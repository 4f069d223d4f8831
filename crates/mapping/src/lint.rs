//! What is worth a second look in a system's status messages under these rules.
//!
//! None of it is an error: each finding is something that an administrator may have meant, and probably did not. Says what
//! was found, as data; the words for people are the program's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::ids::StatusId;
use domain::source::{Catalogue, StatusMessage};

use crate::name::Name;
use crate::shipped::{Difference, edited, is_shipped};
use crate::table::Table;
use crate::{By, Landing, Precedence, Row, Rules, default_catalogue};

/// Something worth a second look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The two precedences give the status different presences.
    PrecedenceMatters {
        /// By the rows as printed.
        printed: Landing,
        /// With a named message before a group.
        message_first: Landing,
    },
    /// The status is called *Do Not Disturb*, and is not in the group in which that makes it Busy.
    DoNotDisturbElsewhere {
        /// What becomes of it instead.
        landing: Landing,
    },
    /// *Status allows ACD calls* and *Status is Do Not Disturb* are both ticked, which contradict each other.
    AcdAndDoNotDisturb {
        /// What becomes of it.
        landing: Landing,
    },
    /// One of the status messages that PureConnect ships with is not as it was shipped.
    EditedStandard {
        /// What becomes of it as it is.
        landing: Landing,
        /// The presence of the status as it was shipped, by the same rules.
        shipped: Landing,
        /// What was edited.
        differences: Vec<Difference>,
    },
    /// A status of the system's own is Available for want of any row that says something about it.
    FallsThrough {
        /// Where it lands.
        landing: Landing,
    },
    /// An own rule decides about no status of this system.
    NeverFires {
        /// Which rule.
        rule: Row,
        /// Why not.
        silence: Silence,
    },
    /// Several statuses have names that count as one: agents and rules can hardly tell them apart.
    LookAlike {
        /// What becomes of each.
        landings: Vec<Landing>,
    },
    /// PureConnect puts agents in this status who did not answer, and it is not *Do Not Disturb*, as the vendor wants
    /// it to be: they would be offered the next call at once.
    NoAnswerDisturbed {
        /// What becomes of it.
        landing: Landing,
    },
    /// A workgroup puts agents who did not answer in a status that the system does not have.
    NoAnswerMissing {
        /// Which.
        status: StatusId,
    },
}

/// What kind of finding it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// [`Finding::PrecedenceMatters`].
    PrecedenceMatters,
    /// [`Finding::DoNotDisturbElsewhere`].
    DoNotDisturbElsewhere,
    /// [`Finding::AcdAndDoNotDisturb`].
    AcdAndDoNotDisturb,
    /// [`Finding::EditedStandard`].
    EditedStandard,
    /// [`Finding::FallsThrough`].
    FallsThrough,
    /// [`Finding::NeverFires`].
    NeverFires,
    /// [`Finding::LookAlike`].
    LookAlike,
    /// [`Finding::NoAnswerDisturbed`].
    NoAnswerDisturbed,
    /// [`Finding::NoAnswerMissing`].
    NoAnswerMissing,
}

/// Why a rule never fires on a system's statuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// No status meets its conditions.
    NothingMatches,
    /// Every status that does is decided by a rule before it.
    Shadowed {
        /// The rules that decide.
        by: Vec<Arc<str>>,
        /// The statuses that it would match.
        statuses: Vec<StatusId>,
    },
}

impl Kind {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 9] = [
        Self::PrecedenceMatters,
        Self::DoNotDisturbElsewhere,
        Self::AcdAndDoNotDisturb,
        Self::EditedStandard,
        Self::FallsThrough,
        Self::NeverFires,
        Self::LookAlike,
        Self::NoAnswerDisturbed,
        Self::NoAnswerMissing,
    ];

    /// Its name for programs, which stays the same.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::PrecedenceMatters => "precedence-matters",
            Self::DoNotDisturbElsewhere => "dnd-outside-unavailable",
            Self::AcdAndDoNotDisturb => "acd-and-dnd",
            Self::EditedStandard => "edited-standard-status",
            Self::FallsThrough => "falls-to-last-row",
            Self::NeverFires => "rule-never-fires",
            Self::LookAlike => "look-alike-statuses",
            Self::NoAnswerDisturbed => "no-answer-without-dnd",
            Self::NoAnswerMissing => "no-answer-status-missing",
        }
    }
}

impl Finding {
    /// What kind of finding it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::PrecedenceMatters { .. } => Kind::PrecedenceMatters,
            Self::DoNotDisturbElsewhere { .. } => Kind::DoNotDisturbElsewhere,
            Self::AcdAndDoNotDisturb { .. } => Kind::AcdAndDoNotDisturb,
            Self::EditedStandard { .. } => Kind::EditedStandard,
            Self::FallsThrough { .. } => Kind::FallsThrough,
            Self::NeverFires { .. } => Kind::NeverFires,
            Self::LookAlike { .. } => Kind::LookAlike,
            Self::NoAnswerDisturbed { .. } => Kind::NoAnswerDisturbed,
            Self::NoAnswerMissing { .. } => Kind::NoAnswerMissing,
        }
    }

    /// The statuses that it is about.
    #[must_use]
    pub fn statuses(&self) -> Vec<&StatusId> {
        match self {
            Self::PrecedenceMatters { printed: landing, .. }
            | Self::DoNotDisturbElsewhere { landing }
            | Self::AcdAndDoNotDisturb { landing }
            | Self::EditedStandard { landing, .. }
            | Self::FallsThrough { landing }
            | Self::NoAnswerDisturbed { landing } => vec![&landing.status.id],
            Self::LookAlike { landings } => landings.iter().map(|landing| &landing.status.id).collect(),
            Self::NeverFires { silence: Silence::Shadowed { statuses, .. }, .. } => statuses.iter().collect(),
            Self::NeverFires { silence: Silence::NothingMatches, .. } => Vec::new(),
            Self::NoAnswerMissing { status } => vec![status],
        }
    }
}

/// The status in which PureConnect puts agents who did not answer, where no workgroup names another one.
#[must_use]
pub fn default_no_answer() -> BTreeSet<StatusId> {
    BTreeSet::from([StatusId::new("AcdAgentNotAnswering")])
}

/// Everything that is worth a second look, by kind and then by status. `no_answer` are the statuses in which PureConnect
/// puts agents who did not answer: [`default_no_answer`], and those that workgroups name.
#[must_use]
pub fn lint(rules: &Rules, catalogue: &Catalogue, no_answer: &BTreeSet<StatusId>) -> Vec<Finding> {
    let shipped = default_catalogue();
    let mut findings: Vec<Finding> = catalogue.iter().flat_map(|status| lint_status(rules, &shipped, status)).collect();
    findings.extend(edited(&shipped, catalogue).into_iter().filter_map(|(status, differences)| {
        let shipped = rules.land(shipped.get(&status.id)?);
        Some(Finding::EditedStandard { landing: rules.land(status), shipped, differences })
    }));
    findings.extend(never_firing(rules, catalogue));
    findings.extend(look_alikes(rules, catalogue));
    findings.extend(lint_no_answer(rules, catalogue, no_answer));
    findings.sort_by_key(Finding::kind);
    findings
}

/// What can be said of a status by itself.
fn lint_status(rules: &Rules, shipped: &Catalogue, status: &StatusMessage) -> Vec<Finding> {
    let landing = || rules.land(status);
    let mut findings = Vec::new();
    let [printed, message_first] =
        [Precedence::Printed, Precedence::MessageFirst].map(|precedence| rules.land_by(status, precedence));
    if !printed.shows_the_same(&message_first) {
        findings.push(Finding::PrecedenceMatters { printed, message_first });
    }
    let own = landing().by == By::OwnRule;
    if is_do_not_disturb(status) && Name::new(&status.group) != Name::new("Unavailable") && !own {
        findings.push(Finding::DoNotDisturbElsewhere { landing: landing() });
    }
    if status.allows_acd && status.do_not_disturb {
        findings.push(Finding::AcdAndDoNotDisturb { landing: landing() });
    }
    if landing().by == By::LastRow && !is_shipped(shipped, &status.id) {
        findings.push(Finding::FallsThrough { landing: landing() });
    }
    findings
}

fn is_do_not_disturb(status: &StatusMessage) -> bool {
    [status.id.as_str(), &status.text].into_iter().any(|name| Name::new(name) == Name::new("Do Not Disturb"))
}

/// The own rules that decide about nothing.
fn never_firing(rules: &Rules, catalogue: &Catalogue) -> Vec<Finding> {
    let own: &Table = &rules.own;
    // For each rule the statuses that it matches, each with the place of the rule that decides.
    let mut matching: Vec<Vec<(&StatusId, usize)>> = vec![Vec::new(); own.rules.len()];
    for status in catalogue.iter() {
        let facts = own.facts(status);
        let Some(deciding) = own.first(&facts, Precedence::Printed) else { continue };
        for (rule, matched) in own.rules.iter().zip(&mut matching).skip(deciding) {
            if rule.holding(&facts).is_some() {
                matched.push((&status.id, deciding));
            }
        }
    }
    let silent = matching.into_iter().enumerate().filter(|(at, matched)| matched.iter().all(|(_, by)| by != at));
    silent
        .map(|(at, matched)| {
            let deciding: BTreeSet<usize> = matched.iter().map(|(_, by)| *by).collect();
            let by: Vec<Arc<str>> = deciding.into_iter().map(|rule| Arc::clone(&own.rules[rule].name)).collect();
            let silence = match by.is_empty() {
                true => Silence::NothingMatches,
                false => Silence::Shadowed { by, statuses: matched.into_iter().map(|(id, _)| id.clone()).collect() },
            };
            Finding::NeverFires { rule: own.rules[at].row(at), silence }
        })
        .collect()
}

/// Statuses that share a name, be it as text or as id.
fn look_alikes(rules: &Rules, catalogue: &Catalogue) -> Vec<Finding> {
    let mut called: BTreeMap<String, BTreeSet<&StatusId>> = BTreeMap::new();
    for status in catalogue.iter() {
        for name in [status.id.as_str(), &status.text].map(Name::new) {
            if !name.key().is_empty() {
                called.entry(name.key().to_owned()).or_default().insert(&status.id);
            }
        }
    }
    let sets: BTreeSet<BTreeSet<&StatusId>> = called.into_values().filter(|statuses| statuses.len() > 1).collect();
    let landings = |statuses: BTreeSet<&StatusId>| {
        let found = statuses.into_iter().filter_map(|id| catalogue.get(id));
        found.map(|status| rules.land(status)).collect()
    };
    sets.into_iter().map(|statuses| Finding::LookAlike { landings: landings(statuses) }).collect()
}

/// Statuses for agents who did not answer that the next call would reach, or that there are none of. PureConnect's own
/// one may be missing where workgroups name others.
fn lint_no_answer(rules: &Rules, catalogue: &Catalogue, no_answer: &BTreeSet<StatusId>) -> Vec<Finding> {
    let by_default = default_no_answer();
    let each = no_answer.iter().filter_map(|id| match catalogue.get(id) {
        Some(status) if status.do_not_disturb && !status.allows_acd => None,
        Some(status) => Some(Finding::NoAnswerDisturbed { landing: rules.land(status) }),
        None if by_default.contains(id) => None,
        None => Some(Finding::NoAnswerMissing { status: id.clone() }),
    });
    each.collect()
}
