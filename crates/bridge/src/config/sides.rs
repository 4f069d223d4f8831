//! The sections of the two sides: where PureConnect and Genesys Cloud are, and as whom to log on. Every key with its
//! meaning and its default.

use std::time::Duration;

use genesys_cloud::DeliveryChoice;
use replicator::options::{OutOfOfficeChoice, PrimarySource};
use toml::Spanned;
use toml::de::DeValue;

use super::clients;
use super::place::Place;
use super::reader::{Reader, Section};
use super::value::{Value, bad_value, choice, service_address};
use crate::problem::{Problem, nearest};

choice!(PrimarySource {
    "auto" => Auto,
    "organisation-default" => OrganisationDefault,
    "per-user" => PerUser,
});
choice!(DeliveryChoice { "auto" => Auto, "events" => Events, "direct" => Direct });

/// How often PureConnect's users are read again: who is new, has left or has another e-mail is followed within a minute.
const USERS_INTERVAL: Duration = Duration::from_secs(45);

/// What the other sections decide about the connection to PureConnect.
pub struct SourceSide {
    /// How long the start may take.
    pub start_patience: Duration,
}

/// What the other sections decide about the connection to Genesys Cloud.
pub struct TargetSide {
    /// Whether out of office is offered.
    pub out_of_office: OutOfOfficeChoice,
    /// How long the start may take.
    pub start_patience: Duration,
}

/// What `[genesys_cloud]` holds.
pub struct GenesysCloud {
    /// The connection.
    pub connection: genesys_cloud::Config,
    /// Whose primary source becomes ours.
    pub primary_source: PrimarySource,
    /// Requests a minute until the platform says what it allows.
    pub per_minute: u32,
    /// Our share of what it allows.
    pub share: f64,
}

/// Reads `[pureconnect]`. The rest of its configuration is in other sections and comes as a second step.
pub fn pureconnect(reader: &mut Reader<'_, '_>) -> Option<impl FnOnce(SourceSide) -> pureconnect::Config + use<>> {
    let mut section = reader.section("pureconnect", "The PureConnect system whose agents are watched, over ICWS.");
    let s = &mut section;
    let hosts = hosts(s);
    let base_url = base_url(s, hosts.as_deref());
    let user: Option<String> = s.required(
        "user",
        "\"presence-bridge\"",
        "The user to log on as; it needs no client access licence, but rights to view (see README).",
    );
    let password = s.required(
        "password",
        "{ file = \"pureconnect-password\" }",
        "Its password, never written in this file: { file = \"…\" }, { env = \"…\" } or { credential = \"…\" },\nthe last one being a systemd credential. Paths are relative to this file.",
    );
    let application_name =
        s.default("application_name", "\"Presence Bridge\"", "The name that PureConnect shows for the session.");
    let language = s.default("language", "\"en-US\"", "The language of status texts.");
    let tls = tls(s);
    let request_timeout = s.default("request_timeout", "\"20s\"", "The longest that one request may take.");
    let silence_limit = s.default(
        "silence_limit",
        "\"45s\"",
        "A connection that says nothing for so long, not even a ping, is renewed.",
    );
    let poll_interval = s.default(
        "poll_interval",
        "\"1s\"",
        "How often messages are fetched from servers that cannot push them; more than 1s counts as 1s.",
    );
    let queue_chunk: Option<u32> = s.default("queue_chunk", "200", "How many agents' queues one subscription holds.");
    let resync_interval =
        s.default("resync_interval", "\"6h\"", "How often everything is read afresh, though nothing seems wrong.");
    let (hosts, base_url, user, password) = (hosts?, base_url?, user?, password?);
    let (application_name, language, tls) = (application_name?, language?, tls?);
    let (request_timeout, silence_limit, poll_interval) = (request_timeout?, silence_limit?, poll_interval?);
    let (queue_chunk, resync_interval) = (usize::try_from(queue_chunk?).ok()?, resync_interval?);
    Some(move |others: SourceSide| pureconnect::Config {
        hosts,
        base_url,
        user,
        password,
        application_name,
        language,
        tls,
        start_patience: others.start_patience,
        request_timeout,
        silence_limit,
        poll_interval,
        queue_chunk,
        users_interval: USERS_INTERVAL,
        resync_interval,
    })
}

