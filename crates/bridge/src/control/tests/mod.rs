//! The protocol on a real socket, with a loop that answers as it is told to.

mod agents;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use replicator::Command;
use replicator::engine::{Confirmation, Doubt};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::ask::report;
use super::{Answer, Desk, Listening, REQUEST, ReloadRequest, Reloaded, confirm};
use crate::exit::{Exit, Failed};

/// Who sits behind the socket: these links, each with a loop that treats commands so, and who reloads.
struct Office {
    links: Vec<&'static str>,
    obey: fn(Command),
    reload: fn(ReloadRequest),
}

/// Lets commands wait for ever, as a link does that is still connecting.
fn silent(command: Command) {
    drop(command);
}

fn never(_: ReloadRequest) {
    panic!("nobody asked for a reload");
}

impl Office {
    fn of_one(obey: fn(Command)) -> Self {
        Self { links: vec!["default"], obey, reload: never }
    }

    /// Serves a folder's socket while `talk` talks to it.
    async fn open<T: Send + 'static>(self, talk: impl FnOnce(PathBuf) -> T + Send + 'static) -> T {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let (commands, mut asked) = mpsc::channel(1);
        let (reload, mut reloads) = mpsc::channel(1);
        let links = self.links.iter().map(|name| ((*name).to_owned(), commands.clone())).collect();
        let shutdown = CancellationToken::new();
        let desk = Desk { links, reload };
        let serving = tokio::spawn(Listening::open(&path).unwrap().serve(desk, shutdown.clone()));
        let mut talking = tokio::task::spawn_blocking({
            let path = path.clone();
            move || talk(path)
        });
        let told = loop {
            tokio::select! {
                told = &mut talking => break told.unwrap(),
                Some(command) = asked.recv() => (self.obey)(command),
                Some(request) = reloads.recv() => (self.reload)(request),
            }
        };
        shutdown.cancel();
        serving.await.unwrap();
        assert!(!path.exists(), "the socket is left behind");
        told
    }
}

