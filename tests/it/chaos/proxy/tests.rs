//! Each toxic does what it says, between a client and a server that answers each line.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::{Direction, Proxy, Toxic};
use crate::harness::PATIENCE;

const SHORT: Duration = Duration::from_millis(150);

/// Answers each line with `ok` and the line, and tells what each connection sent and whether it has ended.
struct Server {
    heard: watch::Receiver<Vec<Heard>>,
    url: String,
    _task: AbortOnDropHandle<()>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Heard {
    text: String,
    ended: bool,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (told, heard) = watch::channel(Vec::new());
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let told = told.clone();
                told.send_modify(|heard: &mut Vec<Heard>| heard.push(Heard::default()));
                let place = told.borrow().len() - 1;
                connections.spawn(answer(stream, told, place));
            }
        });
        Self { heard, url, _task: AbortOnDropHandle::new(task) }
    }

    /// Waits for this of the first connection.
    async fn has_heard(&mut self, what: impl Fn(&Heard) -> bool) {
        let waiting = self.heard.wait_for(|heard| heard.first().is_some_and(&what));
        tokio::time::timeout(PATIENCE, waiting).await.expect("in time").unwrap();
    }
}

async fn answer(mut stream: TcpStream, told: watch::Sender<Vec<Heard>>, place: usize) {
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut bytes).await {
        let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
        told.send_modify(|heard| heard[place].text.push_str(&text));
        if text.ends_with('\n') {
            let answer = format!("ok {}", told.borrow()[place].text);
            // Who does not listen any more gets no answer.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    }
    told.send_modify(|heard| heard[place].ended = true);
}

async fn scene(direction: Direction, toxic: Toxic) -> (Server, Proxy, TcpStream) {
    let server = Server::start().await;
    let proxy = Proxy::start(&server.url, 1).await;
    proxy.inject(direction, toxic);
    let client = connect(&proxy).await;
    (server, proxy, client)
}

async fn connect(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(proxy.url().trim_start_matches("http://")).await.unwrap()
}

/// Everything until the end, and how many reads it took.
async fn read_to_end(client: &mut TcpStream) -> (String, usize) {
    let (mut text, mut reads, mut bytes) = (Vec::new(), 0, [0; 4096]);
    while let Ok(read @ 1..) = client.read(&mut bytes).await {
        text.extend_from_slice(&bytes[..read]);
        reads += 1;
    }
    (String::from_utf8(text).unwrap(), reads)
}

/// An answer to this line.
async fn ask(client: &mut TcpStream, line: &str) -> String {
    client.write_all(line.as_bytes()).await.unwrap();
    let mut answer = vec![0; line.len() + 3];
    client.read_exact(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn without_a_toxic_bytes_and_ends_go_through() {
    let mut server = Server::start().await;
    let proxy = Proxy::start(&server.url, 1).await;
    let mut client = connect(&proxy).await;
    assert_eq!(ask(&mut client, "hello\n").await, "ok hello\n");
    client.shutdown().await.unwrap();
    assert_eq!(read_to_end(&mut client).await.0, "");
    server.has_heard(|heard| *heard == Heard { text: "hello\n".to_owned(), ended: true }).await;
    assert!(proxy.struck().is_empty());
}

#[tokio::test]
async fn latency_and_bandwidth_take_their_time() {
    let latency = Toxic::Latency { delay: SHORT, jitter: SHORT };
    for toxic in [latency, Toxic::Bandwidth { per_second: 40 }] {
        for direction in [Direction::ToServer, Direction::ToClient] {
            let (_server, _proxy, mut client) = scene(direction, toxic).await;
            let began = Instant::now();
            assert_eq!(ask(&mut client, "hello\n").await, "ok hello\n");
            assert!(began.elapsed() >= SHORT, "{toxic:?} {direction:?}: {:?}", began.elapsed());
        }
    }
}

#[tokio::test]
async fn slices_arrive_one_by_one_and_complete() {
    let slices = Toxic::Slice { most: 1, gap: Duration::from_millis(5) };
    let (_server, _proxy, mut client) = scene(Direction::ToClient, slices).await;
    client.write_all(b"a line of some length\n").await.unwrap();
    client.shutdown().await.unwrap();
    let (text, reads) = read_to_end(&mut client).await;
    assert_eq!(text, "ok a line of some length\n");
    assert!(reads > 5, "{reads} reads");
}

#[tokio::test]
async fn a_black_hole_accepts_and_never_answers_and_is_reset_when_it_heals() {
    let (server, proxy, mut client) = scene(Direction::ToServer, Toxic::BlackHole).await;
    client.write_all(b"hello\n").await.unwrap();
    proxy.has_struck(Toxic::BlackHole, 1).await;
    let nothing = tokio::time::timeout(SHORT, client.read_u8()).await;
    assert!(nothing.is_err(), "silence, no end: {nothing:?}");
    assert_eq!(server.heard.borrow()[0], Heard::default());
    proxy.heal();
    let mut byte = [0];
    assert!(!matches!(client.read(&mut byte).await, Ok(1..)), "the connection is of no use");
    assert_eq!(ask(&mut connect(&proxy).await, "again\n").await, "ok again\n");
}

#[tokio::test]
async fn a_reset_is_a_reset_and_no_end() {
    for direction in [Direction::ToServer, Direction::ToClient] {
        let (_server, _proxy, mut client) = scene(direction, Toxic::Reset).await;
        client.write_all(b"hello\n").await.unwrap();
        let error = client.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{direction:?}");
    }
}

#[tokio::test]
async fn a_half_close_ends_one_direction_in_the_middle() {
    let (mut server, _proxy, mut client) = scene(Direction::ToServer, Toxic::HalfClose).await;
    client.write_all(b"hello!").await.unwrap();
    server.has_heard(|heard| *heard == Heard { text: "hel".to_owned(), ended: true }).await;

    let (mut server, _proxy, mut client) = scene(Direction::ToClient, Toxic::HalfClose).await;
    client.write_all(b"hello\n").await.unwrap();
    assert_eq!(read_to_end(&mut client).await.0, "ok h");
    client.write_all(b"still\n").await.unwrap();
    server.has_heard(|heard| heard.text == "hello\nstill\n").await;
}

#[tokio::test]
async fn a_cut_ends_after_so_many_bytes() {
    let (mut server, _proxy, mut client) = scene(Direction::ToClient, Toxic::Cut { after: 5 }).await;
    client.write_all(b"hello\n").await.unwrap();
    assert_eq!(read_to_end(&mut client).await.0, "ok he");
    server.has_heard(|heard| heard.ended).await;
}

#[tokio::test]
async fn late_delivery_arrives_after_the_client_has_gone() {
    let late = Toxic::Late { hold: SHORT * 2 };
    let (mut server, proxy, mut client) = scene(Direction::ToServer, late).await;
    let sent = Instant::now();
    client.write_all(b"hello\n").await.unwrap();
    proxy.has_struck(late, 1).await;
    drop(client);
    assert_eq!(server.heard.borrow()[0], Heard::default());
    server.has_heard(|heard| heard.text == "hello\n").await;
    assert!(sent.elapsed() >= SHORT * 2, "{:?}", sent.elapsed());
    server.has_heard(|heard| heard.ended).await;
}

#[tokio::test]
async fn a_duplicate_reaches_the_server_twice_and_the_client_sees_one_answer() {
    let duplicate = Toxic::Duplicate { after: SHORT };
    let (mut server, _proxy, mut client) = scene(Direction::ToServer, duplicate).await;
    assert_eq!(ask(&mut client, "hello\n").await, "ok hello\n");
    let texts = |heard: &Vec<Heard>| heard.iter().map(|one| one.text.clone()).collect::<Vec<_>>();
    let waiting = server.heard.wait_for(|heard| texts(heard) == ["hello\n", "hello\n"]);
    tokio::time::timeout(PATIENCE, waiting).await.expect("in time").unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(read_to_end(&mut client).await.0, "");
}
