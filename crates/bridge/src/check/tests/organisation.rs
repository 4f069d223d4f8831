//! The organisation in Genesys Cloud: each way of not being let in, each permission, each way of delivery.

use domain::ids::SourceId;
use domain::target::{Definitions, SystemPresence};
use genesys_cloud::survey::{
    Chosen, ClientSurvey, DefaultSource, DefinitionsFound, Logon, OrganisationFound, OurSource, Permission,
    SourcesFound, Standing, Survey, Unanswered, UsersFound,
};
use genesys_cloud::{Config, Delivery, DeliveryChoice};
use replicator::options::{ModeChoice, PrimarySource};

use super::super::finding::Finding;
use super::super::permissions::{self, Setting};
use super::super::target;
use super::{marks, read};

pub fn config() -> Config {
    let imagined = "[pureconnect]\nhosts = [\"cic1\"]\nuser = \"bridge\"\npassword = { env = \"P\" }\n\
                    [genesys_cloud]\nregion = \"mypurecloud.de\"\nclient_id = \"c\"\nclient_secret = { env = \"S\" }\n";
    crate::config::imagine(imagined).unwrap().links.remove(0).genesys_cloud
}

fn client(id: &str, organisation: &str) -> ClientSurvey {
    let found = OrganisationFound { id: Some(format!("id of {organisation}")), name: Some(organisation.to_owned()) };
    ClientSurvey {
        id: id.to_owned(),
        logon: Logon::Accepted,
        organisation: Ok(found),
        permissions: Permission::ALL.map(|permission| (permission, Standing::Granted)).to_vec(),
        limit: Some(300),
        requests: 12,
    }
}

/// An organisation in which everything is as it should be.
pub fn survey(delivery: Delivery) -> Survey {
    Survey {
        unusable: None,
        clients: vec![client("c", "Example")],
        definitions: Ok(DefinitionsFound {
            definitions: Definitions::default(),
            lacking: Vec::new(),
            deprecated: None,
            active_only: None,
            odd: Vec::new(),
        }),
        sources: Ok(SourcesFound { ours: OurSource::Absent, others: Vec::new() }),
        default_source: Ok(DefaultSource::Platform),
        delivery: Ok(Chosen { delivery, reason: "presence events are allowed".to_owned() }),
        users: Ok(UsersFound { users: Vec::new(), pages: 1 }),
        created: None,
    }
}

fn with_logon(logon: Logon) -> Survey {
    let refused = ClientSurvey { logon, organisation: Err(Unanswered::NotAsked), ..client("c", "Example") };
    Survey { clients: vec![refused], ..survey(Delivery::Events) }
}

fn engaged(survey: &Survey) -> Setting {
    Setting::of(survey, ModeChoice::WorkforceEngagement)
}

#[test]
fn each_way_of_not_getting_a_token_is_told_apart() {
    let said = || "what it says".to_owned();
    let logons = [
        Logon::Refused { status: 400, said: "400 invalid_client: client not found".to_owned() },
        Logon::Misdirected { status: 404, said: said() },
        Logon::Untrusted { said: said() },
        Logon::Unreachable { status: None, said: said() },
        Logon::NotAsked,
    ];
    let each = logons.into_iter().flat_map(|logon| {
        let survey = with_logon(logon);
        assert!(target::closed(&survey).is_some());
        target::clients(&config(), &survey)
    });
    insta::assert_snapshot!(read(each.collect()));
}

#[test]
fn each_way_of_not_being_answered_is_told_apart() {
    let said = || "what it says".to_owned();
    let whys = [
        Unanswered::Forbidden { said: said() },
        Unanswered::Unauthorized { said: said() },
        Unanswered::Refused { status: Some(404), said: said() },
        Unanswered::Untrusted { said: said() },
        Unanswered::Unreachable { status: Some(503), said: said() },
        Unanswered::NotAsked,
    ];
    insta::assert_snapshot!(read(whys.iter().flat_map(|why| target::unanswered("the organisation", why)).collect()));
}

#[test]
fn an_organisation_is_named_and_is_one() {
    let one = survey(Delivery::Events);
    assert_eq!(target::closed(&one), None);
    assert_eq!(marks(&target::clients(&config(), &one)), ["ok target-token", "ok target-organisation"]);
    let two = Survey { clients: vec![client("c", "Example"), client("d", "Other")], ..survey(Delivery::Events) };
    let found = marks(&target::clients(&config(), &two));
    assert_eq!(found.last().unwrap(), "problem target-organisations-differ");
    let same = Survey { clients: vec![client("c", "Example"), client("d", "Example")], ..survey(Delivery::Events) };
    let found = marks(&target::clients(&config(), &same));
    assert_eq!(found, ["ok target-token", "ok target-token", "ok target-organisation"]);
    let stray = Survey { created: Some("an id".to_owned()), ..survey(Delivery::Events) };
    assert_eq!(marks(&target::clients(&config(), &stray)).last().unwrap(), "warning target-source-stray");
}

/// Each permission missing alone, one line each.
fn missing(delivery: Delivery, mode: ModeChoice) -> Vec<Finding> {
    let each = Permission::ALL.into_iter().flat_map(|lost| {
        let mut survey = survey(delivery);
        for (permission, standing) in &mut survey.clients[0].permissions {
            if *permission == lost {
                *standing = Standing::Missing { said: "403".to_owned() };
            }
        }
        let mut found = permissions::permissions(&config(), &survey, Setting::of(&survey, mode));
        found.retain(|finding| finding.severity.word() != "ok");
        assert_eq!(found.len(), 1, "{lost:?}: {found:?}");
        found
    });
    each.collect()
}

