//! An entry as a row: flat, in words and numbers that both databases have. The only file that knows both shapes.

mod value;

use std::time::Duration;

use domain::change::{Change, Facet, Value};
use domain::ids::{AgentId, ChangeId, CloudUserId, GapId, StatusId};
use domain::trust::{Gap, GapKind};
use jiff::Timestamp;
use replicator::ports::{Attempt, Entry, Fact, Failure, Stage};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use value::{facet, nanoseconds, storable, text, timestamp, value};

/// An entry as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its place in the journal of its link, from 1 without gaps.
    pub number: u64,
    /// The lease epoch of the bridge that wrote it.
    pub epoch: u64,
    /// What was written.
    pub entry: Entry,
}

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Recorded,
    Accepted,
    Failed,
    Resumed,
    Dropped,
    #[serde(rename = "gap began")]
    GapBegan,
    #[serde(rename = "gap ended")]
    GapEnded,
    Alive,
    Confirmed,
    Claimed,
    Released,
    Entered,
    Renewed,
}

impl Kind {
    const ALL: [Self; 13] = [
        Self::Recorded,
        Self::Accepted,
        Self::Failed,
        Self::Resumed,
        Self::Dropped,
        Self::GapBegan,
        Self::GapEnded,
        Self::Alive,
        Self::Confirmed,
        Self::Claimed,
        Self::Released,
        Self::Entered,
        Self::Renewed,
    ];

    /// As in the table and in exports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Resumed => "resumed",
            Self::Dropped => "dropped",
            Self::GapBegan => "gap began",
            Self::GapEnded => "gap ended",
            Self::Alive => "alive",
            Self::Confirmed => "confirmed",
            Self::Claimed => "claimed",
            Self::Released => "released",
            Self::Entered => "entered",
            Self::Renewed => "renewed",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// An entry, flat. The order of the fields is the order in a line of an export, over which the chain is calculated: it
/// can only be added to, with fields that older entries leave out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub number: u64,
    pub epoch: u64,
    pub at: Timestamp,
    pub kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facet: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maybe_applied: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// Since version 3 of the schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

impl Row {
    /// An entry as a row, within what a database can hold.
    pub(crate) fn new(number: u64, epoch: u64, entry: Entry) -> Self {
        let at = storable(entry.at);
        let mut row = Self::empty(number, epoch, at);
        match entry.fact {
            Fact::Change { agent, change, stage } => {
                row.agent = Some(value::name(agent.as_str()));
                row.subject = Some(change.0);
                row.set_stage(stage);
            }
            Fact::GapBegan(gap) => {
                row.kind = Kind::GapBegan;
                row.subject = Some(gap.id.0);
                row.cause = Some(gap.kind.name().to_owned());
                row.detail = Some(text(gap.reason));
                row.happened = Some(storable(gap.since));
            }
            Fact::GapEnded { gap, until } => {
                row.kind = Kind::GapEnded;
                row.subject = Some(gap.0);
                row.happened = Some(storable(until));
            }
            Fact::Alive => row.kind = Kind::Alive,
            Fact::Entered { agent, status, happened, seen } => {
                row.kind = Kind::Entered;
                row.agent = Some(value::name(agent.as_str()));
                row.status = Some(value::name(status.as_str()));
                row.happened = Some(storable(happened));
                row.seen = Some(storable(seen));
            }
            Fact::Claimed { agent, user } => row.set_owner(Kind::Claimed, &agent, user),
            Fact::Released { agent, user } => row.set_owner(Kind::Released, &agent, user),
            Fact::Confirmed { doubt } => {
                row.kind = Kind::Confirmed;
                row.detail = Some(text(doubt));
            }
            Fact::Renewed { agent } => {
                row.kind = Kind::Renewed;
                row.agent = Some(value::name(agent.as_str()));
            }
        }
        row
    }

    fn set_owner(&mut self, kind: Kind, agent: &AgentId, user: CloudUserId) {
        self.kind = kind;
        self.agent = Some(value::name(agent.as_str()));
        self.subject = Some(user.0);
    }

