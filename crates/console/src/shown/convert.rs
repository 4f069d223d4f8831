//! What the engine says of itself, in the words that are shown: the only place that knows both.

use std::time::Duration;

use domain::change::Value;
use domain::ids::StatusId;
use domain::source::{self, Involvement};
use domain::target::OutOfOffice;
use domain::trust;
use replicator::engine::{self, AgentReport, BOUNDS, Buckets, SourceState, SyncState, Unmatched};
use replicator::options::ModeChoice;

use crate::{board, shown};

/// A link that could say how it stands.
pub fn link(name: &str, report: &engine::Report) -> shown::Link {
    shown::Link {
        name: name.to_owned(),
        report: Some(report_of(report)),
        alarms: shown::alarms::of(report),
        ..shown::Link::default()
    }
}

/// A link that cannot say how it stands.
pub fn silent(name: &str, trouble: String) -> shown::Link {
    shown::Link { name: name.to_owned(), trouble: Some(trouble), ..shown::Link::default() }
}

/// How a link stands.
pub fn report_of(report: &engine::Report) -> shown::Report {
    shown::Report {
        at: report.at,
        source: source(&report.source),
        mode: mode(report.mode).to_owned(),
        direct: report.direct,
        sink_up: report.sink_up,
        unsupported: report.unsupported.iter().map(|facet| facet.name().to_owned()).collect(),
        frozen: report.frozen.map(|doubt| doubt.to_string()),
        gaps: report.gaps.iter().map(gap).collect(),
        stuck: report.stuck.iter().map(|agent| agent.as_str().to_owned()).collect(),
        agents: report.agents as u64,
        synced: report.synced as u64,
        pending: report.pending as u64,
        errors: report.errors as u64,
        not_synced: report.unmatched.iter().map(|(&why, &count)| (reason_of(why), count as u64)).collect(),
        not_shown: report.not_shown as u64,
        backlog: report.backlog as u64,
        held_back: report.held_back as u64,
        seen: report.seen,
        delivered: report.delivered,
        superseded: report.superseded,
        refused: report.refused,
        not_supported: report.not_supported,
        repaired: report.repaired.total(),
        requests: report.requests,
        throttled: report.throttled,
        used: report.used.0,
        allowed: report.used.1,
        tokens: report.tokens.iter().map(token).collect(),
        delays: report.delays.map(|delays| shown::Delays { p50: delays.p50, p99: delays.p99, max: delays.max }),
        figures: figures(report),
    }
}

