//! The binary between two proxies and two systems, with agents at work; what has to hold after trouble, and what was
//! measured.

#![expect(clippy::print_stdout, reason = "the seed and the figures are for whoever reads the test's output")]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use simulator::icws::Truth;
use tokio::time::{Instant, interval};

use super::verdict::{self, Blind, Hearing, Verdict};
use crate::harness::{Bridge, Finished, Simulators, User};

/// Everybody is in step again this long after any trouble at the latest.
pub const BOUND: Duration = Duration::from_secs(45);

/// How often both accounts are looked at while everybody gets in step.
const LOOK: Duration = Duration::from_millis(50);

/// What reached the bridge less than this before it was cut off may be unknown to it.
const HEARD: SignedDuration = SignedDuration::from_millis(300);

/// The seed of this run, printed so that it can be repeated.
pub fn seed(scenario: &str) -> u64 {
    let seed = match std::env::var("CHAOS_SEED") {
        Ok(seed) => seed.parse().expect("CHAOS_SEED is a number"),
        Err(_) => fastrand::u64(..),
    };
    println!("{scenario}: CHAOS_SEED={seed}");
    seed
}

/// Both systems, with everybody Available and nothing that happens by itself.
pub async fn quiet(agents: usize) -> Simulators {
    Simulators::start(&["--idle", "--agents", &agents.to_string(), "--rate", "100000"]).await
}

/// Everything in its place.
pub struct Scene {
    pub simulators: Simulators,
    pub bridge: Bridge,
    pub users: Vec<User>,
    /// When the bridge heard PureConnect, and when not.
    pub sight: Sight,
}

/// When a bridge was blind.
#[derive(Debug, Default)]
pub struct Sight {
    hearing: Hearing,
    since: Option<Timestamp>,
}

impl Sight {
    /// From here on the bridge may not hear PureConnect. What it heard just before it may not have taken in.
    pub fn goes_blind(&mut self) {
        self.since.get_or_insert(Timestamp::now() - HEARD);
    }

    /// The bridge has seen how PureConnect stands.
    pub fn sees(&mut self) {
        if let Some(from) = self.since.take() {
            self.hearing.blind.push(Blind { from, to: Timestamp::now() });
        }
    }

    /// Since then it heard everything, but later.
    pub fn was_late_since(&mut self, from: Timestamp) {
        self.hearing.late.push(Blind { from, to: Timestamp::now() });
    }
}

impl Scene {
    /// Starts it and waits until everybody is in step.
    pub async fn start(agents: usize) -> Self {
        let simulators = quiet(agents).await;
        let (icws, cloud) = (simulators.icws.clone(), simulators.cloud.clone());
        Self::between(simulators, &icws, &cloud, ["", ""]).await
    }

    /// The same, with both systems reached at these addresses and more lines in their sections. Time-outs are short, and
    /// the quota is no concern here.
    pub async fn between(simulators: Simulators, icws: &str, cloud: &str, more: [&str; 2]) -> Self {
        let bridge = Bridge::with_config(&simulators, |text| {
            let pureconnect = format!("[pureconnect]\nrequest_timeout = \"2s\"\n{}", more[0]);
            let genesys_cloud =
                format!("[genesys_cloud]\nrequest_timeout = \"2s\"\nrequests_per_minute = 100000\n{}", more[1]);
            text.replace(&simulators.icws, icws)
                .replace(&simulators.cloud, cloud)
                .replace("[pureconnect]", &pureconnect)
                .replace("[genesys_cloud]", &genesys_cloud)
        });
        let users = simulators.users().await;
        let scene = Self { simulators, bridge, users, sight: Sight::default() };
        scene.is_in_step(BOUND).await;
        scene
    }

    /// Waits until Genesys Cloud shows what PureConnect has, for everybody; says how long that took.
    pub async fn is_in_step(&self, bound: Duration) -> Duration {
        let began = Instant::now();
        let mut again = interval(LOOK);
        loop {
            again.tick().await;
            let (icws, cloud) = self.accounts().await;
            let Some(difference) = verdict::difference(&icws, &cloud, &self.users) else { return began.elapsed() };
            assert!(began.elapsed() < bound, "not in step: {difference}\n{}", self.bridge.log());
        }
    }

    /// Stops the bridge; then both accounts agree, the journal is sound, and nothing has panicked.
    pub async fn end(mut self) -> Verdict {
        self.sight.sees();
        let (icws, cloud) = self.accounts().await;
        let finished = self.bridge.halt().await;
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        is_calm(&finished);
        let verdict = verdict::judge(&icws, &cloud, &self.users, &self.sight.hearing);
        let verified = self.bridge.command(&["journal", "verify"]).await;
        assert_eq!(verified.code, Some(0), "{}{}\n{}", verified.stdout, verified.stderr, finished.stderr);
        verdict
    }

    /// Both systems' accounts of what happened.
    async fn accounts(&self) -> (Truth, serde_json::Value) {
        let icws = serde_json::from_value(self.simulators.icws_truth().await).unwrap();
        (icws, self.simulators.cloud_truth().await)
    }
}

/// A process that ended, in whatever way, did not panic.
pub fn is_calm(finished: &Finished) {
    assert!(!finished.stderr.contains("panicked"), "{}", finished.stderr);
}

/// What was measured of one kind of trouble, for the table.
#[derive(Debug, Clone)]
pub struct Row {
    pub trouble: String,
    pub times: u64,
    /// The longest time until everybody was in step again.
    pub in_step: Duration,
}

/// Prints what was measured: a line of JSON for each kind of trouble.
pub fn report(scenario: &str, rows: &[Row], verdicts: &[Verdict]) {
    for row in rows {
        let in_step_ms = u64::try_from(row.in_step.as_millis()).unwrap();
        let line = serde_json::json!({"chaos": scenario, "trouble": row.trouble, "times": row.times, "in_step_ms": in_step_ms});
        println!("{line}");
    }
    let sum = |pick: fn(&Verdict) -> usize| verdicts.iter().map(pick).sum::<usize>();
    let line = serde_json::json!({"chaos": scenario, "transitions": sum(|one| one.transitions), "told": sum(|one| one.told),
        "lost": 0, "unseen": sum(|one| one.unseen), "repeated_without_effect": sum(|one| one.repeated)});
    println!("{line}");
}
