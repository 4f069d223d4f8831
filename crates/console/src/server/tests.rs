//! What holds for every answer of the server, and how it ends.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use axum::routing::get;
use futures_util::StreamExt;
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::{Asset, Console, ListenFailure, Options, href};
use crate::house::{House, LOOPBACK, ask, nobody, tokens};
use crate::made_up;

const PAGES: [&str; 14] = [
    "/",
    "/links/main/agents",
    "/links/main/mapping",
    "/links/main/users",
    "/links/main/health",
    "/login",
    "/nowhere",
    "/livez",
    "/readyz",
    "/metrics",
    "/api/v1/links",
    "/api/v1/nowhere",
    "/api/v1/openapi.json",
    "/favicon.ico",
];

fn request(method: Method, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).header(header::HOST, "localhost:8090").body(Body::empty()).unwrap()
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let house = House::with_agents(3).await;
    for path in PAGES {
        let answer = house.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{path} {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_a_name_that_says_what_is_in_them() {
    let house = House::new(&tokens(), LOOPBACK, &["main"]);
    for asset in [Asset::Style, Asset::Pictures, Asset::Script, Asset::Icon] {
        let answer = house.get(&href(asset)).await;
        assert_eq!(answer.status, StatusCode::OK, "the login's page has them, too");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        let tag = answer.header("etag").to_owned();
        assert!(tag.starts_with('"') && href(asset).contains(tag.trim_matches('"')), "{tag}");

        let known =
            house.answer(ask(&href(asset)).header(header::IF_NONE_MATCH, &tag).body(Body::empty()).unwrap()).await;
        assert_eq!((known.status, known.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    }
    assert_eq!(house.get("/assets/console-0000000000000000.css").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get("/assets/../server.rs").await.status, StatusCode::NOT_FOUND);
}

#[test]
fn the_script_is_small_and_asks_nobody_else() {
    let script = include_str!("../assets/console.js");
    assert!(script.len() <= 4_096, "{} bytes", script.len());
    for text in [script, include_str!("../assets/console.css"), include_str!("../assets/pictures.css")] {
        assert!(!text.contains("http:") && !text.contains("https:") && !text.contains("@import"));
    }
}

#[tokio::test]
async fn head_has_the_headers_and_no_body() {
    let house = House::with_agents(3).await;
    let answer = house.answer(request(Method::HEAD, "/")).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, ""));
    assert!(answer.header("content-type").starts_with("text/html"));
}

#[tokio::test]
async fn what_is_not_there_is_a_page_for_people_and_a_problem_for_programs() {
    let house = House::with_agents(3).await;
    let page = house.get("/nowhere/at/%3Cb%3E").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.contains("There is nothing at /nowhere/at/%3Cb%3E.") && !page.text.contains("<b>"));
    let link = house.get("/links/other/agents").await;
    assert_eq!(link.status, StatusCode::NOT_FOUND);
    assert!(link.text.contains("no link with the name other"));
    let problem = house.get("/api/v1/nowhere").await;
    assert_eq!((problem.status, problem.header("content-type")), (StatusCode::NOT_FOUND, "application/problem+json"));
}

#[tokio::test]
async fn what_cannot_be_done_says_so_and_what_can() {
    let house = House::with_agents(3).await;
    let answer = house.answer(request(Method::OPTIONS, "/links/main/agents")).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.header("allow").contains("GET"));
}

#[tokio::test]
async fn a_mistake_of_ours_ends_one_answer_only() {
    let broken = || async {
        if std::hint::black_box(true) {
            panic!("a secret of the program");
        }
        ""
    };
    let router: axum::Router = axum::Router::new()
        .route("/", get(broken))
        .layer(axum::middleware::from_fn(super::problem::instead_of_a_panic));
    let response = tower_service::Service::call(&mut router.clone(), request(Method::GET, "/")).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let text = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert!(!String::from_utf8_lossy(&text).contains("secret"));
}

