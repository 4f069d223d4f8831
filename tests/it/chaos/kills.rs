//! The bridge is killed (kill -9) at random moments, again and again: at work, while starting, while catching up.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::crew::Crew;
use super::scene::{BOUND, Row, Scene, is_calm, report, seed};
use super::verdict::Verdict;

/// How many bridges are killed at the same time, each between systems of its own.
const BRIDGES: u64 = 4;

/// How often each of them.
const KILLS: u64 = 52;

/// Agents of a bridge.
const AGENTS: usize = 8;

/// How often one of them does something.
const PACE: Duration = Duration::from_millis(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_it_is_killed_nothing_is_lost_and_nothing_told_twice() {
    let seed = seed("kills");
    let lanes = (0..BRIDGES).map(|lane| tokio::spawn(survive(seed ^ (lane << 32))));
    let mut verdicts = Vec::new();
    let mut in_step = Duration::ZERO;
    for lane in lanes.collect::<Vec<_>>() {
        let (verdict, took) = lane.await.unwrap();
        verdicts.push(verdict);
        in_step = in_step.max(took);
    }
    report("kills", &[Row { trouble: "kill -9".to_owned(), times: BRIDGES * KILLS, in_step }], &verdicts);
    let sum = |pick: fn(&Verdict) -> usize| verdicts.iter().map(pick).sum::<usize>();
    let (told, unseen) = (sum(|one| one.told), sum(|one| one.unseen));
    assert!(told > 800 && unseen > 10, "agents acted while it ran and while it did not: {told} told, {unseen} unseen");
}

/// One bridge through all its kills; returns the verdict and the longest time to be in step again.
async fn survive(seed: u64) -> (Verdict, Duration) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut scene = Scene::start(AGENTS).await;
    let mut crew = Crew::new(&scene.users, random.u64(..));
    let mut in_step = Duration::ZERO;
    for kill in 0..KILLS {
        let stop = CancellationToken::new();
        let Scene { simulators, bridge, sight, .. } = &mut scene;
        let acting = crew.work(simulators, PACE, &stop);
        let killing = async {
            // While it works, or while it starts, or in the middle of what it has to catch up with.
            let works = random.u8(..4) > 0;
            if works {
                bridge.logs("PureConnect is connected").await;
                sight.sees();
            }
            // What it could not deliver is known to nobody else.
            if random.bool() {
                simulators.cloud_fault(json!({"effect": {"kind": "unavailable"}, "count": 1_000_000})).await;
            }
            let most = if works { 1_200 } else { 400 };
            wait(random.u64(..most)).await;
            sight.goes_blind();
            is_calm(&bridge.kill().await);
            // Long enough for some agent to do two things that nobody sees.
            wait(random.u64(200..600)).await;
            simulators.cloud_heals().await;
            bridge.restart();
            stop.cancel();
        };
        tokio::join!(acting, killing);
        // Now and then it gets the time to be in step again.
        if kill % 13 == 12 {
            scene.bridge.logs("PureConnect is connected").await;
            scene.sight.sees();
            in_step = in_step.max(scene.is_in_step(BOUND).await);
        }
    }
    (scene.end().await, in_step)
}

/// Which is not waiting for something, but the moment that the seed chose.
async fn wait(milliseconds: u64) {
    sleep_until(Instant::now() + Duration::from_millis(milliseconds)).await;
}
