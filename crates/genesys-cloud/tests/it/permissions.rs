//! What the OAuth client may and may not do, found out when starting.

use domain::change::{Facet, Value};
use domain::target::RoutingStatus;
use replicator::ports::{Failure, FailureKind, Lane, Sink, Takes};

use crate::stub::{Canned, Stub, error, lane, order};

#[tokio::test]
async fn with_every_permission_there_are_three_lanes_and_no_notes() {
    let stub = Stub::start().await;
    let connected = stub.try_connect(stub.config()).await.unwrap();
    let takes = Takes::Everything;
    let events = |facet| Lane { facet, batch: 100, keeps_history: true, takes };
    let out_of_office = Lane { facet: Facet::OutOfOffice, batch: 1, keeps_history: false, takes };
    assert_eq!(connected.clouds[0].lanes(), [events(Facet::Presence), events(Facet::Routing), out_of_office]);
    assert_eq!(connected.notes, Vec::<String>::new());
    assert_eq!(connected.organisation, "Acme");
    let (requests, quota) = connected.spent[0];
    assert_eq!(requests as usize, stub.all_seen().len() - 1, "all but the token's");
    assert_eq!(quota.map(|quota| (quota.allowed, quota.count)), Some((300, requests)));
}

#[tokio::test]
async fn out_of_office_is_not_offered_unless_configured() {
    let stub = Stub::start().await;
    let mut config = stub.config();
    config.out_of_office = false;
    let connected = stub.try_connect(config).await.unwrap();
    assert!(connected.clouds[0].lanes().iter().all(|lane| lane.facet != Facet::OutOfOffice));
}

#[tokio::test]
async fn permissions_are_probed_with_an_empty_list_and_nothing_else() {
    let stub = Stub::start().await;
    stub.try_connect(stub.config()).await.unwrap();
    for (path, body) in [
        ("/api/v2/events/users/presence", r#"{"userPresenceEvents":[]}"#),
        ("/api/v2/events/users/routingstatus", r#"{"userRoutingStatusEvents":[]}"#),
    ] {
        let probes = stub.seen("POST", path);
        assert_eq!(probes.len(), 1);
        assert_eq!(String::from_utf8_lossy(&probes[0].body), body);
    }
    let changing = stub.all_seen().into_iter().filter(|s| s.method != "GET" && !s.path.contains("/events/")).count();
    assert_eq!(changing, 1, "the token");
}

#[tokio::test]
async fn a_missing_permission_ends_the_start_and_is_named() {
    for permission in ["presence:userPresence:inject", "presence:source:view"] {
        let stub = Stub::start().await;
        stub.change(|organisation| organisation.missing_permissions.push(permission));
        let failure = stub.refused_by_events().await;
        assert_eq!(failure.kind, FailureKind::NotAuthorized);
        assert!(failure.message.contains(permission) && failure.message.contains("role"), "{failure}");
    }
    let stub = Stub::start().await;
    stub.change(|organisation| {
        organisation.sources.clear();
        organisation.missing_permissions.push("presence:source:add");
    });
    let failure = stub.refused().await;
    assert_eq!(failure.kind, FailureKind::NotAuthorized);
    assert!(failure.message.contains("presence:source:add"), "{failure}");
}

#[tokio::test]
async fn the_permission_is_named_also_when_the_platform_does_not() {
    let stub = Stub::start().await;
    stub.always("POST", "/api/v2/events/users/presence", error(403, "not.authorized", "You are not authorized."));
    let failure = stub.refused_by_events().await;
    assert!(failure.message.contains("presence:userPresence:inject"), "{failure}");
}

#[tokio::test]
async fn without_routing_events_presence_goes_on_and_the_lane_stays_for_when_the_permission_comes() {
    let stub = Stub::start().await;
    stub.change(|organisation| organisation.missing_permissions.push("routing:routingstatus:inject"));
    let connected = stub.try_connect(stub.config()).await.unwrap();
    let cloud = &connected.clouds[0];
    let facets: Vec<_> = cloud.lanes().iter().map(|lane| lane.facet).collect();
    assert_eq!(facets, [Facet::Presence, Facet::Routing, Facet::OutOfOffice]);
    assert!(connected.notes.iter().any(|note| note.contains("routing:routingstatus:inject")), "{:?}", connected.notes);
    let order = order(1, Value::Routing(RoutingStatus::Idle));
    let refused = cloud.deliver(lane(cloud, Facet::Routing), vec![order.clone()]).await;
    assert!(
        matches!(&refused.result, Err(Failure::Unsupported { reason }) if reason.contains("routing:routingstatus"))
    );
    stub.change(|organisation| organisation.missing_permissions.clear());
    let accepted = cloud.deliver(lane(cloud, Facet::Routing), vec![order.clone()]).await;
    assert_eq!(accepted.result, Ok(vec![(order.change.id, Ok(()))]));
}

#[tokio::test]
async fn a_name_that_may_not_be_read_is_only_a_note() {
    let stub = Stub::start().await;
    stub.always("GET", "/api/v2/tokens/me", error(403, "missing.permissions", "no"));
    let connected = stub.try_connect(stub.config()).await.unwrap();
    assert_eq!(connected.organisation, "Acme Ltd");
    stub.always("GET", "/api/v2/organizations/me", error(404, "not.found", "no"));
    let connected = stub.try_connect(stub.config()).await.unwrap();
    assert_eq!(connected.organisation, "(unknown organisation)");
    assert!(connected.notes.iter().any(|note| note.contains("name of the organisation")), "{:?}", connected.notes);
}

#[tokio::test]
async fn a_server_that_is_not_the_platform_is_told() {
    let stub = Stub::start().await;
    let page = || Canned::text(404, "text/html", "<h1>Not Found</h1>");
    stub.always("GET", "/api/v2/presence/sources", page());
    let failure = stub.refused().await;
    assert_eq!(failure.kind, FailureKind::Unsupported);
    assert!(failure.message.contains("Platform API"), "{failure}");
}

#[tokio::test]
async fn what_is_empty_or_no_web_address_is_told_before_anything_is_sent() {
    let stub = Stub::start().await;
    type Spoil = fn(&mut genesys_cloud::Config);
    let faulty: [(Spoil, &str); 5] = [
        (|config| config.clients[0].id.clear(), "client_id"),
        (|config| config.clients[0].secret = "".into(), "client secret"),
        (|config| config.source_name = " ".into(), "source_name"),
        (|config| config.api_base_url = "ftp://api.example".parse().unwrap(), "api_base_url"),
        (|config| config.login_base_url = "https://me:you@login.example".parse().unwrap(), "login_base_url"),
    ];
    for (spoil, named) in faulty {
        let mut config = stub.config();
        spoil(&mut config);
        let failure = stub.try_connect(config).await.map(|connected| connected.notes).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Configuration);
        assert!(failure.message.contains(named), "{failure}");
    }
    assert_eq!(stub.all_seen().len(), 0);
}
