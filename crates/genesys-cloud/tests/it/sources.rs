//! Our presence source, found or created.

use domain::ids::SourceId;
use replicator::ports::FailureKind;
use serde_json::json;
use uuid::Uuid;

use crate::stub::{Canned, OUR_SOURCE, Stub, error};

const SOURCES: &str = "/api/v2/presence/sources";

#[tokio::test]
async fn a_source_of_this_name_is_found_in_any_case() {
    let stub = Stub::start().await;
    let connected = stub.try_connect(stub.config()).await.unwrap();
    assert_eq!(connected.source, Some(OUR_SOURCE.parse().unwrap()));
    assert_eq!(stub.seen("POST", SOURCES).len(), 0);
}

#[tokio::test]
async fn it_is_created_when_there_is_none() {
    let stub = Stub::start().await;
    stub.change(|organisation| organisation.sources.retain(|source| source["type"] == "System"));
    let connected = stub.try_connect(stub.config()).await.unwrap();
    assert_eq!(connected.source, Some(SourceId(Uuid::from_u128(0x50))));
    let created = stub.seen("POST", SOURCES);
    assert_eq!(created[0].json()["name"], "PureConnect Main");
    assert!(created[0].json()["description"].as_str().unwrap().contains("PureConnect"));
    let again = stub.try_connect(stub.config()).await.unwrap();
    assert_eq!((again.source, again.notes), (connected.source, vec![]));
}

#[tokio::test]
async fn a_deactivated_one_is_not_ours() {
    let stub = Stub::start().await;
    stub.change(|organisation| organisation.sources[0]["deactivated"] = json!(true));
    let connected = stub.try_connect(stub.config()).await.unwrap();
    assert_eq!(connected.source, Some(SourceId(Uuid::from_u128(0x50))));
}

#[tokio::test]
async fn another_active_source_is_noted_and_left_alone() {
    let stub = Stub::start().await;
    stub.change(|organisation| organisation.sources[0]["name"] = json!("Engage"));
    let connected = stub.try_connect(stub.config()).await.unwrap();
    assert!(connected.notes.iter().any(|note| note.contains("\"Engage\"")), "{:?}", connected.notes);
}

#[tokio::test]
async fn when_there_is_no_room_the_ones_that_take_it_are_named() {
    let stub = Stub::start().await;
    stub.change(|organisation| organisation.sources[0]["name"] = json!("Engage"));
    let code = "presenceservice.source.toomanyactivesources";
    stub.always("POST", SOURCES, error(409, code, "Max number of active sources reached"));
    let failure = stub.refused().await;
    assert_eq!(failure.kind, FailureKind::Configuration);
    assert!(failure.message.contains("\"Engage\"") && failure.message.contains(code), "{failure}");
}

#[tokio::test]
async fn a_name_that_the_platform_does_not_take_is_told() {
    let stub = Stub::start().await;
    stub.change(|organisation| organisation.sources.clear());
    stub.always("POST", SOURCES, error(409, "presenceservice.source.nametoolong", "Name exceeded max character count"));
    let failure = stub.refused().await;
    assert_eq!(failure.kind, FailureKind::Configuration);
    assert!(failure.message.contains("change source_name"), "{failure}");
}

#[tokio::test]
async fn a_built_in_source_is_never_taken() {
    let stub = Stub::start().await;
    let mut config = stub.config();
    config.source_name = "PureCloud".into();
    let failure = stub.try_connect(config).await.map(|connected| connected.notes).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Configuration);
}

#[tokio::test]
async fn a_creation_without_an_answer_is_looked_for_before_it_is_repeated() {
    let stub = Stub::start().await;
    stub.change(|organisation| organisation.sources[0]["name"] = json!("Engage"));
    let sources = |name: &str| {
        let entities = json!([{"id": OUR_SOURCE, "name": name, "type": "User", "deactivated": false}]);
        Canned::json(200, json!({"total": 1, "entities": entities}))
    };
    stub.script(1, "GET", SOURCES, sources("Engage"));
    stub.script(1, "POST", SOURCES, error(504, "request.timeout", "The request timed out."));
    stub.script(1, "GET", SOURCES, sources("PureConnect Main"));
    let connected = stub.try_connect(stub.config()).await.unwrap();
    assert_eq!(connected.source, Some(OUR_SOURCE.parse().unwrap()));
    assert_eq!(stub.seen("POST", SOURCES).len(), 1);
}
