//! Captured and documented messages, and what no text may do to the decoder.

use jiff::SignedDuration;
use proptest::prelude::*;
use reqwest::header::HeaderMap;
use secrecy::ExposeSecret;

use super::*;

fn decoded(text: &str) -> Message {
    message(text, SignedDuration::ZERO).unwrap()
}

/// The capture of icws.md §5.2, with the type behind everything else, as some libraries put it.
#[test]
fn a_captured_user_status_is_read() {
    let text = r#"{"isDelta":false,"userStatusList":[{"userId":"lineadmin","statusId":"Available",
        "statusChanged":"20201029T082018Z","icServers":[],"stations":[],"loggedIn":false,"onPhone":false,
        "onPhoneChanged":"20201029T082018Z"}],"__type":"urn:inin.com:status:userStatusMessage"}"#;
    let Message::Report { whole: true, content: Content::Statuses(list) } = decoded(text) else { panic!() };
    assert_eq!(list[0].agent, AgentId::new("LineAdmin"));
    assert_eq!(list[0].since.unwrap().to_string(), "2020-10-29T08:20:18Z");
    assert_eq!((list[0].logged_in, list[0].until), (Some(false), None));
}

#[test]
fn an_agent_whose_status_may_not_be_viewed_is_left_out_and_spoils_nothing() {
    let text = r#"{"isDelta":false,"userStatusList":[{"userId":"hidden","loggedIn":true},
        {"userId":"seen","statusId":"Available"}],"__type":"urn:inin.com:status:userStatusMessage"}"#;
    let Message::Report { content: Content::Statuses(patches), .. } = message(text, SignedDuration::ZERO).unwrap()
    else {
        panic!("statuses")
    };
    assert_eq!(patches.iter().map(|patch| patch.agent.as_str()).collect::<Vec<_>>(), ["seen"]);
}

#[test]
fn a_server_says_whether_it_wants_us_back() {
    let again = |json: &str| {
        let kind = "urn:inin.com:connection:connectionStateChangeMessage";
        let text = format!(r#"{{"__type":"{kind}","newConnectionState":2{json}}}"#);
        let Message::Down { again, .. } = decoded(&text) else { panic!() };
        again
    };
    assert!(again("") && again(r#","shouldReconnect":true"#) && again(r#","shouldReconnect":null"#));
    assert!(!again(r#","shouldReconnect":false"#));
}

#[test]
fn what_is_too_long_is_cut_or_left_out() {
    let (id, text) = ("i".repeat(limits::ID + 1), "t".repeat(limits::TEXT + 1));
    let user = serde_json::json!({"configurationId": {"id": "a", "displayName": text},
        "personalInformationProperties": {"emailAddress": text}, "workgroups": [{"id": id}, {"id": "Sales"}]});
    let read = users(serde_json::json!({"items": [user]}).to_string().as_bytes()).unwrap().remove(0);
    assert_eq!(read.display_name.unwrap().len(), limits::TEXT);
    assert_eq!(read.business_email.unwrap().len(), limits::TEXT);
    assert_eq!(read.workgroups.unwrap(), ["Sales".into()].into());
    let down = format!(r#"{{"__type":"{text}","newConnectionState":2}}"#);
    assert!(matches!(decoded(&down), Message::Unknown { kind } if kind.len() == limits::SAID));
    let hosts = serde_json::json!({"alternateHostList": vec![text; 1000]}).to_string();
    let refusal = refusal(hosts.as_bytes());
    assert_eq!((refusal.alternates.len(), refusal.alternates[0].len()), (limits::ALTERNATES, limits::SAID));
}

/// Ten thousand levels, in what is read, in what is skipped and alone.
#[test]
fn depth_is_no_danger() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        let kind = "urn:inin.com:configuration.people:usersMessage";
        let texts = [
            deep.clone(),
            format!(r#"{{"__type":"{kind}","isDelta":true,"skipped":{deep}}}"#),
            format!(r#"{{"__type":"{kind}","isDelta":true,"removed":[{deep}]}}"#),
        ];
        for text in texts {
            drop(message(&text, SignedDuration::ZERO));
            drop(wire::split(&text));
            drop((refusal(text.as_bytes()), users(text.as_bytes())));
        }
    }
}

#[test]
fn until_counts_only_with_a_date_and_null_ends_it() {
    let until = |json: &str| {
        let text = format!(
            r#"{{"__type":"urn:inin.com:status:userStatusMessage","isDelta":true,
            "userStatusList":[{{"userId":"a","statusId":"b"{json}}}]}}"#
        );
        let Message::Report { content: Content::Statuses(list), .. } = decoded(&text) else { panic!() };
        list[0].until.map(|until| until.map(|time| time.to_string()))
    };
    let full = r#","until":{"untilDateTime":"20260106T080000Z","hasDate":true,"hasTime":false}"#;
    assert_eq!(until(full), Some(Some("2026-01-06T08:00:00Z".to_owned())));
    let time_only = r#","until":{"untilDateTime":"20260106T080000Z","hasDate":false,"hasTime":true}"#;
    assert_eq!(until(time_only), Some(None));
    assert_eq!(until(r#","until":null"#), Some(None));
    assert_eq!(until(""), None);
}

/// The shape of icws.md §7.2.
#[test]
fn a_documented_queue_message_is_read() {
    let text = r#"{"__type":"urn:inin.com:queues:queueContentsMessage","isDelta":false,"subscriptionId":"q1",
        "interactionsAdded":[{"interactionId":"1001234567","attributes":{"Eic_State":"C","Eic_UserName":"John.Smith"},
        "conferenceParentId":"opt"}],
        "interactionsChanged":[{"interactionId":"1001234567","attributes":{"eic_state":"H","Eic_WorkgroupName":null}}],
        "interactionsRemoved":["1001234567"]}"#;
    let Message::Report { whole: true, content } = decoded(text) else { panic!() };
    let Content::Queues { subscription, added, changed, removed } = content else { panic!() };
    assert_eq!((subscription.as_str(), removed.len()), ("q1", 1));
    assert_eq!(added[0].1.user, Some(Some("john.smith".into())));
    assert_eq!((added[0].1.workgroup.clone(), changed[0].1.workgroup.clone()), (None, Some(None)));
    assert_eq!(changed[0].1.state, Some(InteractionState::Held));
    let empty = r#"{"__type":"urn:inin.com:queues:queueContentsMessage","isDelta":false,"subscriptionId":"q1"}"#;
    assert!(matches!(decoded(empty), Message::Report { whole: true, .. }), "an empty queue");
}

#[test]
fn a_status_message_is_read_in_either_spelling() {
    for acd in ["isAcdStatus", "isACDStatus"] {
        let text = format!(
            r#"{{"__type":"urn:inin.com:status:statusMessagesMessage","isDelta":true,"statusMessagesAdded":[{{
            "statusId":"Available","messageText":"Verfügbar","iconUri":"/x","groupTag":"Available","canHaveDate":false,
            "isDoNotDisturbStatus":false,"isAfterCallWorkStatus":true,"{acd}":true,"systemId":"CIC"}}],
            "statusMessagesRemoved":["Old"]}}"#
        );
        let Message::Report { whole: false, content: Content::Catalogue { set, removed } } = decoded(&text) else {
            panic!()
        };
        assert!(set[0].allows_acd && set[0].after_call_work && !set[0].do_not_disturb);
        assert_eq!((set[0].text.as_str(), removed.len()), ("Verfügbar", 1));
    }
}

