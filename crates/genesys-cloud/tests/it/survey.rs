//! What a survey finds out, and that it changes nothing.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::SourceId;
use domain::target::SystemPresence;
use genesys_cloud::survey::{
    ClientSurvey, DefaultSource, Logon, OrganisationFound, OurSource, Permission, Standing, Survey, Unanswered,
};
use genesys_cloud::{Config, Delivery, DeliveryChoice};
use replicator::ports::Clock;
use serde_json::json;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::stub::{Canned, OUR_SOURCE, SECRET, Stub, definition_of, error, logged, user};

const TOKEN: &str = "/oauth/token";
const DEFAULT: &str = "defaultPrimaryPresenceRegisteredSourceId";

async fn survey_with(stub: &Stub, config: Config) -> Survey {
    genesys_cloud::survey(config, Arc::clone(&stub.clock) as Arc<dyn Clock>).await
}

async fn survey(stub: &Stub) -> Survey {
    survey_with(stub, stub.config()).await
}

fn our_source() -> SourceId {
    OUR_SOURCE.parse().unwrap()
}

/// A stub with two users, one of them inactive.
async fn populated() -> Stub {
    let stub = Stub::start().await;
    stub.change(|organisation| {
        let user = |n, state| json!({"id": user(n).0, "name": "A", "state": state, "version": 1});
        organisation.users = vec![user(1, "active"), user(2, "inactive")];
    });
    stub
}

/// The permissions that are not granted, with what was said.
fn lacking(client: &ClientSurvey) -> Vec<(Permission, &Standing)> {
    client.permissions.iter().filter(|(_, standing)| *standing != Standing::Granted).map(|(p, s)| (*p, s)).collect()
}

#[tokio::test]
async fn a_perfect_organisation_is_told_in_full() {
    let stub = populated().await;
    let survey = survey(&stub).await;
    assert_eq!((survey.unusable, survey.created), (None, None));
    let client = &survey.clients[0];
    assert_eq!((client.id.as_str(), &client.logon), ("the-client", &Logon::Accepted));
    let organisation = OrganisationFound { id: Some(Uuid::nil().to_string()), name: Some("Acme".to_owned()) };
    assert_eq!(client.organisation, Ok(organisation));
    let asked: Vec<Permission> = client.permissions.iter().map(|(permission, _)| *permission).collect();
    let all: Vec<Permission> = Permission::ALL.into_iter().filter(|one| *one != Permission::SourceAdd).collect();
    assert_eq!((asked, lacking(client)), (all, vec![]), "our source need not be made");
    assert_eq!(client.limit, Some(300));
    assert_eq!(client.requests as usize, stub.all_seen().len() - 1, "all but the token's");
    let definitions = survey.definitions.unwrap();
    assert_eq!((definitions.definitions.0.len(), definitions.lacking), (10, vec![]));
    assert_eq!((definitions.deprecated, definitions.active_only, definitions.odd), (None, None, vec![]));
    let sources = survey.sources.unwrap();
    assert_eq!((sources.ours, sources.others), (OurSource::Found(our_source()), vec![]));
    assert_eq!(survey.default_source, Ok(DefaultSource::Platform));
    let chosen = survey.delivery.unwrap();
    assert_eq!((chosen.delivery, chosen.reason.as_str()), (Delivery::Events, "presence events are allowed"));
    let users = survey.users.unwrap();
    assert_eq!((users.users.len(), users.pages), (2, 2));
}

#[tokio::test]
async fn nothing_is_changed_or_made() {
    let stub = populated().await;
    stub.change(|organisation| organisation.sources.clear());
    let survey = survey(&stub).await;
    assert_eq!(survey.created, None);
    assert_eq!(stub.change(|organisation| organisation.sources.len()), 0);
    let everybody = [user(1), user(2)].map(|user| user.to_string());
    for seen in stub.all_seen().into_iter().filter(|seen| seen.method != "GET" && seen.path != TOKEN) {
        match (seen.method.as_str(), seen.path.trim_start_matches("/api/v2/")) {
            ("POST", "events/users/presence" | "events/users/routingstatus") | ("PUT", "users/presences/bulk") => {
                assert!(seen.json().to_string().ends_with("[]}") || seen.json() == json!([]), "{seen:?}");
            }
            ("POST", "presence/sources") => assert_eq!(seen.json()["name"], ""),
            ("PUT", path) if path.ends_with("/primarysource") => {
                assert!(everybody.iter().all(|user| !path.contains(user.as_str())), "{path}");
            }
            _ => panic!("{seen:?}"),
        }
    }
}

