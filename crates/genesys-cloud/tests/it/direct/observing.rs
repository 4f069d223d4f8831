//! Whose presence is shown, when ours is the platform's own source.

use domain::target::{Presence, SystemPresence};
use replicator::ports::Sink;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stub::{Canned, OUR_SOURCE, Stub, definition_of, user};

const BULK: &str = "/api/v2/users/presences/purecloud/bulk";

/// A user whose presence is told with this in it.
fn with_source(n: u128, more: Value) -> Value {
    let mut presence = json!({"presenceDefinition": {"id": definition_of("Meal"), "systemPresence": "Meal"}});
    presence.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"id": user(n).0, "version": 1, "presence": presence})
}

#[tokio::test]
async fn the_platforms_own_source_is_ours_also_where_it_is_not_told() {
    let cases = [
        (json!({"source": "PURECLOUD"}), Some(true)),
        (json!({"sourceId": "PureCloud"}), Some(true)),
        (json!({"source": "PURECLOUD", "sourceId": Uuid::from_u128(99)}), Some(true)),
        (json!({}), Some(true)),
        (json!({"source": "", "sourceId": null}), Some(true)),
        (json!({"source": OUR_SOURCE}), Some(false)),
        (json!({"sourceId": OUR_SOURCE}), Some(false)),
        (json!({"source": "MicrosoftTeams"}), Some(false)),
    ];
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    stub.change(|organisation| {
        organisation.users = (1..).zip(&cases).map(|(n, (told, _))| with_source(n, told.clone())).collect();
    });
    let seen = cloud.observe((1..=8).map(user).collect()).await.result.unwrap();
    for (seen, (told, expected)) in seen.iter().zip(&cases) {
        assert_eq!((seen.ours, seen.presence.is_some()), (*expected, true), "{told}");
    }
}

#[tokio::test]
async fn presences_that_were_left_out_are_read_from_the_platforms_own_source() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    stub.change(|organisation| organisation.users = (1..=60).map(|n| json!({"id": user(n).0, "version": 1})).collect());
    let entry = |n| {
        json!({"id": user(n).0, "userId": user(n).0, "source": "PURECLOUD",
            "presenceDefinition": {"id": definition_of("Busy"), "systemPresence": "BUSY"}})
    };
    stub.script(1, "GET", BULK, Canned::json(200, (1..=50).map(entry).collect()));
    stub.script(1, "GET", BULK, Canned::json(200, (51..=60).map(entry).collect()));
    let answer = cloud.observe((1..=60).map(user).collect()).await;
    assert_eq!(answer.requests, 3);
    for seen in answer.result.unwrap() {
        assert_eq!(seen.presence.unwrap().value, Presence::of(SystemPresence::Busy));
        assert_eq!(seen.ours, None, "whether it is shown is not said there");
    }
}