#[test]
fn references_come_bare_wrapped_and_inherited() {
    let users = users(
        br#"{"items":[{"configurationId":{"id":"bmillan","displayName":"B Millan","uri":"/x"},
        "mailboxProperties":{"emailAddress":" b@x "},
        "workgroups":{"effectiveValue":[{"id":"Sales"},"Support",{"id":{"id":"Third"}},7]}},
        {"configurationId":{"id":"plain"}}]}"#,
    )
    .unwrap();
    assert_eq!(users[0].mailbox_email.as_deref(), Some("b@x"));
    let groups: Vec<_> = users[0].workgroups.iter().flatten().map(WorkgroupId::as_str).collect();
    assert_eq!(groups, ["Sales", "Support", "Third"]);
    assert_eq!(users[1].workgroups, None);
    let groups = workgroups(br#"{"items":[{"configurationId":{"id":"W"},"queueType":99,"noAnswerStatus":"Missed"}]}"#);
    let groups = groups.unwrap();
    assert_eq!((groups[0].acd_queue, groups[0].no_answer_status.clone()), (Some(false), Some(Some("Missed".into()))));
    assert!(super::users(b"{}").unwrap().is_empty(), "an empty page");
}

#[test]
fn states_are_numbers_and_strange_ones_are_named() {
    let state = |number: &str| {
        decoded(&format!(
            r#"{{"__type":"urn:inin.com:messaging:subscriptionStateMessage","isDelta":false,"state":{number}}}"#
        ))
    };
    let is = |message, wanted| matches!(message, Message::Subscription { state, id: None, .. } if state == wanted);
    assert!(is(state("1"), SubscriptionState::Normal) && is(state("3"), SubscriptionState::Faulted));
    assert!(is(state("77"), SubscriptionState::Other(77)));
    let down = r#"{"__type":"urn:inin.com:connection:connectionStateChangeMessage","isDelta":true,
        "previousConnectionState":1,"newConnectionState":2,"reason":"bye"}"#;
    assert_eq!(decoded(down), Message::Down { reason: "bye".to_owned(), again: true });
    let word = down.replace(":2,", ":\"down\",");
    assert!(message(&word, SignedDuration::ZERO).is_err(), "a word is malformed");
}

