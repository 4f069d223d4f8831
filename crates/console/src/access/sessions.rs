//! Sessions of browsers: which there are and until when. Is told the time, keeps no cookie but only what it hashes to, and
//! forgets all of them with the program.

use std::collections::BTreeMap;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::caller::Role;

/// A working day and a half; then the token is asked for again.
pub(crate) const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// More at once than people look. With all of them taken the oldest ends.
const MOST: usize = 1_000;

/// What a session is found by: the hash of its cookie. Whoever sees it cannot make the cookie from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key([u8; 32]);

impl Key {
    pub(crate) fn of(cookie: &str) -> Self {
        Self(Sha256::digest(cookie.as_bytes()).into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// All sessions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sessions {
    by_key: BTreeMap<Key, Session>,
}

#[derive(Debug, Clone, Copy)]
struct Session {
    role: Role,
    until: Instant,
}

impl Sessions {
    /// A new one.
    pub(crate) fn begin(&mut self, now: Instant, key: Key, role: Role) {
        self.by_key.retain(|_, session| session.until > now);
        while self.by_key.len() >= MOST {
            let oldest = self.by_key.iter().min_by_key(|(_, session)| session.until).map(|(&key, _)| key);
            let Some(oldest) = oldest else { break };
            self.by_key.remove(&oldest);
        }
        self.by_key.insert(key, Session { role, until: now + LIFETIME });
    }

    /// It is logged out.
    pub(crate) fn end(&mut self, key: &Key) {
        self.by_key.remove(key);
    }

    /// What whoever has it may do; `None` when it has ended.
    pub(crate) fn role(&self, now: Instant, key: &Key) -> Option<Role> {
        self.by_key.get(key).filter(|session| session.until > now).map(|session| session.role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Key {
        Key::of(&number.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_ends_after_twelve_hours() {
        let now = Instant::now();
        let mut sessions = Sessions::default();
        sessions.begin(now, key(1), Role::Viewer);

        let hours = |hours: u64| now + Duration::from_secs(hours * 3_600);
        assert_eq!(sessions.role(hours(11), &key(1)), Some(Role::Viewer));
        assert_eq!(sessions.role(hours(12), &key(1)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_ends_with_its_logout_and_others_go_on() {
        let now = Instant::now();
        let mut sessions = Sessions::default();
        sessions.begin(now, key(1), Role::Admin);
        sessions.begin(now, key(2), Role::Viewer);
        sessions.end(&key(1));

        assert_eq!(sessions.role(now, &key(1)), None);
        assert_eq!(sessions.role(now, &key(2)), Some(Role::Viewer));
    }

    #[tokio::test(start_paused = true)]
    async fn with_all_places_taken_the_oldest_session_ends() {
        let start = Instant::now();
        let mut sessions = Sessions::default();
        for number in 0..=MOST {
            sessions.begin(start + Duration::from_millis(number as u64), key(number), Role::Viewer);
        }
        let now = start + Duration::from_secs(60);
        assert_eq!(sessions.role(now, &key(0)), None);
        assert_eq!(sessions.role(now, &key(1)), Some(Role::Viewer));
        assert_eq!(sessions.role(now, &key(MOST)), Some(Role::Viewer));
    }
}
