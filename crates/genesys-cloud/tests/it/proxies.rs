//! Proxies of the environment.
//!
//! A process cannot change its own environment safely, so each test runs itself again as a child with another one.

use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use replicator::ports::Feed;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::certificates::start_encrypted;
use crate::stub::{Stub, user};

const PLAIN: &str = "PRESENCE_BRIDGE_TEST_PLAIN";
const ENCRYPTED: &str = "PRESENCE_BRIDGE_TEST_ENCRYPTED";
const AUTHORITY: &str = "PRESENCE_BRIDGE_TEST_AUTHORITY";

/// Passes everything on to one address, whatever it is asked for, and remembers what that was.
async fn proxy(target: std::net::SocketAddr) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let remember = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            tokio::spawn(pass_on(socket, target, Arc::clone(&remember)));
        }
    });
    (url, asked)
}

async fn pass_on(socket: TcpStream, target: std::net::SocketAddr, asked: Arc<Mutex<Vec<String>>>) {
    let mut near = BufReader::new(socket);
    let mut far = TcpStream::connect(target).await.unwrap();
    let mut line = String::new();
    near.read_line(&mut line).await.unwrap();
    asked.lock().unwrap().push(line.trim().to_owned());
    if line.starts_with("CONNECT ") {
        let mut header = String::new();
        while near.read_line(&mut header).await.unwrap() > 2 {
            header.clear();
        }
        near.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
    } else {
        // A plain request goes on as it is; servers take the whole address as well as the path.
        far.write_all(line.as_bytes()).await.unwrap();
    }
    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
}

async fn run_again(test: &str, variables: Vec<(&'static str, String)>) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY"] {
        command.env_remove(name);
    }
    command.envs(variables);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_requests_go_through_http_proxy() {
    let stub = Stub::start().await;
    let (url, asked) = proxy(stub.url.socket_addrs(|| None).unwrap()[0]).await;
    let target = "http://api.genesys.example".to_owned();
    let output = run_again("proxies::child_connects", vec![("HTTP_PROXY", url), (PLAIN, target)]).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let asked = asked.lock().unwrap().clone();
    assert!(asked.iter().all(|line| line.starts_with("POST http://api.genesys.example/oauth/token ")), "{asked:?}");
    assert_eq!(stub.tokens_asked(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn encrypted_requests_go_through_a_tunnel_of_https_proxy() {
    let (stub, file) = start_encrypted().await;
    let address = stub.url.socket_addrs(|| None).unwrap()[0];
    let (url, asked) = proxy(address).await;
    let target = format!("https://localhost:{}", address.port());
    let authority = file.path().to_str().unwrap().to_owned();
    let variables = vec![("HTTPS_PROXY", url), (ENCRYPTED, target), (AUTHORITY, authority)];
    let output = run_again("proxies::child_connects", variables).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let asked = asked.lock().unwrap().clone();
    assert!(!asked.is_empty() && asked.iter().all(|line| line.starts_with("CONNECT localhost:")), "{asked:?}");
    assert_eq!(stub.tokens_asked(), 1);
    stub.until(|streaming| streaming.sockets.len() == 1 && streaming.subscriptions.len() == 1).await;
}

/// The child's part; without the variables there is nothing to do.
#[tokio::test]
async fn child_connects() {
    let Some(url) = std::env::var(PLAIN).or(std::env::var(ENCRYPTED)).ok() else {
        return;
    };
    let stub = Stub::start().await;
    let mut config = stub.config();
    config.api_base_url = url.parse().unwrap();
    config.login_base_url = url.parse().unwrap();
    config.ca_file = std::env::var_os(AUTHORITY).map(Into::into);
    let connected = stub.try_connect(config).await.unwrap();
    assert_eq!(connected.organisation, "Acme");
    // Notifications take the same way. Their address is that of the real server where there is no tunnel.
    if std::env::var_os(ENCRYPTED).is_some() {
        connected.clouds[0].subscribe(0, vec![user(1)]).await.result.unwrap();
    }
    connected.clouds[0].close().await;
}
