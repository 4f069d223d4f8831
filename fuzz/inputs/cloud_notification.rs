//! What comes through a notification channel of Genesys Cloud, one text frame a line.

use genesys_cloud::fuzzing::notification;

/// Reads the input.
pub fn read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    notification(&text);
    text.lines().for_each(notification);
}