fn figures(report: &engine::Report) -> shown::Figures {
    let of = &report.figures;
    let [crossing, presence, routing, out_of_office] = of.waiting;
    let repaired = report.repaired;
    shown::Figures {
        waiting: shown::Waiting {
            oldest: of.oldest_waiting,
            crossing,
            presence,
            routing,
            out_of_office,
            drain: milliseconds(of.drain),
        },
        wrong_for: of.wrong_for.iter().map(|(facet, wrong)| (facet.name().to_owned(), milliseconds(*wrong))).collect(),
        throttled_for: milliseconds(of.throttled_for),
        ambiguous: of.ambiguous,
        verified: of.verified,
        repaired: shown::Repaired {
            somebody_else: repaired.somebody_else,
            not_applied: repaired.not_applied,
            unknown: repaired.unknown,
        },
        heard: of.heard,
        snapshot: of.snapshot,
        gaps: of.gaps.iter().map(|(kind, count)| (kind.name().to_owned(), *count)).collect(),
        since_seen: of.since_seen.counts.to_vec(),
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// How delays spread.
pub fn spread(delays: &Buckets) -> shown::Spread {
    let at = |share| delays.quantile(share).map_or(0, milliseconds);
    let slowest = delays.counts.iter().rposition(|&count| count > 0);
    shown::Spread {
        changes: delays.count(),
        p50: at(0.5),
        p95: at(0.95),
        p99: at(0.99),
        max: slowest.map_or(Some(0), |place| BOUNDS.get(place).copied()),
    }
}

fn source(state: &SourceState) -> shown::Source {
    let quiet = shown::Source { state: "connecting".to_owned(), ..shown::Source::default() };
    match state {
        SourceState::Connecting => quiet,
        SourceState::Connected { system, since } => shown::Source {
            state: "connected".to_owned(),
            host: Some(system.host.clone()),
            release: Some(system.release.to_string()),
            since: Some(*since),
            clock_offset: i64::try_from(system.clock_offset.as_millis()).ok(),
            ..quiet
        },
        SourceState::Lost { reason, since } => {
            shown::Source { state: "lost".to_owned(), since: Some(*since), reason: Some(reason.clone()), ..quiet }
        }
    }
}

fn mode(mode: ModeChoice) -> &'static str {
    match mode {
        ModeChoice::Auto => "auto",
        ModeChoice::WorkforceEngagement => "workforce-engagement",
        ModeChoice::StatusOnly => "status-only",
    }
}

fn gap(gap: &trust::Gap) -> shown::Gap {
    shown::Gap { kind: gap.kind.name().to_owned(), reason: gap.reason.clone(), since: gap.since }
}

fn token(token: &engine::TokenReport) -> shown::Token {
    shown::Token { used: token.used, allowed: token.allowed, refused: token.refused }
}

/// Why an agent has no cloud user.
pub fn reason_of(unmatched: Unmatched) -> shown::Reason {
    match unmatched {
        Unmatched::NoEmail => shown::Reason::NoEmail,
        Unmatched::NotFound => shown::Reason::NoSuchUser,
        Unmatched::Several => shown::Reason::SeveralUsers,
        Unmatched::Inactive => shown::Reason::Inactive,
        Unmatched::Shared => shown::Reason::Shared,
    }
}

/// The synchronisation state, and why it is no better; a refusal comes with what the platform said.
pub fn state_of(state: SyncState, is_refused: bool) -> (shown::State, Option<shown::Reason>) {
    match state {
        SyncState::Synced => (shown::State::Synced, None),
        SyncState::Pending => (shown::State::Pending, None),
        SyncState::Error if is_refused => (shown::State::Error, Some(shown::Reason::Refused)),
        SyncState::Error => (shown::State::Error, Some(shown::Reason::UnknownStatus)),
        SyncState::NotSynced(why) => (shown::State::NotSynced, Some(reason_of(why))),
    }
}

/// An agent as the engine says.
pub fn agent(report: AgentReport) -> shown::Agent {
    let (state, reason) = state_of(report.state, report.error.is_some());
    shown::Agent {
        agent: report.agent.as_str().to_owned(),
        name: report.display_name,
        email: report.email,
        workgroups: report.workgroups.iter().map(|workgroup| workgroup.as_str().to_owned()).collect(),
        user: report.user.map(|user| user.to_string()),
        state,
        reason,
        error: report.error,
        status: report.status.as_ref().map(status),
        message: report.message.as_ref().map(status_message),
        logged_in: report.logged_in,
        rule: report.rule,
        wanted: values(report.wanted.into_iter().flatten()),
        told: values(report.told.into_iter().flatten()),
        pending: report.pending as u64,
        pending_off_queue: report.pending_off_queue,
        interactions: report.interactions.iter().map(interaction).collect(),
        not_shown: report.not_shown.map(|status| status.name().to_owned()),
        last_success: report.last_success,
        entered: report.entered,
    }
}

/// An agent as the board has it.
pub fn agent_on_board(agent: &board::Agent) -> shown::Agent {
    let (state, reason) = state_of(agent.state, agent.error.is_some());
    shown::Agent {
        agent: agent.id.as_str().to_owned(),
        name: agent.name.to_string(),
        email: agent.email.as_deref().map(str::to_owned),
        workgroups: agent.workgroups.ids.iter().map(|workgroup| workgroup.as_str().to_owned()).collect(),
        user: agent.user.map(|user| user.to_string()),
        state,
        reason,
        error: agent.error.as_deref().map(str::to_owned),
        status: agent.status.as_ref().map(status),
        message: agent.message.as_deref().map(status_message),
        logged_in: agent.logged_in,
        rule: agent.rule.as_deref().map(str::to_owned),
        wanted: values(agent.wanted.into_iter().flatten()),
        told: values(agent.told.into_iter().flatten()),
        pending: agent.pending as u64,
        pending_off_queue: agent.pending_off_queue,
        interactions: agent.interactions.iter().map(interaction).collect(),
        not_shown: agent.not_shown.map(|status| status.name().to_owned()),
        last_success: agent.last_success,
        entered: agent.entered,
    }
}

/// A status.
pub fn status(status: &source::UserStatus) -> shown::Status {
    shown::Status {
        id: status.status.as_str().to_owned(),
        since: status.since,
        until: status.until,
        logged_in: status.logged_in,
    }
}

/// A status message.
pub fn status_message(message: &source::StatusMessage) -> shown::StatusMessage {
    shown::StatusMessage {
        id: message.id.as_str().to_owned(),
        text: message.text.clone(),
        group: message.group.clone(),
        acd: message.allows_acd,
        acw: message.after_call_work,
        dnd: message.do_not_disturb,
    }
}

impl From<&shown::StatusMessage> for source::StatusMessage {
    fn from(message: &shown::StatusMessage) -> Self {
        Self {
            id: StatusId::new(&message.id),
            text: message.text.clone(),
            group: message.group.clone(),
            allows_acd: message.acd,
            after_call_work: message.acw,
            do_not_disturb: message.dnd,
        }
    }
}

/// The values of facets.
pub fn values(facets: impl IntoIterator<Item = Value>) -> shown::Values {
    let mut values = shown::Values::default();
    for value in facets {
        match value {
            Value::Presence(presence) => {
                values.presence = Some(presence.system.name().to_owned());
                values.secondary = presence.secondary.map(|id| id.to_string());
            }
            Value::Routing(status) => values.routing = Some(status.name().to_owned()),
            Value::OutOfOffice(OutOfOffice::Off) => {
                values.out_of_office = Some(shown::OutOfOffice { active: false, until: None });
            }
            Value::OutOfOffice(OutOfOffice::On { until }) => {
                values.out_of_office = Some(shown::OutOfOffice { active: true, until });
            }
        }
    }
    values
}

fn interaction(interaction: &source::Interaction) -> shown::Interaction {
    shown::Interaction {
        id: interaction.id.as_str().to_owned(),
        involvement: match interaction.involvement {
            Involvement::None => "none",
            Involvement::Alerting => "alerting",
            Involvement::Connected => "connected",
        }
        .to_owned(),
        acd: interaction.acd,
        since: interaction.since,
    }
}

/// Whose rule decided.
pub fn by(by: mapping::By) -> shown::By {
    match by {
        mapping::By::OwnRule => shown::By::OwnRule,
        mapping::By::VendorRow => shown::By::VendorRow,
        mapping::By::LastRow => shown::By::LastRow,
    }
}

/// A rule that nearly fired.
pub fn near_miss(miss: mapping::NearMiss) -> shown::NearMiss {
    let why = match miss.why {
        mapping::WhyNot::Condition { wanted, found } => format!("wants that {wanted}, but {found}"),
        mapping::WhyNot::Overruled => "matches too, but counts less".to_owned(),
    };
    shown::NearMiss { rule: miss.rule.to_string(), presence: miss.presence, why }
}

/// What is probably not meant, by kind; `findings` are in the order of their kinds.
pub fn findings(findings: &[mapping::Finding]) -> Vec<shown::Finding> {
    let of_kind = |of_kind: &[mapping::Finding]| {
        let kind = of_kind.first()?.kind();
        let (fact, advice) = shown::findings::kind(kind, of_kind.len());
        let each = of_kind.iter().map(|finding| shown::Occurrence {
            line: shown::findings::line(finding),
            statuses: finding.statuses().into_iter().map(|id| id.as_str().to_owned()).collect(),
        });
        Some(shown::Finding { code: kind.code().to_owned(), fact, advice: advice.to_owned(), each: each.collect() })
    };
    findings.chunk_by(|one, next| one.kind() == next.kind()).filter_map(of_kind).collect()
}
