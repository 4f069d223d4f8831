//! What each notice is to a reader of the log: how loud, and in which words.

use tracing::{debug, error, info, warn};

use crate::engine::{Notice, Ownership, Report};
use crate::options::ModeChoice;

/// Logs that the first synchronisation is complete.
pub(super) fn in_step(report: &Report) {
    info!(
        agents = report.agents,
        synced = report.synced,
        errors = report.errors,
        not_synced = report.unmatched.values().sum::<usize>(),
        requests = report.requests,
        "everybody is in step"
    );
}

/// Logs one notice.
pub(super) fn notice(notice: &Notice) {
    match notice {
        Notice::SnapshotTaken { host, release, agents, mode, licence } => {
            info!(host, %release, agents, mode = mode_name(*mode), reason = licence_reason(*licence), "PureConnect is connected");
        }
        Notice::SourceLost { reason } => warn!(reason, "PureConnect is not connected"),
        Notice::Frozen(doubt) if doubt.is_settled_by_agreement() => {
            warn!(reason = %doubt, "delivery is frozen until a second snapshot, which is asked for in a moment, agrees or disagrees");
        }
        Notice::Frozen(doubt) if doubt.is_confirmable() => error!(
            reason = %doubt,
            "delivery is frozen until a good snapshot comes; if this is right, say so with `presence-bridge confirm`"
        ),
        Notice::Frozen(doubt) => error!(reason = %doubt, "delivery is frozen until a good snapshot comes"),
        Notice::Thawed => info!("delivery goes on"),
        Notice::UnknownStatus { agent, status } => {
            warn!(%agent, %status, "the status is not in the catalogue, the last presence is kept");
        }
        Notice::Unmatched { agent, reason } => warn!(%agent, %reason, "the agent is not synced"),
        Notice::DirectoryRead { matched, unmatched } => {
            debug!(matched, unmatched, "the organisation's users were read")
        }
        Notice::SinkDown { reason } => warn!(reason, "Genesys Cloud does not take changes"),
        Notice::SinkUp => info!("Genesys Cloud takes changes again"),
        Notice::Throttled { seconds } => warn!(seconds, "Genesys Cloud asked to wait"),
        Notice::TokenRefused { token, reason } => {
            error!(token, reason, "Genesys Cloud does not accept one of the tokens; its agents go to the others");
        }
        Notice::TokenAccepted { token } => info!(token, "Genesys Cloud accepts the token again"),
        Notice::Unsupported { facet, reason } => {
            error!(%facet, reason, "this cannot be delivered; it is tried again every minute");
        }
        Notice::Supported(facet) => info!(%facet, "this is delivered again"),
        Notice::Refused { agent, facet, reason } => warn!(%agent, %facet, reason, "Genesys Cloud refused a change"),
        Notice::Ownership(notice) => ownership(notice),
        Notice::Repaired { agent, facet, showed, drift } => {
            info!(%agent, %facet, showed, reason = %drift, "Genesys Cloud showed something else, it is told again");
        }
        Notice::Recovered { pending, alive } => {
            info!(pending, %alive, "going on where the last run ended");
        }
        Notice::Late { since } => warn!(%since, "changes wait longer than they should"),
        Notice::LateNoMore => info!("no change waits longer than it should any more"),
        Notice::StuckInAfterCallWork { agent, since } => {
            warn!(%agent, %since, "a switchover left the agent in after call work; set another status in PureConnect");
        }
        Notice::FeedLost { channel, reason } => {
            info!(channel, reason, "no notifications at the moment; read-backs go on");
        }
        Notice::TooManyPending { agent, dropped } => warn!(%agent, dropped, "too many changes were waiting"),
    }
}

/// Logs what there is to say about whose presence is shown.
fn ownership(notice: &Ownership) {
    match notice {
        Ownership::ClaimFailed { agent: Some(agent), reason } => {
            warn!(%agent, reason, "failed to make our presence source the user's primary one");
        }
        Ownership::ClaimFailed { agent: None, reason } => {
            warn!(reason, "failed to make our presence source the primary one; it is tried again");
        }
        Ownership::ClaimingOneByOne { users, others } => info!(
            users,
            others,
            "our presence source becomes the primary one user by user, one request each, because the organisation has \
             other users; primary_source = \"organisation-default\" would take one request for all"
        ),
        Ownership::Released { agent, user } => {
            info!(%agent, %user, "the agent is not replicated any more, and its user was given back");
        }
        Ownership::ReleaseFailed { agent, user, reason } => {
            warn!(%agent, %user, reason, "failed to give a user back whose agent is not replicated any more; it is tried again");
        }
    }
}

fn mode_name(mode: ModeChoice) -> &'static str {
    match mode {
        ModeChoice::Auto => "auto",
        ModeChoice::WorkforceEngagement => "workforce-engagement",
        ModeChoice::StatusOnly => "status-only",
    }
}

fn licence_reason(licence: Option<bool>) -> &'static str {
    match licence {
        Some(true) => "the feature licence I3_FEATURE_CLOUD_WEM_WORKFORCE_PLANNING is there",
        Some(false) => "the feature licence I3_FEATURE_CLOUD_WEM_WORKFORCE_PLANNING is missing",
        None => "the service user may not see feature licences",
    }
}
