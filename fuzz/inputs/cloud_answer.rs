//! Answers of Genesys Cloud and its login service: the first line is the status, the rest is the body.

use genesys_cloud::fuzzing::answer;

/// Reads the input.
pub fn read(bytes: &[u8]) {
    let end = bytes.iter().take(8).position(|byte| *byte == b'\n');
    let (status, body) = end.map_or((&[][..], bytes), |end| (&bytes[..end], &bytes[end + 1..]));
    let status = std::str::from_utf8(status).ok().and_then(|text| text.trim().parse().ok());
    answer(status.unwrap_or(200), body);
}