fn hosts(s: &mut Section<'_, '_, '_>) -> Option<Vec<String>> {
    let hosts: Vec<String> = s.required(
        "hosts",
        "[\"cic1.example.com\", \"cic2.example.com\"]",
        "The servers, a switchover pair's both; they are tried in this order.",
    )?;
    let strange = hosts.iter().find(|host| host.contains(['/', ' ', '@', '{', '?', '#']));
    if let Some(strange) = strange {
        let problem = Problem::new(format!("\"{strange}\" is not the name of a host"));
        s.problem("hosts", problem.help("names only; scheme and port belong to base_url"));
        return None;
    }
    Some(hosts)
}

fn base_url(s: &mut Section<'_, '_, '_>, hosts: Option<&[String]>) -> Option<String> {
    let template: String = s.default(
        "base_url",
        "\"https://{host}:8019\"",
        "How to reach a host: 8019 is TLS, 8018 is not, and a reverse proxy has its own.",
    )?;
    if let Err(message) = service_address(&template.replace("{host}", "host.example")) {
        s.problem("base_url", Problem::new(message));
        return None;
    }
    if !template.contains("{host}") && hosts.is_some_and(|hosts| hosts.len() > 1) {
        let problem = Problem::new("all hosts would have the same address");
        s.problem("base_url", problem.help("put {host} where the name of the host belongs"));
        return None;
    }
    Some(template)
}

fn tls(s: &mut Section<'_, '_, '_>) -> Option<pureconnect::Tls> {
    let ca_file = s.optional(
        "ca_file",
        "\"pureconnect-ca.pem\"",
        "Trust these certificate authorities (PEM) instead of the system's: PureConnect usually has its own.",
    );
    let fingerprint = s.optional::<Fingerprint>(
        "fingerprint_sha256",
        "\"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\"",
        "Trust exactly the certificate with this SHA-256 fingerprint.",
    );
    let danger = s.default(
        "danger_accept_invalid_certificates",
        "false",
        "Trust any certificate. Whoever is in between can then read the password.",
    );
    if danger == Some(true) && (ca_file.is_some() || fingerprint.is_some()) {
        let problem = Problem::new("nothing is checked, so ca_file and fingerprint_sha256 would have no effect");
        s.problem("danger_accept_invalid_certificates", problem.help("leave this key out"));
    }
    Some(pureconnect::Tls {
        ca_file,
        fingerprint_sha256: fingerprint.map(|fingerprint| fingerprint.0),
        danger_accept_invalid_certificates: danger?,
    })
}

/// Reads `[genesys_cloud]`. The rest of its configuration is in other sections and comes as a second step.
pub fn genesys_cloud(reader: &mut Reader<'_, '_>) -> Option<impl FnOnce(TargetSide) -> GenesysCloud + use<>> {
    let mut section = reader.section("genesys_cloud", "The Genesys Cloud organisation that is kept in step.");
    let s = &mut section;
    let urls = addresses(s);
    let clients = clients::clients(s);
    let tokens_per_client = clients::pool_size(s);
    let delivery = s.default(
        "delivery",
        "\"auto\"",
        "How presence and routing status are told: \"events\" (every change with its own time; needs the permissions to\ninject), \"direct\" (the newest presence only; any organisation) or \"auto\": events where they are permitted.",
    );
    let source_name = s.default(
        "source_name",
        "\"PureConnect\"",
        "The name of the presence source; it is created when the organisation has none of that name.",
    );
    let primary_source = s.default(
        "primary_source",
        "\"auto\"",
        "Whose primary presence source ours becomes: \"organisation-default\" (everybody's), \"per-user\" (the agents')\nor \"auto\" (everybody's if all active users are agents).",
    );
    let external_id_authority = s.optional(
        "external_id_authority",
        "\"PureConnect\"",
        "Find users also by external id: the key is the PureConnect user id, this is the authority.",
    );
    let ca_file =
        s.optional("ca_file", "\"proxy-ca.pem\"", "Trust this certificate authority (PEM), too, such as a proxy's.");
    let request_timeout = s.default("request_timeout", "\"15s\"", "The longest that one request may take.");
    let rate = rate(s);
    let notifications: Option<bool> = s.default(
        "notifications",
        "true",
        "Notice at once what somebody else changes in Genesys Cloud, by its notifications. Without them it is noticed\nwhen it is read back.",
    );
    let (urls, clients, tokens_per_client, delivery) = (urls?, clients?, tokens_per_client?, delivery?);
    let (source_name, primary_source, request_timeout) = (source_name?, primary_source?, request_timeout?);
    let ((per_minute, share), notifications) = (rate?, notifications?);
    Some(move |others: TargetSide| GenesysCloud {
        connection: genesys_cloud::Config {
            api_base_url: urls.api,
            login_base_url: urls.login,
            clients,
            tokens_per_client,
            delivery,
            source_name,
            out_of_office: others.out_of_office != OutOfOfficeChoice::Never,
            notifications,
            external_id_authority,
            ca_file,
            proxy: true,
            request_timeout,
            start_patience: others.start_patience,
        },
        primary_source,
        per_minute,
        share,
    })
}

