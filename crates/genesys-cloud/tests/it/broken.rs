//! Every decoder on answers that broke on the way: cut off anywhere, or with a byte that is another one.

use genesys_cloud::fuzzing::{answer, notification};

/// One of each kind that the platform is known to send.
const WHOLE: [&str; 8] = [
    r#"{"access_token":"a","token_type":"bearer","expires_in":86399}"#,
    r#"{"error":"invalid_request","description":"rate limit exceeded; wait","error_description":"x"}"#,
    r#"{"message":"m","code":"too.many.requests","status":429,"contextId":"c","details":[{"fieldName":"f"}],
        "limit":{"key":"k","namespace":"platform.api","value":300}}"#,
    r#"{"entities":[{"id":"6a3af858-942f-489d-9700-5f9bcdcdae9b","type":"System","languageLabels":{"en_US":"On"},
        "systemPresence":"OnQueue","deactivated":false,"name":"n"}],"pageCount":1,"nextUri":"/n"}"#,
    r#"{"entities":[{"id":"6a3af858-942f-489d-9700-5f9bcdcdae9b","name":"n","state":"active","presence":{"source":"PURECLOUD",
        "presenceDefinition":{"id":"x","systemPresence":"BUSY"},"modifiedDate":"2026-01-01T08:00:00.123Z"},
        "routingStatus":{"status":"IDLE","startTime":"2026-01-01T08:00:00"},"outOfOffice":{"active":true}}]}"#,
    r#"{"errors":[{"eventId":"e","message":"m","retryable":true}]}"#,
    r#"{"id":"streaming-1-a","connectUri":"wss://streaming.example/channels/streaming-1-a","expires":"x"}"#,
    r#"{"topicName":"v2.users.6a3af858-942f-489d-9700-5f9bcdcdae9b.activity","eventBody":{"routingStatus":{"status":"IDLE"},
        "presence":{"presenceDefinition":{"systemPresence":"ON_QUEUE"}},"outOfOffice":{"active":false}}}"#,
];

fn decode(bytes: &[u8]) {
    for status in [200, 400, 401, 429, 503] {
        answer(status, bytes);
    }
    notification(&String::from_utf8_lossy(bytes));
}

#[test]
fn no_decoder_panics_on_an_answer_that_is_cut_off() {
    for whole in WHOLE {
        (0..=whole.len()).for_each(|end| decode(&whole.as_bytes()[..end]));
    }
}

#[test]
fn no_decoder_panics_on_an_answer_with_a_wrong_byte() {
    for whole in WHOLE {
        for place in 0..whole.len() {
            for wrong in [0, b'0', b'"', b'[', b'}', b'\\', b'-', 0xff] {
                let mut bytes = whole.as_bytes().to_vec();
                bytes[place] = wrong;
                decode(&bytes);
            }
        }
    }
}

#[test]
fn no_decoder_panics_on_numbers_depths_and_statuses_beyond_measure() {
    for text in ["1e999", "-0", "99999999999999999999", r#"{"expires_in":-1}"#, r#"{"value":1e308}"#, "\u{feff}{}"] {
        decode(text.as_bytes());
    }
    for open in ["[", r#"{"entities":["#, r#"{"eventBody":"#] {
        decode(open.repeat(20_000).as_bytes());
    }
    for status in [0, 99, 100, 599, 999, 1000, u16::MAX] {
        answer(status, b"{}");
    }
}
