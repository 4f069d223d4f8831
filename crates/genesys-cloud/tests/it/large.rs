//! Answers of every kind that are larger than any answer should be: given up, and not kept.

use domain::change::{Facet, Value};
use domain::target::SystemPresence;
use replicator::ports::{Answer, Directory, Failure, Sink};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::stub::{Canned, Stub, lane, order, user};

const EVENTS: &str = "/api/v2/events/users/presence";

fn huge(status: u16) -> Canned {
    Canned::text(status, "application/json", &format!(r#"{{"message":"{}"}}"#, "x".repeat(9 << 20)))
}

fn reason<T: std::fmt::Debug>(answer: Answer<T>) -> String {
    answer.result.unwrap_err().to_string()
}

#[tokio::test]
async fn of_a_refusal_the_status_is_enough() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    for (status, expected) in [(400, "refused: 400"), (503, "unavailable: 503"), (403, "not supported: 403")] {
        stub.script(1, "POST", EVENTS, huge(status));
        let order = order(1, Value::Presence(SystemPresence::Meal.into()));
        let reason = reason(cloud.deliver(lane(&cloud, Facet::Presence), vec![order]).await);
        assert_eq!(reason, expected);
    }
}

#[tokio::test]
async fn a_token_of_that_size_is_none() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    for canned in [huge(200), huge(400)] {
        stub.change(|organisation| organisation.valid_tokens.clear());
        stub.script(1, "POST", "/oauth/token", canned.clone());
        let answer = cloud.observe(vec![user(1)]).await;
        match (canned.status, answer.result.unwrap_err()) {
            (200, Failure::Unavailable { reason, .. }) => assert!(reason.contains("larger than"), "{reason}"),
            (400, Failure::Unauthorized { reason }) => assert_eq!(reason, "400"),
            (_, other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_list_without_measure_is_no_answer_though_its_bytes_are_few() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let list = |entries: usize| format!("[{}{{}}]", "{},".repeat(entries - 1));
    stub.script(
        1,
        "GET",
        "/api/v2/users",
        Canned::text(200, "application/json", &format!(r#"{{"entities":{}}}"#, list(10_001))),
    );
    assert!(reason(cloud.users(1).await).contains("cannot be read"));
    stub.script(
        1,
        "GET",
        "/api/v2/users",
        Canned::text(200, "application/json", &format!(r#"{{"entities":{}}}"#, list(10_000))),
    );
    assert!(cloud.users(1).await.result.is_ok());
}

#[tokio::test]
async fn an_answer_without_end_is_read_up_to_the_bound() {
    let stub = Stub::start().await;
    let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = stub.config();
    config.api_base_url = format!("http://{}/", front.local_addr().unwrap()).parse().unwrap();
    config.start_patience = std::time::Duration::ZERO;
    let server = tokio::spawn(async move {
        let (mut socket, _) = front.accept().await.unwrap();
        let mut request = [0; 4096];
        assert!(socket.read(&mut request).await.unwrap() > 0);
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
        socket.write_all(head).await.unwrap();
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        let mut sent: usize = 0;
        while socket.write_all(chunk.as_bytes()).await.is_ok() {
            sent += 0x10000;
        }
        sent
    });
    let failure = stub.try_connect(config).await.map(|connected| connected.notes).unwrap_err();
    assert!(failure.cause.unwrap().to_string().contains("larger than 8388608 bytes"));
    // What the kernels hold in between counts as sent.
    let sent = server.await.unwrap();
    assert!(sent < 64 << 20, "{sent}");
}
