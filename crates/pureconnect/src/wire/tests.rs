//! Bodies as documented, and the leniency of reading.

use serde_json::{Value, json};

use super::*;

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn bodies_are_spelled_as_documented() {
    assert_eq!(
        parsed(&logon("Presence Bridge", "u", "p")),
        json!({"__type": "urn:inin.com:connection:icAuthConnectionRequestSettings",
            "applicationName": "Presence Bridge", "userID": "u", "password": "p"})
    );
    assert_eq!(
        parsed(&user_statuses(&["a", "b"])),
        json!({"userIds": ["a", "b"], "userStatusProperties": ["statusId", "statusChanged", "loggedIn", "until"]})
    );
    assert_eq!(
        parsed(&user_queues(&["a"], &["Eic_State"])),
        json!({"queueIds": [{"queueType": 1, "queueName": "a"}], "attributeNames": ["Eic_State"]})
    );
    assert_eq!(
        parsed(&configuration(&["workgroups"])),
        json!({"configurationIds": ["*"], "properties": ["workgroups"], "rightsFilter": "view"})
    );
}

#[test]
fn an_array_of_messages_is_taken_apart_untouched() {
    assert_eq!(split(" [ {\"a\": [1, 2]} ,\"x\", 7]").unwrap(), ["{\"a\": [1, 2]}", "\"x\"", "7"]);
    assert_eq!(split("[]").unwrap(), Vec::<String>::new());
    assert_eq!(split(" {\"a\":1}").unwrap(), [" {\"a\":1}"]);
    assert!(split("[{]").is_err() && split("7").is_err() && split("").is_err());
}

#[test]
fn more_messages_than_can_be_meant_are_refused() {
    let list = |count: usize| format!("[{}7]", "7,".repeat(count - 1));
    assert_eq!(split(&list(limits::MESSAGES)).unwrap().len(), limits::MESSAGES);
    assert!(split(&list(limits::MESSAGES + 1)).is_err());
}

#[test]
fn an_id_of_more_than_a_thousand_bytes_is_none() {
    let read = |length: usize| serde_json::from_value::<Id>(json!("x".repeat(length))).is_ok();
    assert!(read(limits::ID) && !read(limits::ID + 1));
}

#[test]
fn text_may_be_a_number_or_null_but_nothing_else() {
    let read = |text: &str| serde_json::from_str::<Text>(text).map(|text| text.0).ok();
    assert_eq!(read("\"20\"").as_deref(), Some("20"));
    assert_eq!(read("20").as_deref(), Some("20"));
    assert_eq!(read("-2147221503").as_deref(), Some("-2147221503"));
    assert_eq!(read("null").as_deref(), Some(""));
    assert_eq!(read("[]"), None);
}
