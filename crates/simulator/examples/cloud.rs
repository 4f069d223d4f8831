//! temporary
use std::time::Duration;
#[tokio::main]
async fn main() {
    let n: usize = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(200);
    let rate: u32 = std::env::args().nth(2).and_then(|a| a.parse().ok()).unwrap_or(300);
    let server = simulator::cloud::Server::start(simulator::cloud::Options {
        listen: "127.0.0.1:8080".parse().unwrap(),
        people: simulator::population::people(n, 1),
        clock: simulator::clock::Clock::starting_at("2026-03-02T07:00:00Z".parse().unwrap(), 1.0),
        seed: 1,
        rate,
        client_id: "bridge".into(),
        client_secret: "secret".into(),
        permissions: None,
        token_lifetime: Duration::from_secs(86400),
        ignore_older_events: true,
    })
    .await
    .unwrap();
    println!("{}", server.url());
    std::future::pending::<()>().await;
}
