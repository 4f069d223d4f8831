//! Delays by the minute, as they are shown. Knows shapes; who counts is the board.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The delays of the last day, a minute each, by the link's own time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct DelaySeries {
    /// Since when they are counted, at most a day; `None` before the first report.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// The minutes in which a change was accepted, oldest first. In a minute that is missing between `from` and `until`
    /// there was none.
    pub minutes: Vec<DelayMinute>,
}

/// The delays of the changes that were accepted within a minute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DelayMinute {
    /// The minute's beginning.
    pub at: Timestamp,
    /// From PureConnect's message to Genesys Cloud's acceptance: what the bridge and the platform took.
    pub seen: Spread,
    /// From when it happened in PureConnect, which counts whole seconds, to Genesys Cloud's acceptance.
    pub happened: Spread,
}

/// How delays spread, in milliseconds. They are counted in buckets: percentiles are estimates within their bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Spread {
    /// How many changes.
    pub changes: u64,
    /// Half of them were faster.
    pub p50: u64,
    /// 95 of 100 were faster.
    pub p95: u64,
    /// 99 of 100 were faster.
    pub p99: u64,
    /// None was slower than this; `None` where one took longer than four hours.
    pub max: Option<u64>,
}
