//! What somebody should look at: derived from how a link stands, with what it means and what to do.
//!
//! Knows words for a supervisor and for operations, and where trouble begins. Nothing is remembered: an alarm is there as
//! long as its reason is.

mod agents;
mod sides;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use replicator::engine::Report;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Genesys Cloud does not show what agents do, and somebody must act or wait for somebody.
    Critical,
    /// Something is wrong for some agents or some facets, or will be soon.
    Warning,
    /// Good to know.
    Notice,
}

/// What kind of alarm it is. The names stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmKind {
    /// The link does not run, or is not heard.
    NotRunning,
    /// Another bridge does the link's work.
    Standby,
    /// PureConnect was not reached yet.
    SourceConnecting,
    /// PureConnect is out of reach.
    SourceLost,
    /// PureConnect's clock is wrong.
    SourceClock,
    /// Delivery is frozen because what PureConnect shows cannot be believed.
    Frozen,
    /// Genesys Cloud takes nothing.
    TargetDown,
    /// Genesys Cloud does not accept a token.
    TokenRefused,
    /// Changes come later than they should.
    Late,
    /// All requests that the platform allows are used up, and changes wait.
    QuotaUsed,
    /// A facet that the platform does not take.
    Unsupported,
    /// Nobody is in scope.
    NoAgents,
    /// Agents with an error.
    Errors,
    /// Agents whom a switchover left in after call work.
    Stuck,
    /// Agents without a cloud user.
    NotMatched,
    /// Routing statuses that direct delivery cannot show.
    NotShown,
}

/// Something that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Alarm {
    /// How bad it is.
    pub severity: Severity,
    /// What kind.
    pub kind: AlarmKind,
    /// What is so, in a sentence.
    pub what: String,
    /// What it means for whoever looks at Genesys Cloud.
    pub meaning: String,
    /// Since when, by the link's time, where that is known.
    pub since: Option<Timestamp>,
    /// What to do, in a sentence or two.
    pub advice: String,
}

/// What is to be seen in a report, worst first.
#[must_use]
pub fn of(report: &Report) -> Vec<Alarm> {
    let found = sides::alarms(report).into_iter().chain(agents::alarms(report));
    let mut alarms: Vec<Alarm> = found.collect();
    alarms.sort_by_key(|alarm| (alarm.severity, alarm.kind));
    alarms
}

/// A link that waits until another bridge, which does its work, ends.
#[must_use]
pub fn standby() -> Alarm {
    Alarm {
        severity: Severity::Notice,
        kind: AlarmKind::Standby,
        what: "This bridge stands by: another one holds the journal and does the work.".to_owned(),
        meaning: "Agents are shown by the console of the other bridge. Genesys Cloud is kept up to date by it."
            .to_owned(),
        since: None,
        advice: "Nothing is to be done. When the other one ends, this one takes over by itself.".to_owned(),
    }
}

/// A link that does not run, or is not heard. What was heard before is of no use for alarms.
#[must_use]
pub fn not_heard(trouble: Option<&str>, since: Option<Timestamp>) -> Alarm {
    let what = match (trouble, since) {
        (Some(trouble), _) => format!("The link does not run: {}.", trouble.trim_end_matches('.')),
        (None, Some(_)) => "Nothing is heard of the link.".to_owned(),
        (None, None) => "The link has not begun yet.".to_owned(),
    };
    let severity = match (trouble, since) {
        (None, None) => Severity::Notice,
        (Some(_), _) | (None, Some(_)) => Severity::Critical,
    };
    Alarm {
        severity,
        kind: AlarmKind::NotRunning,
        what,
        meaning: "Genesys Cloud shows agents as they were when the link was heard last, and so does this page."
            .to_owned(),
        since,
        advice:
            "If it does not come back by itself, read the log of the service, put right what it names, and start it \
                 again. What happens meanwhile in PureConnect is not kept: the time is listed as not to be relied on."
                .to_owned(),
    }
}

impl AlarmKind {
    /// Which page of the link has more about it, with its query.
    #[must_use]
    pub fn page(self) -> &'static str {
        match self {
            Self::Errors => "users?state=error",
            Self::NotMatched => "users?set=not-matched",
            Self::Late => "agents?state=pending&sort=since",
            Self::Stuck | Self::NotShown | Self::NoAgents => "agents",
            Self::NotRunning
            | Self::Standby
            | Self::SourceConnecting
            | Self::SourceLost
            | Self::SourceClock
            | Self::Frozen
            | Self::TargetDown
            | Self::TokenRefused
            | Self::QuotaUsed
            | Self::Unsupported => "health",
        }
    }
}
