//! What was found out about the organisation in Genesys Cloud, up to what it lets each OAuth client do.

use std::collections::BTreeSet;

use genesys_cloud::survey::{ClientSurvey, DefinitionsFound, Logon, OrganisationFound, Survey, Unanswered};
use genesys_cloud::{Config, regions};

use super::code::Code;
use super::finding::{Finding, Trouble, capital, quoted};

/// Where the organisation is.
pub fn address(config: &Config) -> Finding {
    let (api, login) = (shown(&config.api_base_url), shown(&config.login_base_url));
    let region = regions().find(|(region, _)| {
        config.api_base_url.host_str() == Some(format!("api.{region}").as_str())
            && config.login_base_url.host_str() == Some(format!("login.{region}").as_str())
    });
    let fact = match region {
        Some((region, aws)) => format!("The region is {region} ({aws}): {api} and {login}."),
        None if api == login => format!("The addresses are given: {api} for everything."),
        None => format!("The addresses are given: {api} and {login}."),
    };
    let found = Finding::ok(Code::TargetAddress, fact);
    found.with("api", api).with("login", login).with("region", region.map(|(region, _)| region))
}

fn shown(url: &url::Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// Whether each OAuth client got a token, and of which organisation it is.
pub fn clients(config: &Config, survey: &Survey) -> Vec<Finding> {
    if let Some(why) = &survey.unusable {
        let fact = format!("Genesys Cloud cannot be asked anything: {why}.");
        return vec![Finding::problem(
            Code::TargetMisconfigured,
            Trouble::Configuration,
            fact,
            "Correct [genesys_cloud].",
        )];
    }
    let mut findings: Vec<Finding> = survey.clients.iter().map(|client| token(config, client)).collect();
    findings.extend(organisation(survey));
    if let Some(id) = &survey.created {
        let fact = format!("A presence source without a name came into being while looking (its id is {id}).");
        let advice =
            "The platform should have refused that. Deactivate it there: Admin, or DELETE /api/v2/presence/sources.";
        findings.push(Finding::warning(Code::TargetSourceStray, fact, advice).with("source", id.as_str()));
    }
    findings
}

/// Why nothing more could be asked; `None` where it could.
pub fn closed(survey: &Survey) -> Option<&'static str> {
    let accepted = || survey.clients.iter().filter(|client| client.logon == Logon::Accepted);
    if survey.unusable.is_some() {
        return Some("Genesys Cloud could not be asked anything");
    }
    if accepted().next().is_none() {
        return Some("no OAuth client got a token");
    }
    accepted()
        .all(|client| client.organisation.is_err())
        .then_some("the Platform API gave no answer that could be used")
}

fn token(config: &Config, client: &ClientSurvey) -> Finding {
    let id = &client.id;
    let login = shown(&config.login_base_url);
    let found = match &client.logon {
        Logon::Accepted => {
            let limit = client.limit.map(|limit| format!(", good for {limit} requests a minute")).unwrap_or_default();
            Finding::ok(Code::TargetToken, format!("The OAuth client {id} got a token{limit}."))
        }
        Logon::Refused { status, said } => {
            let fact = format!("The login service does not accept the OAuth client {id} ({}).", answer(*status, said));
            let advice = "Check client_id and its secret, which may have been renewed, and in Genesys Cloud (Admin, OAuth) \
                          that the client is active and its grant type is Client Credentials.";
            Finding::problem(Code::TargetTokenRefused, Trouble::NotAuthorized, fact, advice)
        }
        Logon::Misdirected { status, said } => {
            let fact = format!("What answers at {login} is no login service ({}).", answer(*status, said));
            Finding::problem(Code::TargetNotLogin, Trouble::Configuration, fact, "Check region, or login_base_url.")
        }
        Logon::Untrusted { said } => untrusted(&login, said),
        Logon::Unreachable { said, .. } => unreachable(&login, said),
        Logon::NotAsked => Finding::not_checked(&format!("the OAuth client {id}"), "nothing could be asked"),
    };
    found
        .with("client_id", id.as_str())
        .with("requests_per_minute", client.limit)
        .with("requests_made", client.requests)
}

/// A status and the words beside it, which often begin with the status.
fn answer(status: u16, said: &str) -> String {
    let (status, said) = (status.to_string(), quoted(said));
    if said.starts_with(&status) || said.is_empty() { said.to_owned() } else { format!("{status}: {said}") }
}

fn untrusted(whom: &str, said: &str) -> Finding {
    let fact = format!("The certificate of {whom} is not trusted, so nothing was sent: {}.", quoted(said));
    let advice = "If a proxy stands in between, name its certificate authority in [genesys_cloud]: ca_file.";
    Finding::problem(Code::TargetCertificateUntrusted, Trouble::Configuration, fact, advice)
}

fn unreachable(whom: &str, said: &str) -> Finding {
    let fact = format!("Genesys Cloud does not answer at {whom}: {}.", quoted(said));
    let advice =
        "Check the name, the firewall and the proxy (HTTPS_PROXY, NO_PROXY), and the status page of Genesys Cloud.";
    Finding::problem(Code::TargetUnreachable, Trouble::Unreachable, fact, advice)
}