#[tokio::test]
async fn each_missing_permission_is_told_with_the_platforms_words_and_no_other() {
    for permission in Permission::ALL {
        let stub = populated().await;
        stub.change(|organisation| {
            organisation.missing_permissions.push(permission.name());
            if permission == Permission::SourceAdd {
                organisation.sources.clear();
            }
        });
        let survey = survey(&stub).await;
        let lacking = lacking(&survey.clients[0]);
        let [(found, Standing::Missing { said })] = lacking.as_slice() else { panic!("{permission:?}: {lacking:?}") };
        assert_eq!(*found, permission);
        assert!(said.starts_with("403 missing.permissions") && said.contains(permission.name()), "{said}");
    }
}

#[tokio::test]
async fn what_a_permission_hides_is_forbidden() {
    let stub = populated().await;
    stub.change(|organisation| {
        organisation.missing_permissions =
            vec!["presence:source:view", "presence:settings:view", "presence:presenceDefinition:view"];
    });
    let survey = survey(&stub).await;
    assert!(matches!(survey.sources, Err(Unanswered::Forbidden { .. })), "{:?}", survey.sources);
    assert!(matches!(survey.default_source, Err(Unanswered::Forbidden { .. })), "{:?}", survey.default_source);
    assert!(matches!(survey.definitions, Err(Unanswered::Forbidden { .. })), "{:?}", survey.definitions);
    assert!(survey.users.is_ok() && survey.delivery.is_ok(), "everything else is answered");
}

#[tokio::test]
async fn definitions_of_the_deprecated_list_say_so_and_those_that_are_missing_are_named() {
    let stub = populated().await;
    stub.change(|organisation| organisation.missing_permissions.push("presence:presenceDefinition:view"));
    let busy = json!({"id": definition_of("Busy"), "name": "Busy", "systemPresence": "Busy", "primary": true});
    let odd = json!({"id": Uuid::from_u128(3), "name": "Siesta", "systemPresence": "Siesta", "primary": true});
    let body = json!({"entities": [busy, odd], "pageCount": 1});
    stub.always("GET", "/api/v2/presencedefinitions", Canned::json(200, body));
    let definitions = survey(&stub).await.definitions.unwrap();
    assert!(definitions.deprecated.unwrap().contains("presence:presenceDefinition:view"));
    assert_eq!((definitions.lacking.len(), definitions.odd.len()), (9, 1));
    assert!(!definitions.lacking.contains(&SystemPresence::Busy));
}

#[tokio::test]
async fn our_source_is_found_absent_there_twice_or_not_ours() {
    let source = |id: u128, name: &str, kind: &str| json!({"id": Uuid::from_u128(id), "name": name, "type": kind});
    let ours = |id| source(id, "PureConnect Main", "User");
    let id = |id| SourceId(Uuid::from_u128(id));
    for (sources, expected, others) in [
        (vec![ours(1), source(2, "Engage", "User")], OurSource::Found(id(1)), vec!["Engage"]),
        (vec![ours(1), ours(2)], OurSource::Several(vec![id(1), id(2)]), vec![]),
        (vec![source(2, "Engage", "User"), source(3, "PURECLOUD", "System")], OurSource::Absent, vec!["Engage"]),
        (vec![source(1, "pureconnect main", "System")], OurSource::NotOurs { kind: "System".to_owned() }, vec![]),
    ] {
        let stub = populated().await;
        stub.change(|organisation| organisation.sources = sources);
        let survey = survey(&stub).await;
        let absent = expected == OurSource::Absent;
        let found = survey.sources.unwrap();
        assert_eq!((found.ours, found.others), (expected, others.into_iter().map(str::to_owned).collect()));
        let asked = survey.clients[0].permissions.iter().any(|(permission, _)| *permission == Permission::SourceAdd);
        assert_eq!(asked, absent, "whether it could be made matters only where it is not");
    }
}

