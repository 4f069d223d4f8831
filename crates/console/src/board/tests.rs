//! A link begins, changes, falls silent, comes back: what the board shows of it.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::AgentId;
use replicator::engine::{Report, Standings};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::samples::{self, Runner, agent, at_lunch, catalogue, eight, report};

/// A board of one link, and who runs that.
struct Stage {
    board: Board,
    runner: Runner,
    shutdown: CancellationToken,
    following: JoinHandle<()>,
}

impl Stage {
    fn new() -> Self {
        let (link, runner) = samples::link("main");
        let shutdown = CancellationToken::new();
        let (board, following) = Board::follow(vec![link], shutdown.clone());
        Self { board, runner, shutdown, following: tokio::spawn(following) }
    }

    /// Waits until the picture is as it should be. Time is paused: it goes on when everybody waits.
    async fn until(&self, is_so: impl Fn(&LinkBoard) -> bool) -> Arc<LinkBoard> {
        let mut revision = self.board.watch();
        let waiting = async {
            loop {
                let link = self.board.link("main").unwrap();
                if is_so(&link) {
                    return link;
                }
                revision.changed().await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("the picture becomes so")
    }

    async fn say(&self, standings: Standings) {
        self.runner.standings.send(standings).await.unwrap();
    }

    async fn end(self) {
        self.shutdown.cancel();
        self.following.await.unwrap();
    }
}

fn beginning(agents: Vec<replicator::engine::AgentReport>) -> Standings {
    Standings { anew: true, agents, gone: Vec::new(), catalogue: Some(catalogue()) }
}

fn ids(link: &LinkBoard) -> Vec<&str> {
    link.agents.iter().map(|agent| agent.id.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_link_begins_and_its_agents_are_there_in_the_order_of_their_ids() {
    let stage = Stage::new();
    let before = stage.board.link("main").unwrap();
    assert!(!before.is_heard() && before.report.is_none() && before.agents.is_empty());
    stage.runner.report.send_replace(Some(report()));
    stage.runner.epoch.send_replace(Some(7));
    stage.say(beginning(vec![agent("cleo"), agent("Ben"), agent("ada")])).await;
    let link = stage.until(|link| link.agents.len() == 3 && link.is_heard()).await;
    assert_eq!(ids(&link), ["ada", "Ben", "cleo"]);
    assert_eq!((link.epoch, link.at(), link.catalogue.len()), (Some(7), Some(eight()), 3));
    assert!(link.agent(&AgentId::new("BEN")).is_some(), "ids have no case");
    assert!(link.agent(&AgentId::new("dora")).is_none());
    assert!(before.agents.is_empty(), "a picture does not change");
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_agent_changes_one_leaves_one_comes() {
    let stage = Stage::new();
    stage.runner.report.send_replace(Some(report()));
    stage.say(beginning(vec![agent("ada"), agent("ben")])).await;
    let before = stage.until(|link| link.agents.len() == 2).await;
    let lunch = at_lunch("ada", "2026-11-23T08:00:00Z");
    let gone = vec![AgentId::new("ben")];
    stage.say(Standings { anew: false, agents: vec![lunch, agent("dora")], gone, catalogue: None }).await;
    let link = stage.until(|link| link.revision > before.revision && ids(link) == ["ada", "dora"]).await;
    assert_eq!(link.agents[0].message.as_ref().unwrap().text, "At Lunch");
    assert_eq!(link.catalogue.len(), 3, "that nothing is said of the catalogue is no news of it");
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_link_that_ends_leaves_its_agents_and_says_since_when_it_is_silent() {
    let stage = Stage::new();
    stage.runner.report.send_replace(Some(report()));
    stage.say(beginning(vec![agent("ada")])).await;
    stage.until(|link| link.is_heard() && link.agents.len() == 1).await;
    stage.runner.trouble.send_replace(Some("the password is wrong".to_owned()));
    stage.runner.report.send_replace(None);
    let link = stage.until(|link| !link.is_heard() && link.trouble.is_some()).await;
    assert_eq!(ids(&link), ["ada"]);
    assert_eq!((link.stale_since, link.at()), (Some(eight()), Some(eight())));
    // It is started again, and begins with others.
    stage.runner.trouble.send_replace(None);
    stage.runner.report.send_replace(Some(report()));
    stage.say(beginning(vec![agent("ben")])).await;
    let link = stage.until(|link| ids(link) == ["ben"]).await;
    assert!(link.is_heard() && link.trouble.is_none() && link.stale_since.is_none());
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_link_that_hangs_is_as_silent_as_one_that_ended() {
    let stage = Stage::new();
    let begun = Instant::now();
    stage.runner.report.send_replace(Some(report()));
    let link = stage.until(|link| link.stale_since.is_some()).await;
    assert_eq!(link.stale_since, Some(eight()));
    assert!(begun.elapsed() >= Duration::from_secs(5), "{:?}", begun.elapsed());
    let later = Report { at: eight() + Duration::from_secs(9), ..report() };
    stage.runner.report.send_replace(Some(later));
    stage.until(LinkBoard::is_heard).await;
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn pictures_come_four_times_a_second_at_most_whatever_happens() {
    let stage = Stage::new();
    let begun = Instant::now();
    let mut revision = stage.board.watch();
    for second in 0..200 {
        let at = eight() + Duration::from_secs(second);
        stage.runner.report.send_replace(Some(Report { at, ..report() }));
        tokio::time::advance(Duration::from_millis(10)).await;
        tokio::task::yield_now().await;
    }
    stage.until(|link| link.at() == Some(eight() + Duration::from_secs(199))).await;
    let (pictures, quarters) = (*revision.borrow_and_update(), begun.elapsed().as_millis() / 250);
    assert!(u128::from(pictures) <= quarters, "{pictures} in {quarters} quarters of a second");
    assert!(pictures >= 5, "{pictures}");
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn that_time_goes_by_is_nothing_to_be_seen() {
    let stage = Stage::new();
    stage.runner.report.send_replace(Some(report()));
    let before = stage.until(LinkBoard::is_heard).await;
    let later = eight() + Duration::from_secs(1);
    stage.runner.report.send_replace(Some(Report { at: later, ..report() }));
    let link = stage.until(|link| link.at() == Some(later)).await;
    assert_eq!(link.revision, before.revision);
    stage.runner.report.send_replace(Some(Report { at: later, delivered: 1, ..report() }));
    stage.until(|link| link.revision > before.revision).await;
    stage.end().await;
}

/// The next portion, with who changed in it.
async fn next(changes: &mut mpsc::Receiver<Arc<Change>>) -> (u64, Vec<String>) {
    let change = changes.recv().await.expect("a change comes");
    (change.number, change.agents.iter().map(|agent| agent.id.to_string()).collect())
}

#[tokio::test(start_paused = true)]
async fn who_listens_hears_every_change_with_its_number() {
    let stage = Stage::new();
    let mut changes = stage.board.changes(Some("main")).await;
    let mut of_another = stage.board.changes(Some("nowhere")).await;
    assert_eq!(next(&mut changes).await, (0, Vec::new()), "from here on nothing is missed");
    stage.say(beginning(vec![agent("ada"), agent("ben")])).await;
    stage.say(Standings { agents: vec![agent("ben")], ..Standings::default() }).await;
    assert_eq!(next(&mut changes).await, (1, vec!["ada".to_owned(), "ben".to_owned()]));
    assert_eq!(next(&mut changes).await, (2, vec!["ben".to_owned()]));
    assert!(of_another.recv().await.is_none(), "there is no such link");
    stage.end().await;
    assert!(changes.recv().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn who_comes_later_finds_everything_before_in_the_picture() {
    let stage = Stage::new();
    let mut early = stage.board.changes(None).await;
    stage.say(beginning(vec![agent("ada")])).await;
    while next(&mut early).await.0 < 1 {}
    // The picture has yet to come by its own pace.
    let mut late = stage.board.changes(None).await;
    assert_eq!(next(&mut late).await, (1, Vec::new()));
    assert_eq!(ids(&stage.board.link("main").unwrap()), ["ada"]);
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn who_listens_and_does_not_read_is_dropped_and_holds_up_nobody() {
    let stage = Stage::new();
    let mut idle = stage.board.changes(None).await;
    let mut busy = stage.board.changes(None).await;
    assert_eq!(next(&mut busy).await.0, 0);
    let portions = PORTIONS as u64 + 20;
    for number in 1..=portions {
        stage.say(Standings { agents: vec![agent("ada")], ..Standings::default() }).await;
        assert_eq!(next(&mut busy).await.0, number);
    }
    let mut heard = 0;
    while idle.recv().await.is_some() {
        heard += 1;
    }
    assert_eq!(heard, PORTIONS, "what had come is still there, and then the stream ends");
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn links_are_in_the_order_of_the_configuration() {
    let (south, _south) = samples::link("south");
    let (north, _north) = samples::link("north");
    let (board, following) = Board::follow(vec![south, north], CancellationToken::new());
    let names: Vec<String> = board.links().iter().map(|link| link.name.to_string()).collect();
    assert_eq!(names, ["south", "north"]);
    assert!(board.link("east").is_none());
    drop(following);
}

#[test]
fn what_agents_have_in_common_is_there_once() {
    let mut roster = Roster::default();
    roster.take(vec![agent("ada"), agent("ben"), at_lunch("cleo", "2026-11-23T08:00:00Z")]);
    let agents = roster.picture();
    let [ada, ben, cleo] = &agents[..] else { panic!("there are three") };
    assert!(Arc::ptr_eq(&ada.workgroups, &cleo.workgroups));
    assert!(Arc::ptr_eq(ada.message.as_ref().unwrap(), ben.message.as_ref().unwrap()));
    assert!(Arc::ptr_eq(ada.rule.as_ref().unwrap(), ben.rule.as_ref().unwrap()));
}
