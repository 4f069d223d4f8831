//! What a toxic does to the bytes of one direction: when they go on, in which pieces, and whether at all.
//!
//! Pure: it is told the time and the randomness, and neither reads nor writes.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the bridge to a simulator.
    ToServer,
    /// From a simulator to the bridge.
    ToClient,
}

/// What happens to the bytes of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toxic {
    /// Everything takes longer, by a random share of the jitter differently so.
    Latency { delay: Duration, jitter: Duration },
    /// Pieces of a random size from one byte to so many, each after a gap.
    Slice { most: usize, gap: Duration },
    /// So many bytes in a second.
    Bandwidth { per_second: u32 },
    /// Bytes are taken and never arrive. The connection is good for nothing any more, which shows when it heals.
    BlackHole,
    /// Both ends get a reset (RST) as soon as there are bytes.
    Reset,
    /// Half of the bytes arrive, then the end (FIN) in this direction only.
    HalfClose,
    /// So many more bytes arrive, then both directions end.
    Cut { after: usize },
    /// What is sent arrives so much later, also when the sender has gone by then.
    Late { hold: Duration },
    /// A request that was answered reaches the server once more, on a connection of its own, so much later. Nobody sees
    /// the second answer.
    Duplicate { after: Duration },
}

impl Toxic {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Latency { .. } => "latency",
            Self::Slice { .. } => "slices",
            Self::Bandwidth { .. } => "bandwidth",
            Self::BlackHole => "black hole",
            Self::Reset => "reset",
            Self::HalfClose => "half-close",
            Self::Cut { .. } => "cut",
            Self::Late { .. } => "late delivery",
            Self::Duplicate { .. } => "duplicate delivery",
        }
    }
}

/// Bytes and when they go on.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    pub due: Instant,
    pub bytes: Vec<u8>,
}

/// What becomes of the connection after these bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes on.
    Lives,
    /// Nothing more goes this way.
    HalfCloses,
    /// It ends when what is on its way has arrived.
    Ends,
    /// It is reset at once.
    Resets,
}

/// The bytes of one direction on their way.
#[derive(Debug)]
pub struct Lane {
    pub queue: VecDeque<Piece>,
    /// Bytes that went into a black hole: the two ends do not agree any more.
    pub has_lost: bool,
    /// Something was held back on purpose, longer than its sender may wait.
    pub is_late: bool,
    /// Bytes since the toxics last changed.
    passed: usize,
    /// Nothing overtakes what is on its way.
    busy_until: Instant,
    random: fastrand::Rng,
}

impl Lane {
    pub fn new(now: Instant, random: fastrand::Rng) -> Self {
        Self { queue: VecDeque::new(), has_lost: false, is_late: false, passed: 0, busy_until: now, random }
    }

    /// Other toxics from now on.
    pub fn handle_change(&mut self) {
        self.passed = 0;
    }

    /// Takes bytes over, as these toxics have it.
    pub fn take(&mut self, now: Instant, bytes: &[u8], toxics: &[Toxic]) -> Fate {
        let mut bytes = bytes;
        let mut fate = Fate::Lives;
        let mut start = now;
        let mut most = usize::MAX;
        let mut gap = Duration::ZERO;
        let mut per_second = None;
        for toxic in toxics {
            match *toxic {
                Toxic::Latency { delay, jitter } => start += delay + jitter.mul_f64(self.random.f64()),
                Toxic::Late { hold } => {
                    start += hold;
                    self.is_late = true;
                }
                Toxic::Slice { most: size, gap: between } => (most, gap) = (size, between),
                Toxic::Bandwidth { per_second: rate } => per_second = Some(rate),
                Toxic::BlackHole => {
                    self.has_lost = true;
                    return Fate::Lives;
                }
                Toxic::Reset => return Fate::Resets,
                Toxic::HalfClose => {
                    bytes = &bytes[..bytes.len() / 2];
                    fate = Fate::HalfCloses;
                }
                Toxic::Cut { after } if self.passed + bytes.len() >= after => {
                    bytes = &bytes[..after.saturating_sub(self.passed)];
                    fate = Fate::Ends;
                }
                Toxic::Cut { .. } | Toxic::Duplicate { .. } => {}
            }
        }
        self.passed += bytes.len();
        self.busy_until = self.busy_until.max(start);
        while !bytes.is_empty() {
            let size = if most == usize::MAX { bytes.len() } else { self.random.usize(1..=most).min(bytes.len()) };
            let (piece, rest) = bytes.split_at(size);
            bytes = rest;
            self.busy_until += gap;
            if let Some(rate) = per_second {
                self.busy_until += Duration::from_secs_f64(size as f64 / f64::from(rate));
            }
            self.queue.push_back(Piece { due: self.busy_until, bytes: piece.to_vec() });
        }
        fate
    }

    /// When the next piece goes on.
    pub fn due(&self) -> Option<Instant> {
        self.queue.front().map(|piece| piece.due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(seed: u64, toxics: &[Toxic]) -> Vec<(Duration, usize)> {
        let now = Instant::now();
        let mut lane = Lane::new(now, fastrand::Rng::with_seed(seed));
        for _ in 0..3 {
            assert_eq!(lane.take(now, &[7; 50], toxics), Fate::Lives);
        }
        lane.queue.iter().map(|piece| (piece.due - now, piece.bytes.len())).collect()
    }

    #[test]
    fn the_same_seed_is_the_same_trouble() {
        let second = Duration::from_secs(1);
        let toxics = [Toxic::Latency { delay: second, jitter: second }, Toxic::Slice { most: 9, gap: second }];
        assert_eq!(pieces(5, &toxics), pieces(5, &toxics));
        assert_ne!(pieces(5, &toxics), pieces(6, &toxics));
    }

    #[test]
    fn nothing_overtakes_and_nothing_is_lost_on_the_way() {
        let second = Duration::from_secs(1);
        let toxics = [Toxic::Latency { delay: second, jitter: second }, Toxic::Slice { most: 9, gap: Duration::ZERO }];
        let pieces = pieces(5, &toxics);
        assert!(pieces.windows(2).all(|two| two[0].0 <= two[1].0), "{pieces:?}");
        assert_eq!(pieces.iter().map(|(_, size)| size).sum::<usize>(), 150);
        assert!(pieces.iter().all(|(_, size)| (1..=9).contains(size)), "{pieces:?}");
    }
}
