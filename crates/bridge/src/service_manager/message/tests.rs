//! What is said to systemd, when.

use console::Counts;

use super::*;

const NOTHING: Reloads = Reloads { begun: 0, ended: 0 };

fn running() -> Phase {
    Phase::Running(Counts { agents: 320, synced: 312, pending: 3, errors: 0, not_synced: 5, gaps: Vec::new() })
}

fn signs(phase: Phase) -> Signs {
    Signs { name: "north".to_owned(), phase, quiet_for: Duration::ZERO }
}

/// What is told when it looks like this so many seconds after the beginning.
struct Telling {
    began: Instant,
    messages: Messages,
}

impl Telling {
    fn new(watchdog: Option<u64>) -> Self {
        Self { began: Instant::now(), messages: Messages::new(watchdog.map(Duration::from_secs)) }
    }

    fn at(&mut self, seconds: u64, signs: &[Signs], reloads: Reloads) -> Vec<Message> {
        let now = self.began + Duration::from_secs(seconds);
        self.messages.next(&Moment { now, signs, reloads, is_stopping: false })
    }

    /// What is told beside the status line.
    fn deeds(&mut self, seconds: u64, signs: &[Signs], reloads: Reloads) -> Vec<Message> {
        let mut messages = self.at(seconds, signs, reloads);
        messages.retain(|message| !matches!(message, Message::Status(_)));
        messages
    }
}

#[test]
fn ready_is_told_once_when_every_link_has_begun() {
    let mut telling = Telling::new(None);
    assert!(telling.deeds(0, &[signs(running()), signs(Phase::Starting)], NOTHING).is_empty());
    assert_eq!(telling.deeds(1, &[signs(running()), signs(running())], NOTHING), [Message::Ready]);
    assert!(telling.deeds(2, &[signs(running()), signs(running())], NOTHING).is_empty());
    assert!(telling.deeds(3, &[signs(running()), signs(Phase::Starting)], NOTHING).is_empty());
}

#[test]
fn who_may_rightly_wait_is_ready_and_the_status_says_so() {
    for (phase, says) in [
        (Phase::WaitingForSource, "waits for PureConnect"),
        (Phase::Standby, "stands by, another bridge holds its journal"),
        (Phase::BetweenRuns, "failed, is started again"),
    ] {
        let told = Telling::new(None).at(0, &[signs(phase)], NOTHING);
        assert_eq!(told, [Message::Ready, Message::Status(says.to_owned())]);
    }
}

#[test]
fn progress_is_told_twice_within_the_watchdogs_time() {
    let mut telling = Telling::new(Some(60));
    let told: Vec<u64> = (0..120)
        .filter(|&second| telling.at(second, &[signs(running())], NOTHING).contains(&Message::Progress))
        .collect();
    assert_eq!(told, [0, 30, 60, 90]);
    let mut unwatched = Telling::new(None);
    assert!(!(0..120).any(|second| unwatched.at(second, &[signs(running())], NOTHING).contains(&Message::Progress)));
}

#[test]
fn one_loop_that_hangs_starves_the_watchdog() {
    let mut telling = Telling::new(Some(60));
    telling.at(0, &[signs(running()), signs(running())], NOTHING);
    let hangs = Signs { quiet_for: Signs::PATIENCE + Duration::from_millis(1), ..signs(running()) };
    for second in 1..300 {
        let told = telling.at(second, &[signs(running()), hangs.clone()], NOTHING);
        assert!(!told.contains(&Message::Progress), "{second} s: {told:?}");
    }
    assert!(telling.at(300, &[signs(running()), signs(running())], NOTHING).contains(&Message::Progress));
}

#[test]
fn a_link_that_waits_or_starts_is_no_reason_to_restart_the_program() {
    for phase in [Phase::Starting, Phase::BetweenRuns, Phase::Standby] {
        let waits = Signs { quiet_for: Duration::from_secs(10_000), ..signs(phase) };
        assert!(Telling::new(Some(60)).at(0, &[waits], NOTHING).contains(&Message::Progress));
    }
}

#[test]
fn the_status_is_renewed_when_it_changes_and_not_too_often() {
    let mut telling = Telling::new(None);
    let status = |messages: Vec<Message>| messages.into_iter().find(|message| matches!(message, Message::Status(_)));
    assert!(status(telling.at(0, &[signs(Phase::Starting)], NOTHING)).is_some());
    assert_eq!(status(telling.at(1, &[signs(running())], NOTHING)), None, "only every five seconds");
    let told = "312 of 320 agents in step, 3 on their way, 5 not synced";
    assert_eq!(status(telling.at(5, &[signs(running())], NOTHING)), Some(Message::Status(told.to_owned())));
    assert_eq!(status(telling.at(100, &[signs(running())], NOTHING)), None, "nothing new");
}

#[test]
fn the_status_of_several_links_names_them() {
    let counts =
        Counts { agents: 2, synced: 1, pending: 0, errors: 1, not_synced: 0, gaps: vec!["late", "target down"] };
    let south = Signs { name: "south".to_owned(), ..signs(Phase::Running(counts)) };
    let hangs = Signs { name: "west".to_owned(), quiet_for: Duration::from_secs(60), ..signs(running()) };
    let told = Telling::new(None).at(0, &[signs(Phase::WaitingForSource), south, hangs], NOTHING);
    let line = "north: waits for PureConnect; south: 1 of 2 agents in step, 1 with an error, not to be relied on: late and \
                target down; west: makes no progress";
    assert!(told.contains(&Message::Status(line.to_owned())), "{told:?}");
}

#[test]
fn a_reload_is_told_from_its_beginning_to_its_end() {
    let mut telling = Telling::new(None);
    let all = [signs(running())];
    telling.at(0, &all, NOTHING);
    assert_eq!(telling.deeds(1, &all, Reloads { begun: 1, ended: 0 }), [Message::Reloading]);
    assert!(telling.deeds(2, &all, Reloads { begun: 1, ended: 0 }).is_empty());
    assert_eq!(telling.deeds(3, &all, Reloads { begun: 1, ended: 1 }), [Message::Ready]);
    let both = telling.deeds(4, &all, Reloads { begun: 3, ended: 3 });
    assert_eq!(both, [Message::Reloading, Message::Ready], "one that was over before anybody looked");
}

#[test]
fn a_reload_during_the_start_is_told_when_the_start_is_over() {
    let mut telling = Telling::new(None);
    let done = Reloads { begun: 1, ended: 1 };
    assert!(telling.deeds(0, &[signs(Phase::Starting)], done).is_empty());
    assert_eq!(
        telling.deeds(1, &[signs(running())], done),
        [Message::Ready, Message::Reloading, Message::Ready],
        "ready always ends it"
    );
}

#[test]
fn stopping_is_told_whatever_else_there_is() {
    let mut messages = Messages::new(Some(Duration::from_secs(60)));
    let moment = Moment { now: Instant::now(), signs: &[], reloads: NOTHING, is_stopping: true };
    assert_eq!(messages.next(&moment), [Message::Stopping]);
}