mod live {
    use super::*;

    /// The next event of a stream that is not only a sign of life.
    async fn next(stream: &mut axum::body::BodyDataStream) -> Option<String> {
        loop {
            let piece = stream.next().await?.ok()?;
            let text = String::from_utf8(piece.to_vec()).unwrap();
            if text.contains("event:") {
                return Some(text);
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_open_page_hears_of_a_change_at_once_and_then_once_a_second() {
        let house = House::with_agents(3).await;
        let response = house.begin(request(Method::GET, "/live?link=main")).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let mut stream = response.into_body().into_data_stream();
        let begin = stream.next().await.unwrap().unwrap();
        assert!(begin.starts_with(b": connected") || begin.starts_with(b"retry"), "{begin:?}");

        let start = tokio::time::Instant::now();
        let mut report = house.hands[0].report.borrow().clone().unwrap();
        let mut heard = Vec::new();
        for delivered in 0..40 {
            report.delivered = 100_000 + delivered;
            report.at += jiff::SignedDuration::from_millis(100);
            house.hands[0].report.send_replace(Some(report.clone()));
            if let Ok(Some(event)) = tokio::time::timeout(Duration::from_millis(100), next(&mut stream)).await {
                assert!(event.contains("event: changed"), "{event}");
                heard.push(start.elapsed());
            }
        }
        assert!((3..=5).contains(&heard.len()), "in four seconds: {heard:?}");
        // A picture of the board is made four times a second.
        assert!(heard[0] <= Duration::from_millis(250), "{heard:?}");
        assert!(heard.windows(2).all(|two| two[1] - two[0] >= Duration::from_millis(900)), "{heard:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_takes_more_work_hears_less_often() {
        let house = House::with_agents(3).await;
        assert!(house.get("/links/main/health").await.text.contains("/live?link=main&amp;apart=15\""));
        assert!(house.get("/links/main/agents").await.text.contains("/live?link=main\""));
        let response = house.begin(request(Method::GET, "/live?link=main&apart=15")).await;
        let mut stream = response.into_body().into_data_stream();
        stream.next().await.unwrap().unwrap();
        let start = tokio::time::Instant::now();
        let mut report = house.hands[0].report.borrow().clone().unwrap();
        let mut heard = Vec::new();
        for delivered in 0..40 {
            report.delivered = 100_000 + delivered;
            house.hands[0].report.send_replace(Some(report.clone()));
            let waited = tokio::time::timeout(Duration::from_secs(1), next(&mut stream)).await;
            if waited.is_ok_and(|event| event.is_some_and(|event| event.contains("event: changed"))) {
                heard.push(start.elapsed());
            }
        }
        assert!((2..=4).contains(&heard.len()), "in forty seconds: {heard:?}");
        assert!(heard.windows(2).all(|two| two[1] - two[0] >= Duration::from_secs(14)), "{heard:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_with_the_program() {
        let house = House::with_agents(3).await;
        let mut stream = house.begin(request(Method::GET, "/live")).await.into_body().into_data_stream();
        house.stop.cancel();
        assert_eq!(next(&mut stream).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_with_its_session() {
        let house = House::new(&tokens(), LOOPBACK, &["main"]);
        let (_, session) = house.log_in("localhost:8090", "http://localhost:8090", crate::house::VIEWER, "/").await;
        let request = ask("/live").header(header::COOKIE, session).body(Body::empty()).unwrap();
        let mut stream = house.begin(request).await.into_body().into_data_stream();
        tokio::time::advance(Duration::from_secs(13 * 60 * 60)).await;
        assert_eq!(next(&mut stream).await, None);
    }

    #[tokio::test]
    async fn only_so_many_pages_follow_at_once() {
        let house = House::with_agents(3).await;
        let places =
            std::sync::Arc::clone(&house.app.streams).try_acquire_many_owned(super::super::STREAMS as u32).unwrap();
        let answer = house.get("/live").await;
        assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "10"));
        drop(places);
        assert_eq!(house.begin(request(Method::GET, "/live")).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn there_is_no_stream_of_a_link_that_is_not_there() {
        let house = House::with_agents(3).await;
        assert_eq!(house.get("/live?link=other").await.status, StatusCode::NOT_FOUND);
    }
}

mod sockets {
    use super::*;

    fn options(access: crate::Access, listen: &str) -> Options {
        Options { listen: listen.parse().unwrap(), access, version: "1.2.3" }
    }

    async fn read(stream: &mut TcpStream) -> String {
        let mut text = Vec::new();
        stream.read_to_end(&mut text).await.unwrap();
        String::from_utf8(text).unwrap()
    }

    #[tokio::test]
    async fn an_address_is_refused_where_everybody_could_come_in() {
        let failure = Console::bind(options(nobody(), "0.0.0.0:0")).await.unwrap_err();
        assert!(matches!(failure, ListenFailure::Open { .. }));
        let access = crate::Access { viewer_tokens: vec![SecretString::from("short")], ..nobody() };
        assert!(matches!(Console::bind(options(access, "0.0.0.0:0")).await, Err(ListenFailure::ShortToken { .. })));
    }

    #[tokio::test]
    async fn an_address_that_somebody_has_is_an_error_of_its_own() {
        let first = Console::bind(options(nobody(), "127.0.0.1:0")).await.unwrap();
        let second = Console::bind(options(nobody(), &first.address().to_string())).await.unwrap_err();
        assert!(second.is_in_use(), "{second:?}");
    }

    #[tokio::test]
    async fn while_the_links_finish_it_shows_them_and_is_not_ready_any_more() {
        let listening = Console::bind(options(nobody(), "127.0.0.1:0")).await.unwrap();
        let address = listening.address();
        let (link, _hand) = made_up::link("main", store::Location::Sqlite("no-such-journal.db".into()));
        let (stopping, over) = (CancellationToken::new(), CancellationToken::new());
        let serving = tokio::spawn(listening.serve(vec![link], stopping.clone(), over.clone()));
        stopping.cancel();
        for (path, begin) in [("/", "HTTP/1.1 200"), ("/livez", "HTTP/1.1 200"), ("/readyz", "HTTP/1.1 503")] {
            let mut asking = TcpStream::connect(address).await.unwrap();
            let asked = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
            asking.write_all(asked.as_bytes()).await.unwrap();
            let answer = read(&mut asking).await;
            assert!(answer.starts_with(begin), "{path}: {answer}");
            assert!(path != "/readyz" || answer.contains("stopping"), "{answer}");
        }
        over.cancel();
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn the_server_answers_and_ends_within_two_seconds_though_a_page_is_open() {
        let listening = Console::bind(options(nobody(), "127.0.0.1:0")).await.unwrap();
        let address = listening.address();
        let (link, _hand) = made_up::link("main", store::Location::Sqlite("no-such-journal.db".into()));
        let stop = CancellationToken::new();
        let serving = tokio::spawn(listening.serve(vec![link], stop.clone(), stop.clone()));

        let mut page = TcpStream::connect(address).await.unwrap();
        let ask = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{more}\r\n");
        page.write_all(ask("/", "Connection: close\r\n").as_bytes()).await.unwrap();
        assert!(read(&mut page).await.starts_with("HTTP/1.1 200 OK"));

        let mut open = TcpStream::connect(address).await.unwrap();
        open.write_all(ask("/live", "").as_bytes()).await.unwrap();
        let mut begin = [0; 12];
        open.read_exact(&mut begin).await.unwrap();
        assert_eq!(&begin, b"HTTP/1.1 200");
        // Somebody who began to ask and does not go on.
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HT").await.unwrap();

        stop.cancel();
        tokio::time::timeout(Duration::from_secs(2), serving).await.expect("it ends in time").unwrap();
        assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    }
}
