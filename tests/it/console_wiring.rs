//! The console as a part of the program: opened before anything begins, told what each link does, ended in time, and no
//! burden to any link.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Bridge, Finished, Simulators, client, config, in_step, presence_bridge, until};

/// What the API answers.
async fn api(console: &str, path: &str) -> Value {
    let answer = client().get(format!("{console}/api/v1/{path}")).send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{path}: {status}: {text}");
    serde_json::from_str(&text).unwrap()
}

async fn status(console: &str, path: &str) -> u16 {
    client().get(format!("{console}{path}")).send().await.unwrap().status().as_u16()
}

/// What is said of a link.
async fn link(console: &str, name: &str) -> Value {
    api(console, &format!("links/{name}")).await
}

/// Waits until what is said of a link is so.
async fn until_link(console: &str, name: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    until(what, || async { Some(link(console, name).await).filter(&is_so) }).await
}

/// Runs with this section and expects to be refused before anything began.
async fn refused(section: &str) -> Finished {
    let simulators = Simulators::idle(1).await;
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), &simulators, section);
    let finished = presence_bridge(&["run", "-c", path.to_str().unwrap()]).await;
    assert_eq!(finished.code, Some(78), "{}", finished.stderr);
    assert!(simulators.icws_requests().await.is_empty(), "nobody was asked anything");
    assert!(!folder.path().join("presence-bridge.journal").exists(), "no journal was begun");
    assert!(!folder.path().join("presence-bridge.socket").exists(), "no socket was left behind");
    finished
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_running_bridge_shows_its_link_to_pages_api_and_health_checks() {
    let (simulators, mut bridge, users) = in_step(3, "").await;
    let console = bridge.console().await;
    for path in ["/", "/livez", "/metrics"] {
        assert_eq!(status(&console, path).await, 200, "{path}");
    }
    until("it says that it is ready", || async { (status(&console, "/readyz").await == 200).then_some(()) }).await;
    let shown = until_link(&console, "default", "everybody in step", |link| link["report"]["synced"] == 3).await;
    assert_eq!(shown["trouble"], Value::Null, "{shown:#}");
    simulators.status(&users[0].agent, "In a meeting").await;
    let agent = format!("links/default/agents/{}", users[0].agent);
    until("the agent's new presence", || async {
        let shown = api(&console, &agent).await;
        shown.to_string().contains("In a meeting").then_some(())
    })
    .await;
    assert_eq!(bridge.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_another_program_has_ends_the_start_before_anything_began() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let finished = refused(&format!("[console]\nlisten = \"{address}\"\n")).await;
    for words in ["the console cannot have its address", &address.to_string(), "[console] listen", "enabled = false"] {
        assert!(finished.stderr.contains(words), "\"{words}\" is missing in:\n{}", finished.stderr);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_console_that_everybody_could_look_into_is_refused_with_its_line() {
    let finished = refused("[console]\nlisten = \"0.0.0.0:0\"\n").await;
    for words in ["bridge.toml:18:10", "everybody who reaches 0.0.0.0:0 could see", "viewer_token"] {
        assert!(finished.stderr.contains(words), "\"{words}\" is missing in:\n{}", finished.stderr);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn switched_off_there_is_none() {
    let (_simulators, bridge, _) = in_step(1, "[console]\nenabled = false\n").await;
    let finished = bridge.stop().await;
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(!finished.stderr.contains("console"), "{}", finished.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_section_waits_for_a_restart() {
    let (_simulators, bridge, _) = in_step(1, "").await;
    bridge.edit(|text| text.replace("listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1:1\""));
    let told = bridge.command(&["reload", "--json"]).await;
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!((&told["refused"], &told["needs_restart"]), (&Value::Null, &json!(["[console] listen"])), "{told}");
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_event_stream_does_not_hold_up_the_end() {
    let (_simulators, mut bridge, _) = in_step(2, "").await;
    let console = bridge.console().await;
    let mut streams = Vec::new();
    for path in ["/live?link=default", "/api/v1/links/default/stream"] {
        let answer = client().get(format!("{console}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["content-type"], "text/event-stream", "{path}");
        streams.push(answer);
    }
    // A request that is begun and never finished holds up nothing either.
    let mut unfinished = TcpStream::connect(console.strip_prefix("http://").unwrap()).await.unwrap();
    unfinished.write_all(b"GET / HTTP/1.1\r\nhost: 127").await.unwrap();
    let told = Instant::now();
    let finished = bridge.stop().await;
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
    assert!(!finished.stderr.contains("cut off"), "{}", finished.stderr);
    for mut stream in streams {
        // It ends, in order or not, and does not hang.
        while let Ok(Some(_)) = stream.chunk().await {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_cannot_run_says_why_without_a_secret_and_the_other_runs() {
    let (north, south) = tokio::join!(Simulators::idle(2), Simulators::idle(2));
    let mut bridge = Bridge::with_links(&[("north", &north, ""), ("south", &south, "")], |folder| {
        std::fs::write(folder.join("south.password"), "wr0ng-planted-word").unwrap();
    });
    let console = bridge.console().await;
    let of_south = until_link(&console, "south", "why it does not run", |link| link["trouble"].is_string()).await;
    let trouble = of_south["trouble"].as_str().unwrap();
    assert!(trouble.contains("started again after 10 s"), "{trouble}");
    // How it stood last is still there.
    assert_eq!(of_south["report"]["source"]["state"], "connecting", "{of_south:#}");
    let of_north = until_link(&console, "north", "everybody in step", |link| link["report"]["synced"] == 2).await;
    assert_eq!(of_north["trouble"], Value::Null);
    let names: Vec<Value> = api(&console, "links").await.as_array().cloned().unwrap_or_default();
    for shown in [of_south.to_string(), of_north.to_string(), format!("{names:?}")] {
        assert!(!shown.contains("wr0ng-planted-word") && !shown.contains(&south.client_secret), "{shown}");
    }
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_are_slow_or_mean_no_good_slow_no_link() {
    let (simulators, mut bridge, users) = in_step(2, "").await;
    let console = bridge.console().await;
    let address = console.strip_prefix("http://").unwrap().to_owned();
    let mut rude = Vec::new();
    for number in 0..200 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let text: &[u8] = match number % 4 {
            0 => b"GET / HTTP/1.1\r\nhost: ",
            1 => b"\x16\x03\x01\x02\x00\x01\x00",
            2 => b"POST /login HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 99999999\r\n\r\nx",
            _ => b"GET /live HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
        };
        // Whoever is thrown out already is thrown out.
        drop(stream.write_all(text).await);
        rude.push(stream);
    }
    for (status, presence) in [("In a meeting", "Meeting"), ("At Lunch", "Break"), ("In a meeting", "Meeting")] {
        let began = Instant::now();
        simulators.status(&users[0].agent, status).await;
        simulators.shows(&users[0], presence, "OFF_QUEUE").await;
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    }
    let told = Instant::now();
    let finished = bridge.stop().await;
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
    for mut stream in rude {
        // It was answered, or its connection is gone.
        drop(stream.read(&mut [0; 64]).await);
    }
}