#[test]
fn each_missing_permission_is_told_with_what_it_is_for() {
    insta::assert_snapshot!("missing_with_events", read(missing(Delivery::Events, ModeChoice::WorkforceEngagement)));
    insta::assert_snapshot!("missing_with_direct", read(missing(Delivery::Direct, ModeChoice::WorkforceEngagement)));
    let without_routing = missing(Delivery::Events, ModeChoice::StatusOnly);
    assert_eq!(marks(&without_routing)[1], "note target-permission-unneeded", "{:?}", without_routing[1]);
}

#[test]
fn of_several_clients_the_one_that_lacks_something_is_named() {
    let mut poor = client("poor", "Example");
    poor.permissions[0].1 = Standing::Missing { said: "403".to_owned() };
    let survey = Survey { clients: vec![client("c", "Example"), poor], ..survey(Delivery::Events) };
    let found = permissions::permissions(&config(), &survey, engaged(&survey));
    assert!(found[0].fact.contains("of the OAuth client poor is missing"), "{}", found[0].fact);
    assert_eq!(found.len(), Permission::ALL.len());
}

#[test]
fn the_way_of_delivery_is_told_with_what_it_cannot_tell() {
    let told = |survey: &Survey, choice, mode| {
        let config = Config { delivery: choice, ..config() };
        permissions::delivery(&config, survey, mode)
    };
    let none = Survey { delivery: Err("403 twice".to_owned()), ..survey(Delivery::Direct) };
    let found = vec![
        told(&survey(Delivery::Events), DeliveryChoice::Auto, ModeChoice::WorkforceEngagement),
        told(&survey(Delivery::Direct), DeliveryChoice::Auto, ModeChoice::WorkforceEngagement),
        told(&survey(Delivery::Direct), DeliveryChoice::Direct, ModeChoice::StatusOnly),
        told(&none, DeliveryChoice::Auto, ModeChoice::WorkforceEngagement),
        told(&none, DeliveryChoice::Events, ModeChoice::WorkforceEngagement),
        told(&none, DeliveryChoice::Direct, ModeChoice::WorkforceEngagement),
    ];
    insta::assert_snapshot!(read(found));
}

#[test]
fn presence_sources_are_found_awaited_or_somebody_elses() {
    let found = |ours: OurSource, others: &[&str]| {
        let others = others.iter().map(|name| (*name).to_owned()).collect();
        let survey = Survey { sources: Ok(SourcesFound { ours, others }), ..survey(Delivery::Events) };
        marks(&permissions::source(&config(), &survey, engaged(&survey)))
    };
    let id = || SourceId(uuid::Uuid::nil());
    assert_eq!(found(OurSource::Found(id()), &[]), ["ok target-source"]);
    assert_eq!(found(OurSource::Absent, &["EXAS"]), ["ok target-source-new", "warning target-source-others"]);
    assert_eq!(found(OurSource::Several(vec![id(), id()]), &[]), ["warning target-source-several"]);
    assert_eq!(found(OurSource::NotOurs { kind: "System".to_owned() }, &[]), ["problem target-source-taken"]);
    let direct = survey(Delivery::Direct);
    assert!(permissions::source(&config(), &direct, engaged(&direct)).is_empty(), "it has no use there");
}

#[test]
fn the_primary_source_is_told_as_it_will_be() {
    let found = |default: DefaultSource, choice, matched| {
        let survey = Survey { default_source: Ok(default), ..survey(Delivery::Events) };
        let found = permissions::primary(choice, &survey, engaged(&survey), matched).remove(0);
        format!("{} {}", found.severity.word(), found.fact)
    };
    let other = || DefaultSource::Other("somebody's".to_owned());
    let told = [
        found(DefaultSource::Ours, PrimarySource::Auto, None),
        found(DefaultSource::Platform, PrimarySource::Auto, Some(3)),
        found(DefaultSource::Platform, PrimarySource::Auto, None),
        found(DefaultSource::Platform, PrimarySource::PerUser, Some(3)),
        found(other(), PrimarySource::OrganisationDefault, Some(3)),
        found(other(), PrimarySource::PerUser, Some(3)),
    ];
    insta::assert_snapshot!(told.join("\n"));
    let direct = Survey { default_source: Ok(other()), ..survey(Delivery::Direct) };
    let found = permissions::primary(PrimarySource::Auto, &direct, engaged(&direct), Some(3));
    assert_eq!(marks(&found), ["warning target-primary-source-other"]);
}

#[test]
fn presences_are_whole_partly_read_or_lacking() {
    let found = |change: fn(&mut DefinitionsFound)| {
        let mut all = survey(Delivery::Events).definitions.unwrap();
        change(&mut all);
        marks(&target::definitions(&Ok(all)))
    };
    assert_eq!(found(|_| {}), ["ok target-presences"]);
    assert_eq!(found(|all| all.lacking = vec![SystemPresence::Meal]), ["problem target-presence-missing"]);
    let partly = ["ok target-presences", "note target-presences-partly"];
    assert_eq!(found(|all| all.deprecated = Some("403".to_owned())), partly);
    assert_eq!(found(|all| all.active_only = Some("400".to_owned())), partly);
    assert_eq!(found(|all| all.odd = vec!["what".to_owned()]), partly);
}

#[test]
fn the_region_is_recognised_by_its_addresses() {
    let found = target::address(&config());
    assert_eq!(
        found.fact,
        "The region is mypurecloud.de (eu-central-1): https://api.mypurecloud.de and https://login.mypurecloud.de."
    );
    let elsewhere: url::Url = "http://127.0.0.1:8080".parse().unwrap();
    let given = Config { api_base_url: elsewhere.clone(), login_base_url: elsewhere, ..config() };
    assert_eq!(target::address(&given).fact, "The addresses are given: http://127.0.0.1:8080 for everything.");
}
