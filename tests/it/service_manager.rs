//! The program under systemd: what it tells, from its start to its end. The service manager is a socket of ours.

use std::path::Path;
use std::time::Duration;

use tokio::net::UnixDatagram;

use crate::harness::{PATIENCE, Process, Simulators, config};

/// The service manager's end.
struct Manager {
    socket: UnixDatagram,
    _folder: tempfile::TempDir,
}

impl Manager {
    async fn hears(&self) -> String {
        let mut message = [0; 4_096];
        let received = tokio::time::timeout(PATIENCE, self.socket.recv(&mut message)).await;
        let length = received.expect("a message in time").unwrap();
        String::from_utf8(message[..length].to_vec()).unwrap()
    }

    /// Everything up to a message that begins so.
    async fn hears_until(&self, words: &str) -> Vec<String> {
        let mut heard = Vec::new();
        loop {
            heard.push(self.hears().await);
            if heard.last().is_some_and(|message| message.starts_with(words)) {
                return heard;
            }
        }
    }
}

fn start(folder: &Path, simulators: &Simulators) -> (Manager, Process) {
    let own = tempfile::tempdir().unwrap();
    let place = own.path().join("notify");
    let manager = Manager { socket: UnixDatagram::bind(&place).unwrap(), _folder: own };
    let config = config(folder, simulators, "");
    let watchdog = Duration::from_secs(2);
    let process = Process::start_for(&place, watchdog, &["run", "-c", config.to_str().unwrap()]);
    (manager, process)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_manager_hears_of_start_progress_reload_and_end() {
    let simulators = Simulators::idle(6).await;
    let folder = tempfile::tempdir().unwrap();
    let (manager, mut process) = start(folder.path(), &simulators);

    let before = manager.hears_until("READY=1").await;
    assert!(before.iter().any(|message| message == "STATUS=starts"), "{before:?}");
    manager.hears_until("STATUS=6 of 6 agents in step").await;
    manager.hears_until("WATCHDOG=1").await;

    process.signal("HUP").await;
    let reload = manager.hears_until("RELOADING=1\nMONOTONIC_USEC=").await;
    assert!(!reload.iter().any(|message| message == "READY=1"), "{reload:?}");
    manager.hears_until("READY=1").await;

    process.signal("TERM").await;
    manager.hears_until("STOPPING=1").await;
    assert_eq!(process.finish().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bridge_that_is_started_again_without_pureconnect_is_ready_and_says_that_it_waits() {
    let simulators = Simulators::idle(2).await;
    let folder = tempfile::tempdir().unwrap();
    let (manager, mut process) = start(folder.path(), &simulators);
    manager.hears_until("STATUS=2 of 2 agents in step").await;
    process.signal("TERM").await;
    process.finish().await;

    let own = tempfile::tempdir().unwrap();
    let place = own.path().join("notify");
    let manager = Manager { socket: UnixDatagram::bind(&place).unwrap(), _folder: own };
    let config = folder.path().join("bridge.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    // Nobody listens there.
    std::fs::write(&config, text.replace(&simulators.icws.to_string(), "http://127.0.0.1:9")).unwrap();
    let mut process = Process::start_for(&place, Duration::from_secs(2), &["run", "-c", config.to_str().unwrap()]);
    let told = manager.hears_until("READY=1").await;
    assert!(!told.iter().any(|message| message.contains("agents in step")), "{told:?}");
    manager.hears_until("STATUS=waits for PureConnect").await;
    manager.hears_until("WATCHDOG=1").await;
    process.signal("TERM").await;
    assert_eq!(process.finish().await.code, Some(0));
}