#[test]
fn times_are_read_in_every_form_seen_and_corrected() {
    let read = |text| time(text, SignedDuration::from_secs(60)).map(|time| time.to_string());
    for text in ["20201029T082018Z", "2020-10-29T08:20:18Z", "20201029T082018", " 20201029T082018.000Z "] {
        assert_eq!(read(text).as_deref(), Some("2020-10-29T08:19:18Z"), "{text}");
    }
    for text in ["", "00010101T000000Z", "yesterday", "20209999T000000Z", "-009999-01-01T00:00:00Z"] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn session_and_token_come_from_the_body_or_from_the_headers() {
    let mut headers = HeaderMap::new();
    headers.insert("ININ-ICWS-Session-ID", "77".parse().unwrap());
    headers.insert("ININ-ICWS-CSRF-Token", "from-header".parse().unwrap());
    headers.append("Set-Cookie", "icws_77=a|languageId=en-us; Path=/icws/77; HttpOnly".parse().unwrap());
    headers.append("Set-Cookie", "balancer=b; Path=/".parse().unwrap());
    let from_headers = logged_on(&headers, b"{}").unwrap().unwrap();
    assert_eq!((from_headers.session.as_str(), from_headers.csrf.expose_secret()), ("77", "from-header"));
    assert_eq!(from_headers.cookie.expose_secret(), "icws_77=a|languageId=en-us; balancer=b");
    let body = br#"{"csrfToken":"t","sessionId":1247633034,"alternateHostList":null,"effectiveStation":null,
        "version":{"majorVersion":20,"minorVersion":"3"},"features":[{"featureId":"Messaging","version":2}]}"#;
    let from_body = logged_on(&HeaderMap::new(), body).unwrap().unwrap();
    assert_eq!((from_body.session.as_str(), from_body.messaging), ("1247633034", Some(2)));
    assert_eq!(from_body.release, Some(Release { year: 20, number: 3 }));
    assert!(logged_on(&HeaderMap::new(), b"{}").unwrap().is_none());
}

#[test]
fn a_refusal_is_read_whatever_stands_there() {
    let wrong = refusal(br#"{"errorCode":-2147221503,"message":"The authentication process failed."}"#);
    assert!(wrong.is_authentication() && wrong.spoken);
    let elsewhere = refusal(br#"{"alternateHostList":["a","b"],"errorId":"error.server.notAcceptingConnections"}"#);
    assert_eq!(elsewhere.alternates, ["a", "b"]);
    for body in [&b"<html>"[..], b"", b"[]", b"{\"x\":1}", b"\xff"] {
        assert!(!refusal(body).spoken);
    }
}

/// Any JSON of a few levels, rich in the names that matter.
fn json() -> impl Strategy<Value = Value> {
    let kinds = [
        "status:userStatusMessage",
        "queues:queueContentsMessage",
        "status:statusMessagesMessage",
        "configuration.people:usersMessage",
        "configuration.people:workgroupsMessage",
        "messaging:subscriptionStateMessage",
        "connection:connectionStateChangeMessage",
    ];
    let kinds: Vec<_> = kinds.iter().map(|kind| Value::from(format!("urn:inin.com:{kind}"))).collect();
    let names = [
        "__type",
        "isDelta",
        "userStatusList",
        "userId",
        "statusId",
        "until",
        "statusChanged",
        "added",
        "configurationId",
        "id",
        "workgroups",
        "interactionsAdded",
        "interactionId",
        "attributes",
        "Eic_State",
        "subscriptionId",
        "state",
        "removed",
        "newConnectionState",
        "effectiveValue",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(kinds),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        let members = prop::collection::btree_map(prop::sample::select(names.to_vec()), inner.clone(), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            members.prop_map(|map| map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_and_no_json_makes_the_decoder_panic(text in any::<String>(), json in json()) {
        for text in [text, json.to_string()] {
            let _ = message(&text, SignedDuration::from_secs(3600));
            let _ = wire::split(&text);
            let _ = time(&text, SignedDuration::MAX);
            let _ = users(text.as_bytes());
            let _ = workgroups(text.as_bytes());
            let _ = status_messages(text.as_bytes());
            let _ = logged_on(&HeaderMap::new(), text.as_bytes());
            let _ = refusal(text.as_bytes());
        }
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = refusal(&bytes);
        let _ = version(&bytes);
        let _ = server_time(&bytes);
    }
}
