//! One connection through the proxy: both directions in one task, so that a toxic in one can end the other.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::toxic::{Direction, Fate, Lane, Toxic};
use super::{Replays, Tally, Toxics};

/// The most pieces on their way in one direction; then the sender waits, as with a full socket.
const ON_THE_WAY: usize = 1 << 20;

/// One direction: where bytes come from, where they go, and what is on its way.
struct Way {
    direction: Direction,
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    lane: Lane,
    /// Nothing more comes.
    ended: bool,
    /// The other end knows that, or cannot be reached any more.
    closed: bool,
}

impl Way {
    fn has_room(&self) -> bool {
        !self.ended && self.lane.queue.len() < ON_THE_WAY
    }

    /// Sends the next piece; who does not listen any more misses it.
    async fn deliver(&mut self) -> io::Result<()> {
        let Some(piece) = self.lane.queue.pop_front() else { return Ok(()) };
        if self.closed {
            return Ok(());
        }
        let written = self.to.write_all(&piece.bytes).await;
        self.closed |= written.is_err();
        written
    }

    /// Passes the end on when everything before it has arrived.
    async fn close(&mut self) {
        if !self.closed {
            self.closed = true;
            // The other end may have gone before.
            let _ = self.to.shutdown().await;
        }
    }

    fn is_over(&self) -> bool {
        self.ended && self.lane.queue.is_empty() && self.closed
    }
}

pub struct Connection {
    up: Way,
    down: Way,
    toxics: watch::Receiver<Toxics>,
    tally: Tally,
    replays: Replays,
    /// The request under way, as long as it may have to be repeated.
    request: Vec<u8>,
    /// Something was delivered to the server that it has not answered.
    unanswered: bool,
}

/// What the loop heard.
enum Heard {
    Changed,
    Read(Direction, io::Result<usize>),
    Due(Direction),
}

impl Connection {
    pub fn new(
        client: TcpStream,
        server: TcpStream,
        toxics: watch::Receiver<Toxics>,
        random: fastrand::Rng,
        tally: Tally,
        replays: Replays,
    ) -> Self {
        // Otherwise slices would be glued together again.
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let mut random = random;
        let now = Instant::now();
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let mut way = |direction, from, to| Way {
            direction,
            from,
            to,
            lane: Lane::new(now, random.fork()),
            ended: false,
            closed: false,
        };
        let up = way(Direction::ToServer, from_client, to_server);
        let down = way(Direction::ToClient, from_server, to_client);
        Self { up, down, toxics, tally, replays, request: Vec::new(), unanswered: false }
    }

    /// Relays until both directions have ended, or a toxic ends them.
    pub async fn run(mut self) {
        let (mut from_client, mut from_server) = (vec![0; 1 << 16], vec![0; 1 << 16]);
        while !(self.up.is_over() && self.down.is_over()) {
            let heard = tokio::select! {
                changed = self.toxics.changed() => match changed {
                    Ok(()) => Heard::Changed,
                    Err(_) => return,
                },
                read = self.up.from.read(&mut from_client), if self.up.has_room() => Heard::Read(Direction::ToServer, read),
                read = self.down.from.read(&mut from_server), if self.down.has_room() => Heard::Read(Direction::ToClient, read),
                () = due(&self.up.lane) => Heard::Due(Direction::ToServer),
                () = due(&self.down.lane) => Heard::Due(Direction::ToClient),
            };
            let fate = match heard {
                Heard::Changed => self.change(),
                Heard::Read(Direction::ToServer, read) => self.take(Direction::ToServer, &from_client, read),
                Heard::Read(Direction::ToClient, read) => self.take(Direction::ToClient, &from_server, read),
                Heard::Due(direction) => self.deliver(direction).await,
            };
            match fate {
                Fate::Lives | Fate::HalfCloses => {}
                Fate::Ends => return self.drain().await,
                Fate::Resets => return self.reset(),
            }
            self.pass_ends_on().await;
        }
    }

    /// Where bytes were lost, the two ends cannot go on together.
    fn change(&mut self) -> Fate {
        self.up.lane.handle_change();
        self.down.lane.handle_change();
        if self.up.lane.has_lost || self.down.lane.has_lost { Fate::Resets } else { Fate::Lives }
    }

    fn take(&mut self, direction: Direction, bytes: &[u8], read: io::Result<usize>) -> Fate {
        let toxics = self.toxics.borrow().of(direction).to_vec();
        let way = match direction {
            Direction::ToServer => &mut self.up,
            Direction::ToClient => &mut self.down,
        };
        let read = read.unwrap_or(0);
        if read == 0 {
            way.ended = true;
            return Fate::Lives;
        }
        for toxic in &toxics {
            self.tally.send_modify(|tally| *tally.entry(toxic.name()).or_default() += 1);
        }
        let fate = way.lane.take(Instant::now(), &bytes[..read], &toxics);
        way.ended |= fate == Fate::HalfCloses;
        match direction {
            Direction::ToServer => self.note_request(&bytes[..read], &toxics),
            Direction::ToClient => self.unanswered = false,
        }
        if direction == Direction::ToClient {
            self.repeat_request();
        }
        fate
    }

    fn note_request(&mut self, bytes: &[u8], toxics: &[Toxic]) {
        self.unanswered = true;
        if toxics.iter().any(|toxic| matches!(toxic, Toxic::Duplicate { .. })) {
            self.request.extend_from_slice(bytes);
        }
    }

    /// The server answers, so the request is complete: HTTP/1.1 without pipelining.
    fn repeat_request(&mut self) {
        let request = std::mem::take(&mut self.request);
        let after = self.toxics.borrow().to_server.iter().find_map(|toxic| match toxic {
            Toxic::Duplicate { after } => Some(*after),
            _ => None,
        });
        if let (false, Some(after)) = (request.is_empty(), after) {
            // When so many wait already, one more makes no difference.
            let _ = self.replays.try_send((Instant::now() + after, request));
        }
    }

    async fn deliver(&mut self, direction: Direction) -> Fate {
        let way = match direction {
            Direction::ToServer => &mut self.up,
            Direction::ToClient => &mut self.down,
        };
        match (way.deliver().await, direction) {
            (Ok(()), _) => Fate::Lives,
            // A client that is gone does not keep what it sent from arriving.
            (Err(_), Direction::ToClient) => Fate::Lives,
            (Err(_), Direction::ToServer) => Fate::Ends,
        }
    }

    /// Ends go on behind the last bytes. The end of a client that gave up waits until what it sent late was answered:
    /// a server that sees the end first drops the request.
    async fn pass_ends_on(&mut self) {
        for way in [&mut self.up, &mut self.down] {
            let waits = way.direction == Direction::ToServer && way.lane.is_late && self.unanswered;
            if way.ended && way.lane.queue.is_empty() && !waits {
                way.close().await;
            }
        }
        // Nobody is left to hear an answer.
        if self.down.ended && self.up.lane.is_late {
            self.unanswered = false;
        }
    }

    /// Lets what is on its way arrive, then ends both directions.
    async fn drain(mut self) {
        for way in [&mut self.up, &mut self.down] {
            while let Some(due) = way.lane.due() {
                sleep_until(due).await;
                if way.deliver().await.is_err() {
                    break;
                }
            }
            way.close().await;
        }
    }

    fn reset(self) {
        for half in [&self.up.from, &self.down.from] {
            // A socket that is gone needs no reset.
            let _ = half.as_ref().set_zero_linger();
        }
        // Otherwise dropping the write halves would say goodbye in order first.
        self.up.to.forget();
        self.down.to.forget();
    }
}

async fn due(lane: &Lane) {
    match lane.due() {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
