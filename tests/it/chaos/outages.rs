//! Genesys Cloud's bad days in real time: nothing is taken for a while, nobody is let in, tokens end in mid-run.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::crew::Crew;
use super::scene::{BOUND, Row, Scene, report, seed};

/// What goes wrong, and for how long.
struct Outage {
    name: &'static str,
    faults: Vec<Value>,
    revokes: bool,
    lasts: Duration,
}

fn outages() -> Vec<Outage> {
    let always = |effect: Value| json!({"effect": effect, "count": 1_000_000});
    let everywhere = |effect: Value| {
        vec![always(effect.clone()), json!({"effect": effect, "count": 1_000_000, "path": "/oauth/token"})]
    };
    vec![
        Outage { name: "token revoked", faults: Vec::new(), revokes: true, lasts: Duration::from_secs(2) },
        Outage {
            name: "every request 503, login too",
            faults: everywhere(json!({"kind": "unavailable"})),
            revokes: true,
            lasts: Duration::from_secs(8),
        },
        Outage {
            name: "every connection reset",
            faults: everywhere(json!({"kind": "drop"})),
            revokes: false,
            lasts: Duration::from_secs(4),
        },
        Outage {
            name: "everything applied, nothing answered",
            faults: vec![always(json!({"kind": "drop_after"}))],
            revokes: false,
            lasts: Duration::from_secs(4),
        },
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_genesys_cloud_does_nothing_is_lost_and_nothing_told_twice() {
    let seed = seed("outages");
    let mut random = fastrand::Rng::with_seed(seed);
    let scene = Scene::start(6).await;
    let mut crew = Crew::new(&scene.users, random.u64(..));
    let mut rows = Vec::new();
    for outage in outages() {
        let stop = CancellationToken::new();
        let acting = crew.work(&scene.simulators, Duration::from_millis(150), &stop);
        let failing = async {
            for fault in &outage.faults {
                scene.simulators.cloud_fault(fault.clone()).await;
            }
            if outage.revokes {
                scene.simulators.cloud_command(json!({"kind": "revoke_tokens"})).await;
            }
            sleep_until(Instant::now() + outage.lasts).await;
            scene.simulators.cloud_heals().await;
            stop.cancel();
        };
        tokio::join!(acting, failing);
        rows.push(Row { trouble: outage.name.to_owned(), times: 1, in_step: scene.is_in_step(BOUND).await });
    }
    let verdict = scene.end().await;
    report("outages", &rows, &[verdict]);
    assert!(verdict.told > 40 && verdict.unseen == 0, "{verdict:?}");
}
