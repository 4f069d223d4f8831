//! Presence definitions, in three spellings and from two lists.

use domain::ids::DefinitionId;
use domain::target::{Definitions, Presence, SystemPresence};
use replicator::ports::FailureKind;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stub::{Canned, DEFINITIONS, Stub, definition_of, error};

async fn read(stub: &Stub) -> Definitions {
    stub.try_connect(stub.config()).await.unwrap().definitions
}

fn assert_complete(definitions: &Definitions) {
    for (system, id) in DEFINITIONS {
        let presence = Presence::of(SystemPresence::parse(system).unwrap());
        assert_eq!(definitions.id_of(presence), Some(id.parse().unwrap()), "{system}");
    }
}

/// The deprecated list: other spelling, `primary` instead of `type`, and in pages.
fn old_page(stub: &Stub, entries: &[(&str, &str)], page: usize, pages: usize) {
    let entities: Vec<Value> = entries
        .iter()
        .map(|(system, id)| {
            let spelled = if *system == "OnQueue" { "On Queue" } else { system };
            json!({"id": id, "name": spelled, "languageLabels": {"en_US": spelled}, "systemPresence": spelled,
                "primary": true, "deactivated": false})
        })
        .collect();
    let body = json!({"entities": entities, "pageNumber": page, "pageSize": 100, "pageCount": pages});
    stub.script(1, "GET", "/api/v2/presencedefinitions", Canned::json(200, body));
}

#[tokio::test]
async fn every_system_presence_is_found_in_each_of_its_spellings() {
    for spelling in ["OnQueue", "On Queue", "ON_QUEUE", "on_queue"] {
        let stub = Stub::start().await;
        stub.change(|organisation| {
            let on_queue = organisation.definitions.iter_mut().find(|d| d["systemPresence"] == "OnQueue").unwrap();
            on_queue["systemPresence"] = json!(spelling);
        });
        assert_complete(&read(&stub).await);
    }
}

#[tokio::test]
async fn secondary_definitions_have_all_their_labels_and_say_whether_they_are_in_use() {
    let stub = Stub::start().await;
    stub.change(|organisation| {
        for (n, deactivated, label) in [(1u128, false, "Tea"), (2, true, "Siesta")] {
            organisation.definitions.push(json!({"id": Uuid::from_u128(n), "name": label, "type": "User",
                "languageLabels": {"en_us": label, "de": format!("{label} (de)")}, "systemPresence": "Break",
                "divisionId": "*", "deactivated": deactivated}));
        }
    });
    let definitions = read(&stub).await;
    let secondaries: Vec<_> = definitions.secondaries().map(|d| (d.labels.clone(), d.deactivated)).collect();
    let labels = |label: &str| vec![label.to_owned(), format!("{label} (de)")];
    assert_eq!(secondaries, [(labels("Tea"), false), (labels("Siesta"), true)]);
    let tea = definitions.presence_of(DefinitionId(Uuid::from_u128(1))).unwrap();
    assert_eq!(tea.system, SystemPresence::Break);
    assert_complete(&definitions);
}

#[tokio::test]
async fn without_the_permission_the_old_list_serves_and_a_note_says_so() {
    for refusal in [error(403, "missing.permissions", "presence:presenceDefinition:view"), error(404, "not.found", "")]
    {
        let stub = Stub::start().await;
        stub.always("GET", "/api/v2/presence/definitions", refusal);
        old_page(&stub, &DEFINITIONS[..6], 1, 2);
        old_page(&stub, &DEFINITIONS[6..], 2, 2);
        let connected = stub.try_connect(stub.config()).await.unwrap();
        assert_complete(&connected.definitions);
        assert!(connected.notes.iter().any(|note| note.contains("deprecated list")), "{:?}", connected.notes);
        let pages: Vec<_> = stub.seen("GET", "/api/v2/presencedefinitions");
        assert_eq!(pages.iter().map(|page| page.query("pageNumber").unwrap()).collect::<Vec<_>>(), ["1", "2"]);
    }
}

#[tokio::test]
async fn a_list_that_always_promises_one_more_page_ends() {
    let stub = Stub::start().await;
    stub.always("GET", "/api/v2/presence/definitions", error(404, "not.found", ""));
    for page in 1..=3 {
        old_page(&stub, &DEFINITIONS, page, 9);
    }
    assert_complete(&read(&stub).await);
    assert_eq!(stub.seen("GET", "/api/v2/presencedefinitions").len(), 2);
}

#[tokio::test]
async fn without_any_list_the_message_names_the_permission() {
    let stub = Stub::start().await;
    stub.always("GET", "/api/v2/presence/definitions", error(403, "missing.permissions", "no"));
    stub.always("GET", "/api/v2/presencedefinitions", error(403, "not.authorized", "no"));
    let failure = stub.refused().await;
    assert_eq!(failure.kind, FailureKind::NotAuthorized);
    assert!(failure.message.contains("presence:presenceDefinition:view"), "{failure}");
}

#[tokio::test]
async fn a_missing_system_definition_is_an_error_that_names_it() {
    let stub = Stub::start().await;
    stub.change(|organisation| organisation.definitions.retain(|d| d["id"] != definition_of("Meal")));
    let failure = stub.refused().await;
    assert_eq!(failure.kind, FailureKind::Unsupported);
    assert!(failure.message.contains("no system presence definition for Meal;"), "{failure}");
}

#[tokio::test]
async fn a_system_presence_that_is_new_to_us_is_left_out_with_a_note() {
    let stub = Stub::start().await;
    stub.change(|organisation| {
        let nap = json!({"id": Uuid::nil(), "type": "System", "languageLabels": {}, "systemPresence": "Napping",
            "deactivated": false});
        organisation.definitions.push(nap);
    });
    let connected = stub.try_connect(stub.config()).await.unwrap();
    assert_complete(&connected.definitions);
    assert!(connected.notes.iter().any(|note| note.contains("Napping")), "{:?}", connected.notes);
}
