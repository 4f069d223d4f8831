//! Over a real socket, as systemd has it.

use console::{About, Link, Pulse};
use replicator::engine::{Figures, Repaired, Report, SourceState};
use replicator::options::ModeChoice;
use tokio::net::UnixDatagram as Listener;
use tokio::sync::mpsc;

use super::*;
use crate::exit::Exit;

/// The service manager's end, and a link.
struct Stage {
    listener: Listener,
    links: Vec<Pulse>,
    trouble: watch::Sender<Option<String>>,
    standby: watch::Sender<bool>,
    report: watch::Sender<Option<Report>>,
    reload: watch::Sender<Reloads>,
    stopping: CancellationToken,
    folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = Listener::bind(folder.path().join("notify")).unwrap();
        let (report_in, report) = watch::channel(None);
        let (trouble_in, trouble) = watch::channel(None);
        let (standby_in, standby) = watch::channel(false);
        let (_, epoch) = watch::channel(None);
        let (_, standings) = mpsc::channel(1);
        let (commands, _) = mpsc::channel(1);
        let about = About { hosts: Vec::new(), region: String::new() };
        let journal = store::Location::Sqlite(folder.path().join("journal"));
        let link =
            Link { name: "north".to_owned(), about, report, standings, trouble, standby, epoch, commands, journal };
        Self {
            listener,
            links: vec![Pulse::of(&link)],
            trouble: trouble_in,
            standby: standby_in,
            report: report_in,
            reload: watch::Sender::default(),
            stopping: CancellationToken::new(),
            folder,
        }
    }

    fn manager(&self, watchdog: Option<Duration>) -> ServiceManager {
        let path = self.folder.path().join("notify");
        ServiceManager { socket: Some(connected(path.as_os_str()).unwrap()), watchdog }
    }

    fn follow(&self, manager: ServiceManager) -> impl Future<Output = ()> + use<> {
        let (links, reloads) = (self.links.clone(), self.reload.subscribe());
        manager.follow(links, reloads, self.stopping.clone(), CancellationToken::new())
    }

    /// What came up to now, in a clock that jumps.
    fn heard(&self) -> Vec<String> {
        let mut message = [0; 4_096];
        let each =
            std::iter::from_fn(|| self.listener.try_recv(&mut message).ok().map(|length| message[..length].to_vec()));
        each.map(|message| String::from_utf8(message).unwrap()).collect()
    }

    async fn hears(&self) -> String {
        let mut message = vec![0; 4_096];
        let length = tokio::time::timeout(Duration::from_secs(20), self.listener.recv(&mut message)).await;
        message.truncate(length.expect("a message in time").unwrap());
        String::from_utf8(message).unwrap()
    }

    /// Waits for a message that begins so; the others are not asked for.
    async fn waits_for(&self, words: &str) -> String {
        loop {
            let message = self.hears().await;
            if message.starts_with(words) {
                return message;
            }
        }
    }
}

#[tokio::test]
async fn the_whole_life_of_the_program_is_told() {
    let stage = Stage::new();
    let following = stage.follow(stage.manager(Some(Duration::from_millis(400))));
    let story = async {
        assert_eq!(stage.hears().await, "STATUS=starts");
        assert_eq!(stage.waits_for("WATCHDOG").await, "WATCHDOG=1");
        stage.trouble.send_replace(Some("in use".to_owned()));
        stage.standby.send_replace(true);
        assert_eq!(stage.waits_for("READY").await, "READY=1");
        stage.reload.send_replace(Reloads { begun: 1, ended: 0 });
        let reloading = stage.waits_for("RELOADING").await;
        let (first, time) = reloading.split_once('\n').unwrap();
        assert_eq!(first, "RELOADING=1");
        let time: u64 = time.strip_prefix("MONOTONIC_USEC=").unwrap().parse().unwrap();
        assert!(time > 0, "systemd 253 compares it with the time of its signal");
        stage.reload.send_replace(Reloads { begun: 1, ended: 1 });
        assert_eq!(stage.waits_for("READY").await, "READY=1");
        stage.stopping.cancel();
        let stopping = stage.waits_for("STOPPING").await;
        assert!(stopping.starts_with("STOPPING=1\nSTATUS=stops"), "{stopping}");
    };
    tokio::join!(following, story);
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_hangs_stops_the_watchdog() {
    let stage = Stage::new();
    // Known to the runtime before the clock jumps.
    stage.listener.writable().await.unwrap();
    let following = stage.follow(stage.manager(Some(Duration::from_secs(60))));
    let story = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(250));
        let mut fed = Vec::new();
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(600) {
            ticks.tick().await;
            let is_well = began.elapsed() < Duration::from_secs(100);
            if is_well {
                stage.report.send_replace(Some(report()));
            }
            let heard = stage.heard();
            fed.extend(heard.iter().filter(|message| *message == "WATCHDOG=1").map(|_| began.elapsed().as_secs()));
            if heard.iter().any(|message| message == "STATUS=makes no progress") {
                assert!((130..140).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
            }
        }
        stage.stopping.cancel();
        assert_eq!(fed.len(), 5, "while it turned, and 30 seconds longer: {fed:?}");
        assert!(fed.iter().all(|second| *second <= 130), "{fed:?}");
    };
    tokio::join!(following, story);
}