#[tokio::test]
async fn a_source_that_was_made_without_a_name_is_told() {
    let stub = populated().await;
    stub.change(|organisation| organisation.sources.clear());
    stub.always("POST", "/api/v2/presence/sources", Canned::json(200, json!({"id": "4711", "name": ""})));
    let survey = survey(&stub).await;
    assert_eq!(survey.created.as_deref(), Some("4711"));
    assert_eq!(lacking(&survey.clients[0]), []);
}

#[tokio::test]
async fn the_default_source_is_ours_anothers_or_the_platforms() {
    let theirs = Uuid::from_u128(2).to_string();
    for (told, expected) in [
        (json!(OUR_SOURCE.to_uppercase()), DefaultSource::Ours),
        (json!(theirs), DefaultSource::Other(theirs)),
        (json!(null), DefaultSource::Platform),
        (json!(""), DefaultSource::Platform),
    ] {
        let stub = populated().await;
        stub.change(|organisation| organisation.settings[DEFAULT] = told);
        assert_eq!(survey(&stub).await.default_source, Ok(expected));
    }
}

#[tokio::test]
async fn the_delivery_is_the_one_that_connecting_would_choose() {
    let cases = [
        (DeliveryChoice::Auto, vec!["presence:userPresence:inject"]),
        (DeliveryChoice::Auto, vec!["presence:userPresence:inject", "presence:userPresence:edit"]),
        (DeliveryChoice::Events, vec!["presence:userPresence:inject"]),
        (DeliveryChoice::Direct, vec![]),
        (DeliveryChoice::Direct, vec!["presence:userPresence:edit"]),
    ];
    for (wanted, missing) in cases {
        let stub = populated().await;
        stub.change(|organisation| organisation.missing_permissions = missing);
        let config = stub.config_for(wanted);
        let found = survey_with(&stub, config.clone()).await.delivery.map(|chosen| (chosen.delivery, chosen.reason));
        let connected = stub.try_connect(config).await.map(|connected| (connected.delivery, connected.reason));
        assert_eq!(found, connected.map_err(|failure| failure.message));
    }
}

#[tokio::test]
async fn a_secret_that_has_expired_is_told_from_another_region_and_from_silence() {
    let refused = Canned::json(401, json!({"error": "invalid_client", "description": "client secret has expired"}));
    let said = "401 invalid_client: client secret has expired".to_owned();
    logon(refused, Logon::Refused { status: 401, said }).await;
    let page = Canned::text(404, "text/html", "<h1>Not Found</h1>");
    logon(page, Logon::Misdirected { status: 404, said: "404".to_owned() }).await;
    let page = Canned::text(200, "text/html", "<h1>Welcome</h1>");
    let said = "200 with a body that is no token answer (16 bytes)".to_owned();
    logon(page, Logon::Misdirected { status: 200, said }).await;
    let down = Canned::text(503, "text/html", "");
    logon(down, Logon::Unreachable { status: Some(503), said: "503".to_owned() }).await;
}

/// What is told of the logon when the login service answers this, and that nothing is asked without a token.
async fn logon(answer: Canned, expected: Logon) {
    let stub = Stub::start().await;
    stub.always("POST", TOKEN, answer);
    let survey = survey(&stub).await;
    let client = &survey.clients[0];
    assert_eq!((&client.logon, &client.organisation), (&expected, &Err(Unanswered::NotAsked)));
    assert!(client.permissions.iter().all(|(_, standing)| matches!(standing, Standing::Unknown { .. })));
    assert_eq!(client.permissions.len(), Permission::ALL.len() - 1);
    assert_eq!(survey.users, Err(Unanswered::NotAsked));
    assert!(survey.delivery.is_err());
    assert_eq!(stub.all_seen().len(), stub.tokens_asked());
}

#[tokio::test]
async fn an_api_of_another_region_does_not_accept_the_token() {
    let stub = Stub::start().await;
    let other = Stub::start().await;
    let mut config = stub.config();
    config.api_base_url = other.url.clone();
    let survey = survey_with(&stub, config).await;
    assert_eq!(survey.clients[0].logon, Logon::Accepted);
    let said = "401 bad.credentials: Invalid login credentials.".to_owned();
    assert_eq!(survey.clients[0].organisation, Err(Unanswered::Unauthorized { said: said.clone() }));
    assert_eq!(survey.delivery, Err(said));
}