    fn owner(&self) -> Result<(AgentId, CloudUserId), String> {
        let agent = AgentId::new(need(self.agent.as_deref(), "agent")?);
        Ok((agent, CloudUserId(need(self.subject, "subject")?)))
    }

    fn empty(number: u64, epoch: u64, at: Timestamp) -> Self {
        Self {
            number,
            epoch,
            at,
            kind: Kind::Alive,
            subject: None,
            agent: None,
            facet: None,
            from: None,
            to: None,
            happened: None,
            seen: None,
            detail: None,
            attempt: None,
            request: None,
            sent: None,
            answered: None,
            cause: None,
            retry_after: None,
            maybe_applied: None,
            correlation: None,
            status: None,
        }
    }

    fn set_stage(&mut self, stage: Stage) {
        match stage {
            Stage::Recorded(change) => {
                self.kind = Kind::Recorded;
                self.subject = Some(change.id.0);
                self.facet = Some(change.to.facet().name().to_owned());
                self.from = change.from.map(|value| value.to_string());
                self.to = Some(change.to.to_string());
                self.happened = Some(storable(change.happened));
                self.seen = Some(storable(change.seen));
                self.detail = Some(text(change.why));
                self.status = change.status.map(|status| value::name(status.as_str()));
            }
            Stage::Attempted(attempt) => {
                self.attempt = Some(attempt.number);
                self.request = Some(attempt.request.min(i64::MAX.unsigned_abs()));
                self.sent = Some(storable(attempt.sent));
                self.answered = Some(storable(attempt.answered));
                self.correlation = attempt.correlation.map(text);
                match attempt.outcome {
                    Ok(()) => self.kind = Kind::Accepted,
                    Err(failure) => self.set_failure(failure),
                }
            }
            Stage::Resumed => self.kind = Kind::Resumed,
            Stage::Dropped { reason } => {
                self.kind = Kind::Dropped;
                self.detail = Some(text(reason));
            }
        }
    }

    fn set_failure(&mut self, failure: Failure) {
        self.kind = Kind::Failed;
        self.cause = Some(failure_name(&failure).to_owned());
        match failure {
            Failure::Throttled { retry_after } => {
                self.retry_after = retry_after.map(|wait| i64::try_from(wait.as_nanos()).unwrap_or(i64::MAX));
            }
            Failure::Unavailable { reason, maybe_applied } => {
                self.detail = Some(text(reason));
                self.maybe_applied = Some(maybe_applied);
            }
            Failure::Deferred { reason }
            | Failure::Refused { reason }
            | Failure::Unauthorized { reason }
            | Failure::Unsupported { reason } => self.detail = Some(text(reason)),
        }
    }

    /// The entry again; or what is missing, unknown, or does not belong to such an entry.
    pub(crate) fn entry(self) -> Result<Kept, String> {
        let fact = self.fact()?;
        let kept = Kept { number: self.number, epoch: self.epoch, entry: Entry { at: self.at, fact } };
        if Self::new(kept.number, kept.epoch, kept.entry.clone()) == self {
            Ok(kept)
        } else {
            Err(format!("something in it does not belong to an entry \"{}\"", self.kind.name()))
        }
    }