fn raw(path: &Path, request: &[u8]) -> String {
    let mut stream = UnixStream::connect(path).unwrap();
    stream.write_all(request).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn answer(command: Command, confirmation: Confirmation) {
    match command {
        Command::Confirm(told) => told.send(confirmation).unwrap(),
        other => panic!("{other:?}"),
    }
}

const DOUBT: Doubt = Doubt::FewerAgents { before: 40, now: 3 };

#[tokio::test]
async fn a_confirmation_goes_to_the_bridge_and_its_answer_comes_back() {
    let ask = |path: PathBuf| confirm(&path, None).unwrap();
    let confirmed = Office::of_one(|command| answer(command, Confirmation::Confirmed(DOUBT)));
    assert_eq!(confirmed.open(ask).await, Answer::Confirmed { doubt: DOUBT.to_string() });
    let quiet = Office::of_one(|command| answer(command, Confirmation::NothingFrozen));
    assert_eq!(quiet.open(ask).await, Answer::NothingFrozen);
    let frozen = Office::of_one(|command| answer(command, Confirmation::NotConfirmable(Doubt::NoCatalogue)));
    let told = frozen.open(ask).await;
    assert!(matches!(told, Answer::NotConfirmable { advice, .. } if advice.contains("Status Messages")));
    let stopping = Office::of_one(silent);
    assert!(matches!(stopping.open(ask).await, Answer::Failed { error } if error.contains("does not run")));
}

#[tokio::test]
async fn what_is_no_request_is_answered_with_what_is_wrong() {
    let quiet = Office::of_one(|command| answer(command, Confirmation::NothingFrozen));
    let told = quiet
        .open(|path| {
            let long = [b'x'; REQUEST * 2];
            [
                (raw(&path, b"{\"command\":\"halt\"}\n"), "unknown command; this bridge knows confirm, report"),
                (raw(&path, b"hello\n"), "not JSON"),
                (raw(&path, b"[]\n"), "names no command"),
                (raw(&path, b"{\"command\":\"confirm\",\"link\":7}\n"), "not a request"),
                (raw(&path, b"{\"command\":\"confirm\"}"), "ended before"),
                (raw(&path, b"\xff\xfe\n"), "failed to read"),
                (raw(&path, &long[..REQUEST]), "longer than"),
                (raw(&path, b"{\"command\":\"reload\",\"link\":\"default\"}\n"), "not of one link"),
                (raw(&path, b"{\"command\":\"confirm\",\"later\":1}\n"), "nothing-frozen"),
            ]
        })
        .await;
    for (told, words) in told {
        assert!(told.contains(words) && told.ends_with('\n'), "{words}: {told}");
    }
}

#[tokio::test]
async fn where_several_links_run_the_one_that_is_meant_is_named() {
    let quiet = || Office {
        links: vec!["north", "south"],
        ..Office::of_one(|command| answer(command, Confirmation::NothingFrozen))
    };
    let which = |told: Result<Answer, super::Unanswered>| Failed::from(told.unwrap_err());
    let told = which(quiet().open(|path| confirm(&path, None)).await);
    assert_eq!(told.exit, Exit::Usage);
    assert!(told.story(false).contains("name one of \"north\", \"south\""), "{told:?}");
    let told = which(quiet().open(|path| confirm(&path, Some("east"))).await);
    assert!(told.story(false).contains("no link \"east\"; there is \"north\", \"south\""), "{told:?}");
    assert_eq!(quiet().open(|path| confirm(&path, Some("south")).unwrap()).await, Answer::NothingFrozen);
}

#[tokio::test]
async fn a_link_that_cannot_say_how_it_stands_does_not_silence_the_others() {
    let stopping = Office { links: vec!["north", "south"], ..Office::of_one(silent) };
    let links = stopping.open(|path| report(&path, None).unwrap()).await;
    let named: Vec<_> = links.iter().map(|link| (link.name.as_str(), link.trouble.as_deref())).collect();
    assert_eq!(
        named,
        [
            ("north", Some("this link does not run at the moment")),
            ("south", Some("this link does not run at the moment"))
        ]
    );
}

#[tokio::test]
async fn a_reload_comes_back_with_what_was_applied() {
    let office = Office {
        reload: |told| told.send(Reloaded { applied: vec!["the scope".to_owned()], ..Reloaded::default() }).unwrap(),
        ..Office::of_one(silent)
    };
    let told = office.open(|path| super::ask::reload(&path).unwrap()).await;
    assert_eq!(told.applied, ["the scope"]);
}

/// Whatever listens at the socket and says this, to whoever asks.
fn impostor(said: &'static str) -> Failed {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let speaking = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1];
        while request != [b'\n'] {
            stream.read_exact(&mut request).unwrap();
        }
        stream.write_all(said.as_bytes()).unwrap();
    });
    let told = super::agents(&path, None).unwrap_err();
    speaking.join().unwrap();
    told.into()
}

#[test]
fn an_answer_that_is_cut_off_or_lost_a_line_is_noticed() {
    let link = "{\"link\":{\"name\":\"default\",\"report\":null,\"trouble\":null,\"new\":1}}\n";
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let cases = [
        (link, "cut off after 1 lines"),
        (leak(format!("{link}{{\"complete\":{{\"lines\":2}}}}\n")), "has 1 lines and should have 2"),
        (leak(format!("{link}{{\"failed\":{{\"kind\":\"unavailable\",\"error\":\"asleep\"}}}}\n")), "asleep"),
        ("{\"complete\":{\"lines\":3}}\n", "has 0 lines"),
        ("{\"dance\":{}}\n", "no Presence Bridge"),
        ("", "no Presence Bridge"),
    ];
    for (said, words) in cases {
        let told = impostor(said);
        assert_eq!(told.exit, Exit::Unreachable);
        assert!(told.story(false).contains(words), "{words}: {told:?}");
    }
}

#[test]
fn where_nobody_listens_no_bridge_runs() {
    let folder = tempfile::tempdir().unwrap();
    let told = super::agents(&folder.path().join("socket"), None).unwrap_err();
    assert!(matches!(&told, super::Unanswered::Nobody(failed) if failed.exit == Exit::Unreachable), "{told:?}");
}
