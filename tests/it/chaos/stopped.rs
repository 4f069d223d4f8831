//! The bridge's process is stopped (SIGSTOP) and goes on, as a virtual machine does that is moved or suspended.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::crew::Crew;
use super::scene::{BOUND, Row, Scene, report, seed};
use super::verdict::Verdict;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_stands_still_for_a_while_tells_everything_afterwards() {
    let seed = seed("stopped");
    let lanes = [5, 20, 60].map(|seconds| (seconds, tokio::spawn(stand_still(seed ^ (seconds << 32), seconds))));
    let (mut rows, mut verdicts) = (Vec::new(), Vec::new());
    for (seconds, lane) in lanes {
        let (in_step, verdict) = lane.await.unwrap();
        rows.push(Row { trouble: format!("SIGSTOP for {seconds} s"), times: 1, in_step });
        verdicts.push(verdict);
    }
    report("stopped", &rows, &verdicts);
    // What PureConnect said meanwhile waits in the stream, also for longer than a stream may be silent.
    assert!(verdicts.iter().all(|one| one.told > 10 && one.unseen == 0), "{verdicts:?}");
}

async fn stand_still(seed: u64, seconds: u64) -> (Duration, Verdict) {
    let mut scene = Scene::start(5).await;
    let mut crew = Crew::new(&scene.users, seed);
    let stop = CancellationToken::new();
    let Scene { simulators, bridge, .. } = &mut scene;
    let acting = crew.work(simulators, Duration::from_millis(400), &stop);
    let stopping = async {
        bridge.signal("STOP").await;
        sleep_until(Instant::now() + Duration::from_secs(seconds)).await;
        bridge.signal("CONT").await;
        stop.cancel();
    };
    let since = Timestamp::now();
    tokio::join!(acting, stopping);
    let in_step = scene.is_in_step(BOUND).await;
    scene.sight.was_late_since(since);
    (in_step, scene.end().await)
}