    fn fact(&self) -> Result<Fact, String> {
        let stage = match self.kind {
            Kind::Recorded => Stage::Recorded(self.change()?),
            Kind::Accepted => Stage::Attempted(self.attempted(Ok(()))?),
            Kind::Failed => Stage::Attempted(self.attempted(Err(self.failure()?))?),
            Kind::Resumed => Stage::Resumed,
            Kind::Dropped => Stage::Dropped { reason: need(self.detail.clone(), "reason")? },
            Kind::GapBegan => {
                let kind = need(self.cause.as_deref(), "cause")?;
                return Ok(Fact::GapBegan(Gap {
                    id: GapId(need(self.subject, "subject")?),
                    kind: GapKind::from_name(kind).ok_or_else(|| format!("\"{kind}\" is no kind of gap"))?,
                    reason: need(self.detail.clone(), "detail")?,
                    since: need(self.happened, "happened")?,
                    until: None,
                }));
            }
            Kind::GapEnded => {
                let gap = GapId(need(self.subject, "subject")?);
                return Ok(Fact::GapEnded { gap, until: need(self.happened, "happened")? });
            }
            Kind::Alive => return Ok(Fact::Alive),
            Kind::Entered => {
                return Ok(Fact::Entered {
                    agent: AgentId::new(need(self.agent.as_deref(), "agent")?),
                    status: StatusId::new(need(self.status.as_deref(), "status")?),
                    happened: need(self.happened, "happened")?,
                    seen: need(self.seen, "seen")?,
                });
            }
            Kind::Claimed => {
                let (agent, user) = self.owner()?;
                return Ok(Fact::Claimed { agent, user });
            }
            Kind::Released => {
                let (agent, user) = self.owner()?;
                return Ok(Fact::Released { agent, user });
            }
            Kind::Confirmed => return Ok(Fact::Confirmed { doubt: need(self.detail.clone(), "detail")? }),
            Kind::Renewed => {
                return Ok(Fact::Renewed { agent: AgentId::new(need(self.agent.as_deref(), "agent")?) });
            }
        };
        let agent = AgentId::new(need(self.agent.as_deref(), "agent")?);
        Ok(Fact::Change { agent, change: ChangeId(need(self.subject, "subject")?), stage })
    }

    fn change(&self) -> Result<Change, String> {
        let facet = facet(need(self.facet.as_deref(), "facet")?)?;
        Ok(Change {
            id: ChangeId(need(self.subject, "subject")?),
            from: self.from.as_deref().map(|from| value(facet, from)).transpose()?,
            to: value(facet, need(self.to.as_deref(), "to")?)?,
            happened: need(self.happened, "happened")?,
            seen: need(self.seen, "seen")?,
            why: need(self.detail.clone(), "detail")?,
            status: self.status.as_deref().map(StatusId::new),
        })
    }

    fn attempted(&self, outcome: Result<(), Failure>) -> Result<Attempt, String> {
        Ok(Attempt {
            number: need(self.attempt, "attempt")?,
            request: need(self.request, "request")?,
            sent: need(self.sent, "sent")?,
            answered: need(self.answered, "answered")?,
            outcome,
            correlation: self.correlation.clone(),
        })
    }

    fn failure(&self) -> Result<Failure, String> {
        let reason = || need(self.detail.clone(), "detail");
        match need(self.cause.as_deref(), "cause")? {
            "throttled" => {
                let nanoseconds = self.retry_after.map(u64::try_from).transpose();
                let wait = nanoseconds.map_err(|_| "retry_after is negative".to_owned())?;
                Ok(Failure::Throttled { retry_after: wait.map(Duration::from_nanos) })
            }
            "unavailable" => {
                let maybe_applied = need(self.maybe_applied, "maybe_applied")?;
                Ok(Failure::Unavailable { reason: reason()?, maybe_applied })
            }
            "deferred" => Ok(Failure::Deferred { reason: reason()? }),
            "refused" => Ok(Failure::Refused { reason: reason()? }),
            "unauthorized" => Ok(Failure::Unauthorized { reason: reason()? }),
            "unsupported" => Ok(Failure::Unsupported { reason: reason()? }),
            other => Err(format!("\"{other}\" is no kind of failure")),
        }
    }

    /// The value that a recorded change tells, once more: for what is told last.
    pub(crate) fn told(&self) -> Option<(Facet, Value, Timestamp)> {
        let facet = facet(self.facet.as_deref()?).ok()?;
        Some((facet, value(facet, self.to.as_deref()?).ok()?, self.happened?))
    }
}

/// The kind of a failure, as in the journal and in reports.
#[must_use]
pub fn failure_name(failure: &Failure) -> &'static str {
    match failure {
        Failure::Throttled { .. } => "throttled",
        Failure::Unavailable { .. } => "unavailable",
        Failure::Deferred { .. } => "deferred",
        Failure::Refused { .. } => "refused",
        Failure::Unauthorized { .. } => "unauthorized",
        Failure::Unsupported { .. } => "unsupported",
    }
}

fn need<T>(field: Option<T>, name: &str) -> Result<T, String> {
    field.ok_or_else(|| format!("{name} is missing"))
}
