//! The browser of these tests finds what it is there to find: a page that does everything wrong.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::axe;
use super::browser::{Browser, Colours, has};

/// It logs an error, asks another host for a picture, and is hard to read.
const WRONG: &str = "<!doctype html><html><head><title>Wrong</title><style>
    p { color: #ccc; background: #fff } @media (prefers-color-scheme: dark) { p { color: #fff; background: #000 } }
    </style></head><body>
    <p>hardly to be seen</p><noscript>no scripts</noscript><input id=q><button onclick=\"document.title = q.value\">b</button>
    <script>console.error('this went wrong'); new Image().src = 'http://elsewhere.example/pixel.png';
    document.addEventListener('keydown', event => document.body.dataset.key = event.key);
    document.body.dataset.zone = Intl.DateTimeFormat().resolvedOptions().timeZone</script></body></html>";

/// Serves it at every path; returns its address.
async fn serve() -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{WRONG}",
        WRONG.len()
    );
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4_096];
            // A browser that opens a connection in advance may say nothing on it.
            if stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    (origin, serving)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_wrong_is_found_to_be() {
    let (origin, serving) = serve().await;
    let mut browser = Browser::at(&origin).await;
    browser.lives_in("America/St_Johns").await;
    browser.goto("/somewhere?x=1").await;
    assert_eq!(browser.path().await, "/somewhere?x=1");
    assert_eq!(browser.value("document.body.dataset.zone").await, "America/St_Johns");
    browser.fill("#q", "typed").await;
    browser.click("button").await;
    browser.until("document.title === 'typed'").await;
    browser.press("\u{E004}g").await;
    browser.until("document.body.dataset.key === 'g'").await;
    assert!(browser.complaints().await.iter().any(|words| words.contains("this went wrong")));
    let elsewhere = browser.elsewhere().await;
    assert_eq!(elsewhere, ["http://elsewhere.example/pixel.png"]);

    browser.prefers(Colours::Light).await;
    let findings = axe::findings(&browser).await;
    let contrast =
        |findings: &[axe::Finding]| findings.iter().any(|one| one.rule == "color-contrast" && one.is_grave());
    assert!(contrast(&findings), "{findings:?}");
    browser.prefers(Colours::Dark).await;
    let findings = axe::contrasts(&browser).await;
    assert!(!contrast(&findings), "{findings:?}");

    browser.without_scripts().await;
    browser.goto("/").await;
    browser.sees("noscript", "no scripts").await;
    assert_eq!(browser.value(&has("p", "hardly")).await, true);
    assert_eq!(browser.complaints().await, Vec::<String>::new(), "no script ran");
    browser.may_say("elsewhere");
    browser.leave().await;
    serving.abort();
}