/// Requests a minute until the platform says what it allows, and our share of that.
fn rate(s: &mut Section<'_, '_, '_>) -> Option<(u32, f64)> {
    let per_minute =
        s.default("requests_per_minute", "300", "Requests in any 60 seconds, until Genesys Cloud says what it allows.");
    let share = s.default("rate_share", "1.0", "The share of what Genesys Cloud allows that is used at most.");
    per_minute.zip(share)
}

/// The region's addresses, or explicit ones in their place.
fn addresses(s: &mut Section<'_, '_, '_>) -> Option<genesys_cloud::Urls> {
    let region = s.usual::<Region>(
        "region",
        "\"mypurecloud.de\"",
        "The region, by the host name of its login page: mypurecloud.com, mypurecloud.ie, usw2.pure.cloud …",
    );
    let api = s.optional(
        "api_base_url",
        "\"https://api.mypurecloud.de\"",
        "The address of the Platform API, instead of the region's.",
    );
    let login = s.optional(
        "login_base_url",
        "\"https://login.mypurecloud.de\"",
        "The address of the login service, instead of the region's.",
    );
    let said = |key| s.has(key);
    let complete = said("region") || (said("api_base_url") && said("login_base_url"));
    if !complete {
        let problem = Problem::new("missing key \"region\" in [genesys_cloud]").label("lacks region = \"…\"");
        s.problem("region", problem.help("write region = \"mypurecloud.de\", or both api_base_url and login_base_url"));
        return None;
    }
    let (of_region_api, of_region_login) = region.map(|Region(urls)| (urls.api, urls.login)).unzip();
    Some(genesys_cloud::Urls { api: api.or(of_region_api)?, login: login.or(of_region_login)? })
}

struct Region(genesys_cloud::Urls);

impl Value for Region {
    fn schema() -> serde_json::Value {
        let hosts: Vec<&str> = genesys_cloud::regions().map(|(host, _)| host).collect();
        serde_json::json!({ "enum": hosts })
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let host = String::read(node, place)?;
        if let Some(urls) = genesys_cloud::region(&host) {
            return Ok(Self(urls));
        }
        let known = || genesys_cloud::regions().map(|(host, _)| host);
        let help = match nearest(&host, known()) {
            Some(guess) => format!("did you mean \"{guess}\"?"),
            None => format!("the regions are {}", known().collect::<Vec<_>>().join(", ")),
        };
        Err(vec![Problem::new(format!("unknown region \"{host}\"")).at(node.span()).help(help)])
    }
}

struct Fingerprint(String);

impl Value for Fingerprint {
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "string", "pattern": "^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$" })
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let text = String::read(node, place)?;
        let digits: String = text.chars().filter(|c| *c != ':').collect();
        if digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit()) {
            return Ok(Self(digits.to_ascii_lowercase()));
        }
        Err(bad_value("expected the 64 hexadecimal digits of a SHA-256 fingerprint", node))
    }
}