#[tokio::test]
async fn an_api_that_is_none_and_one_that_is_not_there_are_told_apart() {
    let stub = Stub::start().await;
    stub.always("GET", "/api/v2/tokens/me", Canned::text(200, "text/html", "<h1>Welcome</h1>"));
    let found = survey(&stub).await;
    assert!(matches!(found.clients[0].organisation, Err(Unanswered::Refused { status: Some(200), .. })));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let mut config = stub.config();
    config.api_base_url = format!("http://{nobody}").parse().unwrap();
    let found = survey_with(&stub, config).await;
    assert!(matches!(found.clients[0].organisation, Err(Unanswered::Unreachable { status: None, .. })));
    assert!(matches!(found.users, Err(Unanswered::Unreachable { .. })));
}

#[tokio::test]
async fn patience_is_had_once_for_all_questions() {
    let stub = populated().await;
    for path in ["/api/v2/presence/sources", "/api/v2/presence/settings", "/api/v2/users"] {
        stub.always("GET", path, error(503, "service.unavailable", "down"));
    }
    let survey = survey(&stub).await;
    assert!(stub.clock.elapsed() <= Duration::from_secs(120));
    let down = || Unanswered::Unreachable { status: Some(503), said: "503 service.unavailable: down".to_owned() };
    assert_eq!((survey.sources, survey.users), (Err(down()), Err(down())));
    assert!(survey.definitions.is_ok(), "whatever else can be asked is");
    let why = "there is no user to ask about".to_owned();
    let expected = (Permission::PrimarySourceView, &Standing::Unknown { why });
    assert!(lacking(&survey.clients[0]).contains(&expected));
}

#[tokio::test]
async fn each_client_is_told_for_itself() {
    let stub = populated().await;
    stub.change(|organisation| {
        organisation.missing_of.insert("second-client", vec!["routing:routingstatus:inject"]);
        organisation.elsewhere.insert("second-client", json!({"id": Uuid::from_u128(5), "name": "Initech"}));
    });
    let config = stub.config_of_two(3);
    let found = survey_with(&stub, config.clone()).await;
    assert_eq!(stub.tokens_asked(), 2, "one token of each is enough");
    let organisations: Vec<_> = found.clients.iter().map(|c| c.organisation.clone().unwrap().name.unwrap()).collect();
    assert_eq!(organisations, ["Acme", "Initech"]);
    assert_eq!(lacking(&found.clients[0]), []);
    assert_eq!(lacking(&found.clients[1])[0].0, Permission::RoutingInject);
    let mut config = config;
    config.clients[0].secret = "expired".into();
    let found = survey_with(&stub, config).await;
    assert!(matches!(found.clients[0].logon, Logon::Refused { .. }));
    assert_eq!(found.clients[1].logon, Logon::Accepted);
    assert!(found.users.is_ok() && found.definitions.is_ok() && found.delivery.is_ok(), "the other one speaks for it");
}

#[tokio::test]
async fn what_cannot_be_asked_at_all_is_told_without_a_request() {
    let stub = Stub::start().await;
    let mut config = stub.config();
    config.ca_file = Some("/nowhere/ca.pem".into());
    let survey = survey_with(&stub, config).await;
    assert!(survey.unusable.unwrap().contains("/nowhere/ca.pem"));
    assert_eq!((survey.clients.len(), &survey.clients[0].logon), (1, &Logon::NotAsked));
    assert_eq!(stub.all_seen().len(), 0);
}

#[tokio::test]
async fn users_are_read_to_the_end_also_where_the_pages_have_none() {
    let stub = populated().await;
    let body = json!({"entities": [{"id": user(1).0, "state": "active"}], "nextUri": "/api/v2/users?pageNumber=2"});
    stub.always("GET", "/api/v2/users", Canned::json(200, body));
    let users = survey(&stub).await.users.unwrap();
    assert_eq!((users.users.len(), users.pages), (1, 2));
}

#[tokio::test]
async fn a_survey_shows_no_secret() {
    let stub = populated().await;
    stub.script(1, "POST", TOKEN, Canned::json(400, json!({"error": format!("rate limit exceeded {SECRET}")})));
    let printed = format!("{:?}", survey(&stub).await);
    for text in [printed, logged()] {
        assert!(!text.contains(SECRET) && !text.contains("planted-token"));
    }
}