#[tokio::test]
async fn a_socket_without_a_file_is_found_too() {
    let stage = Stage::new();
    let name = format!("presence-bridge-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let listener = UnixDatagram::bind_addr(&address).unwrap();
    listener.set_nonblocking(true).unwrap();
    let listener = Listener::from_std(listener).unwrap();
    let stage = Stage { listener, ..stage };
    let manager = ServiceManager { socket: Some(connected(format!("@{name}").as_ref()).unwrap()), watchdog: None };
    tokio::join!(stage.follow(manager), async {
        assert_eq!(stage.hears().await, "STATUS=starts");
        stage.stopping.cancel();
    });
}

#[tokio::test]
async fn a_service_manager_that_went_away_stops_nothing() {
    let mut stage = Stage::new();
    let following = stage.follow(stage.manager(Some(Duration::from_millis(20))));
    let (_, elsewhere) = UnixDatagram::pair().unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    stage.listener = Listener::from_std(elsewhere).unwrap();
    std::fs::remove_file(stage.folder.path().join("notify")).unwrap();
    stage.stopping.cancel();
    following.await;
}

#[tokio::test]
async fn without_a_service_manager_nothing_is_told() {
    let stage = Stage::new();
    // Ends at once, though nobody says stop.
    stage.follow(ServiceManager { socket: None, watchdog: None }).await;
}

/// A link of which nothing is known but that it runs.
fn report() -> Report {
    Report {
        at: "2026-03-02T09:00:00Z".parse().unwrap(),
        source: SourceState::Connecting,
        mode: ModeChoice::Auto,
        direct: false,
        sink_up: true,
        unsupported: Vec::new(),
        frozen: None,
        gaps: Vec::new(),
        stuck: Vec::new(),
        agents: 0,
        synced: 0,
        pending: 0,
        errors: 0,
        unmatched: std::collections::BTreeMap::new(),
        backlog: 0,
        held_back: 0,
        not_shown: 0,
        not_supported: 0,
        seen: 0,
        delivered: 0,
        superseded: 0,
        refused: 0,
        repaired: Repaired::default(),
        requests: 0,
        throttled: 0,
        used: (0, 0),
        tokens: Vec::new(),
        delays: None,
        figures: Figures::default(),
    }
}

#[test]
fn the_unit_waits_for_what_is_told_and_starts_again_what_can_be_mended_by_it() {
    let unit =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../ops/systemd/presence-bridge.service"))
            .unwrap();
    let value = |key: &str| {
        let line = unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("{key} is not in the unit")).to_owned()
    };
    assert_eq!(value("Type"), "notify");
    assert_eq!(value("Restart"), "on-failure");
    let watchdog = Duration::from_secs(value("WatchdogSec").parse().unwrap());
    assert!(watchdog >= console::Signs::PATIENCE, "a loop may be quiet for longer than that");
    let prevented: Vec<u8> =
        value("RestartPreventExitStatus").split_whitespace().map(|code| code.parse().unwrap()).collect();
    let hopeless = Exit::ALL.into_iter().filter(|exit| match exit {
        Exit::Usage | Exit::BadJournal | Exit::Unsupported | Exit::Configuration => true,
        // Somebody mends these elsewhere, or they pass; or they are no ends of `run`.
        Exit::NotAuthorized | Exit::Unreachable | Exit::Internal | Exit::Journal => false,
        Exit::Success | Exit::AgentsDiffer | Exit::NotConfirmable => false,
    });
    assert_eq!(prevented, hopeless.map(Exit::code).collect::<Vec<_>>());
}
