//! The network misbehaves between the bridge and either side, in every way that the proxy can, while agents act.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::crew::Crew;
use super::proxy::{Direction, Proxy, Toxic};
use super::scene::{BOUND, Row, Scene, quiet, report, seed};
use super::verdict::Verdict;

/// How often an agent of a bridge does something.
const PACE: Duration = Duration::from_millis(150);

/// Longer than the bridge waits for an answer in these tests.
const TOO_LATE: Duration = Duration::from_millis(3_000);

/// Which side is reached through the trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    PureConnect,
    GenesysCloud,
}

/// One kind of trouble.
#[derive(Debug, Clone, Copy)]
struct Trouble {
    side: Side,
    direction: Direction,
    toxic: Toxic,
    /// It lasts until it has struck so often, and for so long at least.
    strikes: u64,
    lasts: Duration,
    /// Whether PureConnect's connection breaks by it, or before it so that a new one has to be made through it. What came
    /// and went meanwhile is not known.
    blinds: bool,
}

/// The network is slow, but everything arrives. Towards PureConnect little is sent, so a new stream has to be asked for.
fn slow(side: Side) -> Vec<Trouble> {
    let latency = Toxic::Latency { delay: Duration::from_millis(200), jitter: Duration::from_millis(300) };
    let slices = Toxic::Slice { most: 1, gap: Duration::ZERO };
    let bandwidth = Toxic::Bandwidth { per_second: 20_000 };
    let both = [Direction::ToServer, Direction::ToClient];
    let all = [latency, slices, bandwidth].into_iter().flat_map(|toxic| both.map(|direction| (toxic, direction)));
    let lasts = Duration::from_secs(2);
    let blinds = |direction| side == Side::PureConnect && direction == Direction::ToServer;
    let trouble = |(toxic, direction)| Trouble { side, direction, toxic, strikes: 1, lasts, blinds: blinds(direction) };
    all.map(trouble).collect()
}

/// Connections break, and answers are not heard.
fn broken(side: Side) -> Vec<Trouble> {
    use Direction::{ToClient, ToServer};
    let all = [
        (Toxic::Reset, ToServer, 3),
        (Toxic::Reset, ToClient, 3),
        (Toxic::HalfClose, ToServer, 2),
        (Toxic::HalfClose, ToClient, 2),
        (Toxic::Cut { after: 400 }, ToServer, 3),
        (Toxic::Cut { after: 100 }, ToClient, 3),
    ];
    let blinds = side == Side::PureConnect;
    let trouble = |(toxic, direction, strikes)| Trouble {
        side,
        direction,
        toxic,
        strikes,
        lasts: Duration::from_secs(1),
        blinds,
    };
    all.into_iter().map(trouble).collect()
}

/// Nothing is answered, or too late, or asked twice.
fn mute(side: Side) -> Vec<Trouble> {
    use Direction::{ToClient, ToServer};
    let late = Toxic::Late { hold: TOO_LATE };
    let duplicate = Toxic::Duplicate { after: Duration::from_millis(700) };
    let blinds = side == Side::PureConnect;
    let all = [
        (Toxic::BlackHole, ToServer, 2, 5),
        (Toxic::BlackHole, ToClient, 2, 8),
        (late, ToServer, 2, 5),
        (late, ToClient, 2, 5),
        (duplicate, ToServer, 3, 2),
    ];
    let trouble = |(toxic, direction, strikes, seconds)| Trouble {
        side,
        direction,
        toxic,
        strikes,
        lasts: Duration::from_secs(seconds),
        blinds,
    };
    all.into_iter().map(trouble).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_network_does_nothing_is_lost_and_nothing_told_twice() {
    let seed = seed("network");
    let sides = [Side::PureConnect, Side::GenesysCloud];
    let lists = sides.into_iter().flat_map(|side| [slow(side), broken(side), mute(side)]);
    let lanes: Vec<_> = (0..).zip(lists).map(|(lane, list)| tokio::spawn(endure(seed ^ (lane << 32), list))).collect();
    let (mut rows, mut verdicts) = (Vec::new(), Vec::new());
    for lane in lanes {
        let (more, verdict) = lane.await.unwrap();
        rows.extend(more);
        verdicts.push(verdict);
    }
    report("network", &rows, &verdicts);
}

/// One trouble after the other, with agents at work all the time.
async fn endure(seed: u64, troubles: Vec<Trouble>) -> (Vec<Row>, Verdict) {
    let mut random = fastrand::Rng::with_seed(seed);
    let simulators = quiet(6).await;
    let icws = Proxy::start(&simulators.icws, random.u64(..)).await;
    let cloud = Proxy::start(&simulators.cloud, random.u64(..)).await;
    let mut scene = Scene::between(simulators, icws.url(), cloud.url(), ["silence_limit = \"7s\"", ""]).await;
    let mut crew = Crew::new(&scene.users, random.u64(..));
    let mut rows = Vec::new();
    for trouble in troubles {
        let Scene { simulators, sight, .. } = &mut scene;
        let proxy = match trouble.side {
            Side::PureConnect => &icws,
            Side::GenesysCloud => &cloud,
        };
        let stop = CancellationToken::new();
        let acting = crew.work(simulators, PACE, &stop);
        let before = struck(proxy, trouble.toxic);
        let striking = async {
            if trouble.blinds {
                sight.goes_blind();
            }
            let end = Instant::now() + trouble.lasts;
            proxy.inject(trouble.direction, trouble.toxic);
            if trouble.blinds {
                simulators.icws_fault(json!({"fault": "drop"})).await;
            }
            proxy.has_struck(trouble.toxic, before + trouble.strikes).await;
            sleep_until(end).await;
            proxy.heal();
            stop.cancel();
        };
        tokio::join!(acting, striking);
        let times = struck(proxy, trouble.toxic) - before;
        let in_step = scene.is_in_step(BOUND).await;
        scene.sight.sees();
        let trouble = format!("{:?} {:?}: {}", trouble.side, trouble.direction, trouble.toxic.name());
        rows.push(Row { trouble, times, in_step });
    }
    (rows, scene.end().await)
}

fn struck(proxy: &Proxy, toxic: Toxic) -> u64 {
    proxy.struck().get(toxic.name()).copied().unwrap_or(0)
}
