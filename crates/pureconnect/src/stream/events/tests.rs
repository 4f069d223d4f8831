//! Framing, whatever the pieces; sizes and silence.

use std::convert::Infallible;

use async_trait::async_trait;
use domain::time::{Instant, Now};
use futures_util::FutureExt;

use super::*;
use crate::limits::BODY as LIMIT;

/// Runs with tokio's clock, from the epoch on.
struct Virtual(tokio::time::Instant);

#[async_trait]
impl Clock for Virtual {
    fn now(&self) -> Now {
        let passed = self.0.elapsed();
        Now { instant: Instant(passed), utc: Timestamp::UNIX_EPOCH + passed }
    }

    async fn sleep_until(&self, instant: Instant) {
        tokio::time::sleep_until(self.0 + instant.0).await;
    }
}

fn read(pieces: Vec<Vec<u8>>) -> (Vec<String>, Option<Error>) {
    let bytes = stream::iter(pieces.into_iter().map(Ok::<_, Cut>));
    let all: Vec<_> = framed(bytes, "cic1").collect().now_or_never().expect("nothing is waited for");
    let (data, mut problems): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
    assert!(problems.len() <= 1, "an error is the end");
    let data = data.into_iter().filter_map(Result::ok).collect();
    (data, problems.pop().and_then(Result::err))
}

#[test]
fn framing_does_not_depend_on_where_the_pieces_end() {
    let text =
        b"\xef\xbb\xbf:ping\n\ndata: {\"a\":1}\r\n\r\n:ping\r\n\r\nid: 7\nevent: message\ndata:{\"b\":\ndata: 2}\n\n\
        event: other\ndata: no\n\nretry: 5\n\ndata: {\"c\":\"\xc3\xa4\"}\r\rdata: lost";
    for cut in 0..=text.len() {
        let pieces = vec![text[..cut].to_vec(), text[cut..].to_vec()];
        let (data, end) = read(pieces);
        assert_eq!(data, ["{\"a\":1}", "{\"b\":\n2}", "{\"c\":\"\u{e4}\"}"], "cut at {cut}");
        assert!(end.is_none());
    }
}

#[test]
fn big_events_are_read_and_too_big_ones_end_the_stream() {
    let event = |size: usize| [b"data: ".to_vec(), vec![b'x'; size], b"\n\n".to_vec()].concat();
    let (data, end) = read(vec![event(LIMIT / 2), event(LIMIT / 2), event(LIMIT / 2)]);
    assert_eq!((data.len(), end.is_none()), (3, true));
    let (data, end) = read(vec![event(10), event(LIMIT), event(10)]);
    assert_eq!(data.len(), 1);
    assert!(matches!(end, Some(Error::TooLarge { .. })), "{end:?}");
    let endless = (0..20).map(|_| vec![b'x'; LIMIT / 16]).collect();
    assert!(matches!(read(endless).1, Some(Error::TooLarge { .. })), "a line that never ends");
}

#[test]
fn what_is_no_text_is_malformed() {
    let (data, end) = read(vec![b"data: ok\n\ndata: \xff\n\ndata: after\n\n".to_vec()]);
    assert_eq!(data, ["ok"]);
    assert!(matches!(end, Some(Error::Malformed { .. })), "{end:?}");
}

#[tokio::test(start_paused = true)]
async fn pings_keep_it_alive_and_silence_ends_it() {
    let pings = stream::unfold(0, |n| async move {
        tokio::time::sleep(Duration::from_secs(if n < 5 { 8 } else { 3600 })).await;
        Some((Ok::<_, Infallible>(b":ping\n\n".to_vec()), n + 1))
    });
    let start = tokio::time::Instant::now();
    let mut events = Box::pin(events(pings, "cic1", Duration::from_secs(10), Arc::new(Virtual(start))));
    let end = events.next().await;
    let Some(Err(Error::Silent { heard, .. })) = end else { panic!("{end:?}") };
    assert_eq!(
        (start.elapsed(), heard.as_second()),
        (Duration::from_secs(50) + STANDSTILL, 40),
        "the last ping was heard"
    );
    assert!(events.next().now_or_never().is_some_and(|after| after.is_none()));
}

#[tokio::test(start_paused = true)]
async fn what_lay_in_the_socket_while_the_computer_stood_still_is_heard() {
    let late = stream::once(async {
        tokio::time::sleep(Duration::from_secs(10) + STANDSTILL / 2).await;
        Ok::<_, Infallible>(b"data: {}\n\n".to_vec())
    });
    let clock = Arc::new(Virtual(tokio::time::Instant::now()));
    let mut events = Box::pin(events(late, "cic1", Duration::from_secs(10), clock));
    assert_eq!(events.next().await.and_then(Result::ok).as_deref(), Some("{}"));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_says_when_something_came_last() {
    let pieces = stream::unfold(0, |n| async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let piece = if n == 0 { Ok(b"data: {\"half".to_vec()) } else { Err(std::io::Error::other("reset")) };
        Some((piece, n + 1))
    });
    let clock = Arc::new(Virtual(tokio::time::Instant::now()));
    let mut events = Box::pin(events(pieces, "cic1", Duration::from_secs(10), clock));
    let end = events.next().await;
    let Some(Err(Error::StreamBroken { heard, problem, .. })) = end else { panic!("{end:?}") };
    assert_eq!((heard.as_second(), problem.as_str()), (5, "reset"));
}

#[test]
fn any_line_without_end_is_too_large() {
    for start in ["data: ", ":", "event: ", "id: ", "nonsense", "data: x\ndata: ", ":ping\n:"] {
        let mut pieces = vec![start.as_bytes().to_vec()];
        pieces.extend((0..64).map(|_| vec![b'x'; 1024 * 1024]));
        let (data, end) = read(pieces);
        assert!(data.is_empty() && matches!(end, Some(Error::TooLarge { .. })), "{start:?} {end:?}");
    }
    let lines = (0..64 * 64).map(|_| b"data: x\n".repeat(2048)).collect();
    assert!(matches!(read(lines).1, Some(Error::TooLarge { .. })), "an event of ever more lines");
}
