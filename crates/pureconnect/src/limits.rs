//! How much is taken from a server before it is not believed any more, so that nothing it says can fill the memory.
//!
//! Each number is far above what the largest systems have, and far below what hurts. What is too much ends the session
//! like anything else that cannot be understood; it never ends the program.

/// The most bytes of one body, event or line: initial lists of all users are big, and nothing else is.
pub(crate) const BODY: usize = 16 * 1024 * 1024;

/// The most messages that one answer holds. At the shortest a message takes two bytes of a body and fifty of memory.
pub(crate) const MESSAGES: usize = 100_000;

/// The most pages of one list: half a million users, or fewer from a server that gives small pages.
pub(crate) const PAGES: usize = 2_500;

/// The most bytes of an id, whatever it is of.
pub(crate) const ID: usize = 1_000;

/// The most characters of a text that is for people, such as a display name.
pub(crate) const TEXT: usize = 1_000;

/// The most workgroups of one user.
pub(crate) const WORKGROUPS: usize = 5_000;

/// The most characters of what a server says about a failure; it goes into logs.
pub(crate) const SAID: usize = 300;

/// The most hosts that one server names as its alternates.
pub(crate) const ALTERNATES: usize = 8;

/// The most unknown statuses that are looked up at a time.
pub(crate) const UNKNOWN_STATUSES: usize = 20;

/// The most names that are remembered only so that each is logged once.
pub(crate) const LOGGED_ONCE: usize = 100;

/// The most bytes of everything that is remembered of one system; a hundred thousand agents take a third of it.
pub(crate) const PICTURE: usize = 512 * 1024 * 1024;

/// Weighs what is remembered, but not at each message: that would take longer than the message.
#[derive(Debug)]
pub(crate) struct Scales {
    every: usize,
    most: usize,
    since: usize,
}

impl Scales {
    /// Weighs again after so many bytes, and finds more than `most` too heavy.
    pub(crate) fn new(every: usize, most: usize) -> Self {
        Self { every, most, since: 0 }
    }

    /// So many bytes came in. Answers whether what is remembered has become too heavy.
    pub(crate) fn is_too_much(&mut self, bytes: usize, weight: impl FnOnce() -> usize) -> bool {
        self.since = self.since.saturating_add(bytes);
        if self.since < self.every {
            return false;
        }
        self.since = 0;
        weight() > self.most
    }
}

/// A text for people, cut where it is too long.
pub(crate) fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(TEXT) {
        text.truncate(end);
        text.shrink_to_fit();
    }
    text
}

/// What a server says about a failure, fit for a line of the log.
pub(crate) fn said(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(SAID).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_weighed_now_and_then_and_found_too_heavy() {
        let mut scales = Scales::new(100, 1000);
        assert!(!scales.is_too_much(99, || panic!("too early to weigh")));
        assert!(!scales.is_too_much(1, || 1000));
        assert!(!scales.is_too_much(50, || panic!("just weighed")));
        assert!(scales.is_too_much(usize::MAX, || 1001));
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("ä".repeat(TEXT)).chars().count(), TEXT);
        assert_eq!(cut("ä".repeat(TEXT + 1)).chars().count(), TEXT);
        assert_eq!(said("a\u{1b}[31m\nb"), "a[31mb");
        assert_eq!(said(&"x".repeat(SAID * 2)).len(), SAID);
    }
}
