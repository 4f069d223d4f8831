//! What the stories of the console play in: quiet simulators, the real bridge between them, and its console's pages.

use serde_json::Value;

use crate::harness::{Bridge, Simulators, User, client, until};

/// The name of a link that the configuration gives none.
const LINK: &str = "default";

/// Simulators and a bridge whose console is open.
pub struct Setting {
    pub simulators: Simulators,
    pub bridge: Bridge,
    pub users: Vec<User>,
    /// The console's address.
    pub origin: String,
}

impl Setting {
    /// With so many agents, all of whom Genesys Cloud knows, and a console that everybody on this computer may look at.
    pub async fn with(agents: usize) -> Self {
        Self::guarded(agents, "", "").await
    }

    /// With `more` in the section `[console]`, and a token with which one may look, if one is needed.
    pub async fn guarded(agents: usize, more: &str, token: &str) -> Self {
        // Thousands are in step within seconds only where Genesys Cloud takes more than the usual 300 requests a minute.
        let simulators = Simulators::start(&["--idle", "--rate", "100000", "--agents", &agents.to_string()]).await;
        let mut bridge = Bridge::with_config(&simulators, |text| {
            let open = "[console]\nlisten = \"127.0.0.1:0\"\n";
            let text = text.replacen("[log]", "requests_per_minute = 100000\n\n[log]", 1);
            text.replacen(open, &format!("{open}{more}\n"), 1)
        });
        let origin = bridge.console().await;
        until("everybody told", || async {
            let links = client().get(format!("{origin}/api/v1/links")).bearer_auth(token).send().await.ok()?;
            let links: Value = serde_json::from_slice(&links.bytes().await.ok()?).ok()?;
            let report = &links[0]["report"];
            let told = report["backlog"] == 0 && (agents == 0 || report["delivered"].as_u64() > Some(0));
            (report["agents"] == agents && told).then_some(())
        })
        .await;
        let users = simulators.users().await;
        assert_eq!(users.len(), agents);
        Self { simulators, bridge, users, origin }
    }

    /// A page of the link.
    pub fn page(&self, name: &str) -> String {
        page(name)
    }

    /// An agent's page.
    pub fn agent(&self, user: &User) -> String {
        page(&format!("agents/{}", user.agent))
    }

    /// Every page, with its heading. The agent's is there when there are agents.
    pub fn pages(&self) -> Vec<(String, String)> {
        let named = |heading: &str, path: String| (heading.to_owned(), path);
        let mut pages = vec![
            named("Overview", "/".to_owned()),
            named("Agents", page("agents")),
            named("Mapping", page("mapping")),
            named("Users", page("users")),
            named("Health", page("health")),
        ];
        // The simulator's people are called like their ids.
        pages.extend(self.users.first().map(|user| (spoken(&user.agent), self.agent(user))));
        pages
    }
}

/// `ada.abel1` is Ada Abel 1.
pub fn spoken(agent: &str) -> String {
    let number = agent.find(|letter: char| letter.is_ascii_digit()).unwrap();
    let names = agent[..number].split('.').map(|name| name[..1].to_uppercase() + &name[1..]);
    names.chain([agent[number..].to_owned()]).collect::<Vec<_>>().join(" ")
}

fn page(name: &str) -> String {
    format!("/links/{LINK}/{name}")
}