/// The organisation: one for all the clients.
fn organisation(survey: &Survey) -> Vec<Finding> {
    let in_use = || survey.clients.iter().filter(|client| client.logon == Logon::Accepted);
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for client in in_use() {
        match &client.organisation {
            Ok(OrganisationFound { id, name }) => {
                let key = id.as_deref().or(name.as_deref()).unwrap_or_default().to_lowercase();
                if seen.insert(key) {
                    findings.push(named(id.as_deref(), name.as_deref()));
                }
            }
            Err(Unanswered::Forbidden { .. }) if in_use().count() == 1 => findings.push(named(None, None)),
            Err(why) => findings.extend(unanswered("the organisation", why)),
        }
    }
    if seen.len() > 1 {
        let fact = "The OAuth clients belong to several organisations.";
        let advice = "A link leads into one organisation: name clients of the same one.";
        findings.push(Finding::problem(Code::TargetOrganisationsDiffer, Trouble::Configuration, fact, advice));
    }
    findings
}

fn named(id: Option<&str>, name: Option<&str>) -> Finding {
    let found = match (name, id) {
        (Some(name), _) => Finding::ok(Code::TargetOrganisation, format!("The organisation is \"{name}\".")),
        (None, Some(id)) => Finding::ok(Code::TargetOrganisation, format!("The organisation has the id {id}.")),
        (None, None) => {
            let fact = "The name of the organisation may not be read.";
            let advice =
                "Nothing has to be done; make sure yourself that the OAuth client is of the right organisation.";
            Finding::note(Code::TargetOrganisationUnnamed, fact, advice)
        }
    };
    found.with("id", id).with("name", name)
}

/// Why something could not be read. What a missing permission means is said where permissions are.
pub fn unanswered(what: &str, why: &Unanswered) -> Vec<Finding> {
    let api = "the Platform API";
    let finding = match why {
        Unanswered::Forbidden { .. } => Finding::not_checked(what, "a permission is missing"),
        Unanswered::NotAsked => Finding::not_checked(what, "no OAuth client got a token that could be used"),
        Unanswered::Unauthorized { said } => {
            let said = quoted(said);
            let fact = format!("{api} does not accept the token ({said}), so {what} could not be read.");
            let advice = "Check that both addresses are of the same region, and in Genesys Cloud which network addresses the \
                          OAuth client allows.";
            Finding::problem(Code::TargetTokenRejected, Trouble::NotAuthorized, capital(&fact), advice)
        }
        Unanswered::Refused { status, said } => {
            let answer = status.map_or_else(|| quoted(said).to_owned(), |status| answer(status, said));
            let fact = format!("What answers does not know {what} ({answer}): it is probably not {api}.");
            Finding::problem(Code::TargetNotApi, Trouble::Unsupported, fact, "Check region, or api_base_url.")
        }
        Unanswered::Untrusted { said } => untrusted(api, said),
        Unanswered::Unreachable { said, .. } => unreachable(api, said),
    };
    vec![finding]
}

/// The presence definitions: the ten that every organisation has, and its own.
pub fn definitions(found: &Result<DefinitionsFound, Unanswered>) -> Vec<Finding> {
    let found = match found {
        Ok(found) => found,
        Err(why) => return unanswered("the presence definitions", why),
    };
    let own = found.definitions.secondaries().filter(|definition| !definition.deactivated).count();
    let lacking: Vec<&str> = found.lacking.iter().map(|presence| presence.name()).collect();
    let mut findings = Vec::new();
    if lacking.is_empty() {
        let fact = format!("All ten system presences are there, and {own} of the organisation's own.");
        findings.push(Finding::ok(Code::TargetPresences, fact).with("own", own));
    } else {
        let fact = format!("The organisation lists no presence definition for {}.", lacking.join(", "));
        let advice = "Check that the OAuth client's role covers all divisions.";
        let problem = Finding::problem(Code::TargetPresenceMissing, Trouble::Unsupported, fact, advice);
        findings.push(problem.with("presences", lacking));
    }
    let partly = [
        found.deprecated.as_ref().map(|why| format!("They were read from a deprecated list ({why}).")),
        found.active_only.as_ref().map(|why| format!("Deactivated ones cannot be told from missing ones ({why}).")),
    ];
    let advice = "Give the OAuth client the permission presence:presenceDefinition:view.";
    findings.extend(partly.into_iter().flatten().map(|fact| Finding::note(Code::TargetPresencesPartly, fact, advice)));
    if !found.odd.is_empty() {
        let fact = format!("{} presence definitions are not understood and left out.", found.odd.len());
        let advice = "Rules cannot name them. Tell the makers of Presence Bridge.";
        findings.push(Finding::note(Code::TargetPresencesPartly, fact, advice).names("definitions", found.odd.clone()));
    }
    findings
}
