//! The real adapters over the simulators, in this process and on the simulators' clock.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::source::Scope;
use domain::time::{Instant, Now};
use pureconnect::PureConnect;
use replicator::ports::Clock;
use serde_json::Value;
use simulator::Simulation;
use tokio::sync::watch;

/// The simulators' clock.
pub struct DayClock(pub simulator::clock::Clock);

#[async_trait]
impl Clock for DayClock {
    fn now(&self) -> Now {
        Now { instant: Instant(self.0.elapsed()), utc: self.0.utc() }
    }

    async fn sleep_until(&self, instant: Instant) {
        self.0.sleep_until(instant.0).await;
    }
}

/// The source.
pub fn source(simulation: &Simulation, announced: &Value, clock: Arc<dyn Clock>) -> PureConnect {
    let config = pureconnect::Config {
        hosts: vec!["localhost".to_owned()],
        base_url: simulation.icws.url(),
        user: announced["icws_user"].as_str().unwrap().to_owned(),
        password: announced["icws_password"].as_str().unwrap().into(),
        application_name: "Presence Bridge".to_owned(),
        language: "en-us".to_owned(),
        tls: pureconnect::Tls { ca_file: None, fingerprint_sha256: None, danger_accept_invalid_certificates: false },
        start_patience: Duration::from_secs(10),
        request_timeout: Duration::from_secs(10),
        silence_limit: Duration::from_secs(30),
        poll_interval: Duration::from_millis(500),
        queue_chunk: 7,
        users_interval: Duration::from_secs(45),
        resync_interval: Duration::from_secs(900),
    };
    // Nobody changes the scope, and a channel without a sender is one that does not change.
    let (_, scope) = watch::channel(Scope::default());
    PureConnect::new(config, clock, scope).unwrap()
}

/// What the sink and the directory are to connect to.
pub fn target(simulation: &Simulation, announced: &Value) -> genesys_cloud::Config {
    let base: url::Url = simulation.cloud.url().parse().unwrap();
    genesys_cloud::Config {
        api_base_url: base.clone(),
        login_base_url: base,
        clients: vec![genesys_cloud::OAuthClient {
            id: announced["client_id"].as_str().unwrap().to_owned(),
            secret: announced["client_secret"].as_str().unwrap().into(),
        }],
        tokens_per_client: 1,
        delivery: genesys_cloud::DeliveryChoice::Auto,
        source_name: "PureConnect".to_owned(),
        out_of_office: true,
        notifications: true,
        external_id_authority: None,
        ca_file: None,
        proxy: false,
        request_timeout: Duration::from_secs(10),
        start_patience: Duration::from_secs(10),
    }
}
