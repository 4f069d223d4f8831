//! What is shown of a link, in channels that outlive each of its runs, for the console, the health checks and the service
//! manager.
//!
//! Nothing here waits for whoever looks.

use console::About;
use replicator::Command;
use replicator::engine::{Report, Standings};
use tokio::sync::{mpsc, watch};

use crate::config;

/// Portions of standings on their way: while one is taken in, the next is ready.
const PORTIONS: usize = 2;

/// Where a link, and whoever runs it, says how it is.
#[derive(Debug, Clone)]
pub struct Showing {
    /// How it stands; `None` while it does not run.
    pub report: watch::Sender<Option<Report>>,
    standings: mpsc::Sender<Standings>,
    trouble: watch::Sender<Option<String>>,
    standby: watch::Sender<bool>,
    epoch: watch::Sender<Option<u64>>,
}

impl Showing {
    /// Of this link, which takes commands here, and the other ends.
    pub fn new(link: &config::Link, commands: mpsc::Sender<Command>) -> (Self, console::Link) {
        let (report, reports) = watch::channel(None);
        let (standings, stood) = mpsc::channel(PORTIONS);
        let (trouble, troubles) = watch::channel(None);
        let (standby, stands_by) = watch::channel(false);
        let (epoch, epochs) = watch::channel(None);
        let shown = console::Link {
            name: link.name.clone(),
            about: about(link),
            report: reports,
            standings: stood,
            trouble: troubles,
            standby: stands_by,
            epoch: epochs,
            commands,
            journal: link.journal.location.clone(),
        };
        (Self { report, standings, trouble, standby, epoch }, shown)
    }

    /// Where the loop says how agents stand; `None` where nobody looks, so that it need not find out.
    pub fn standings(&self) -> Option<mpsc::Sender<Standings>> {
        (!self.standings.is_closed()).then(|| self.standings.clone())
    }

    /// A run begins.
    pub fn begins(&self) {
        self.trouble.send_replace(None);
        self.standby.send_replace(false);
    }

    /// Its journal is open, for the so-manieth time.
    pub fn has_opened(&self, epoch: u64) {
        self.epoch.send_replace(Some(epoch));
    }

    /// Another bridge has its journal.
    pub fn stands_by(&self) {
        self.standby.send_replace(true);
    }

    /// The run has ended.
    pub fn has_ended(&self) {
        self.report.send_replace(None);
    }

    /// Why it does not run, and what happens next.
    pub fn waits(&self, why: String) {
        self.trouble.send_replace(Some(why));
    }
}

/// What the configuration says, for people.
fn about(link: &config::Link) -> About {
    let source = &link.pureconnect;
    let is_one_address = !source.base_url.contains("{host}");
    let hosts = if is_one_address { vec![source.base_url.clone()] } else { source.hosts.clone() };
    let api = &link.genesys_cloud.api_base_url;
    let region = api.host_str().and_then(|host| host.strip_prefix("api.")).map(str::to_owned);
    let region = region.unwrap_or_else(|| api.as_str().trim_end_matches('/').to_owned());
    About { hosts, region }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(text: &str) -> config::Link {
        let text = format!(
            "[pureconnect]\nhosts = [\"cic1\", \"cic2\"]\nuser = \"u\"\npassword = {{ env = \"A\" }}\n{text}\n\
             client_id = \"i\"\nclient_secret = {{ env = \"B\" }}\n"
        );
        config::imagine(&text).unwrap().link(None).unwrap().clone()
    }

    #[test]
    fn both_sides_are_named_as_the_configuration_names_them() {
        let told = about(&link("[genesys_cloud]\nregion = \"mypurecloud.ie\""));
        assert_eq!((told.hosts, told.region.as_str()), (vec!["cic1".to_owned(), "cic2".to_owned()], "mypurecloud.ie"));
        let addresses =
            "[genesys_cloud]\napi_base_url = \"http://127.0.0.1:8080\"\nlogin_base_url = \"http://127.0.0.1:8080\"";
        assert_eq!(about(&link(addresses)).region, "http://127.0.0.1:8080");
    }

    #[tokio::test]
    async fn what_is_said_outlives_a_run_and_where_nobody_looks_nobody_need_find_out() {
        let (commands, _heard) = mpsc::channel(1);
        let (showing, shown) = Showing::new(&link("[genesys_cloud]\nregion = \"mypurecloud.ie\""), commands);
        showing.waits("the journal is full".to_owned());
        showing.stands_by();
        assert_eq!(shown.trouble.borrow().as_deref(), Some("the journal is full"));
        assert!(*shown.standby.borrow());
        showing.clone().begins();
        showing.has_opened(7);
        assert_eq!((shown.trouble.borrow().clone(), *shown.standby.borrow()), (None, false));
        assert_eq!(*shown.epoch.borrow(), Some(7));
        assert!(showing.standings().is_some());
        drop(shown);
        assert!(showing.standings().is_none());
    }
}
