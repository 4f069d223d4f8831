//! Compares requests with the vendor's description of its API, where that is at hand.

use std::sync::LazyLock;

use serde_json::Value;

use super::Seen;

static DESCRIPTION: LazyLock<Option<Value>> = LazyLock::new(|| {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/reference/genesys-cloud-openapi.json");
    let text = std::fs::read_to_string(file).ok()?;
    Some(serde_json::from_str(&text).unwrap())
});

/// Fails when a request is not as the description says. Nothing is checked where there is no description.
pub(super) fn check(seen: &[Seen]) {
    let Some(description) = DESCRIPTION.as_ref() else {
        return;
    };
    for request in seen.iter().filter(|seen| seen.path != "/oauth/token" && !seen.path.starts_with("/channels/")) {
        let faults = faults(description, request);
        assert!(faults.is_empty(), "{} {}: {faults:?}", request.method, request.path);
    }
}

fn faults(description: &Value, request: &Seen) -> Vec<String> {
    let paths = description["paths"].as_object().unwrap();
    // A path without placeholders is the better match.
    let mut matching: Vec<_> = paths.iter().filter(|(template, _)| fits(template, &request.path)).collect();
    matching.sort_by_key(|(template, _)| template.matches('{').count());
    let Some((_, path)) = matching.first() else {
        return vec!["there is no such path".to_owned()];
    };
    let operation = &path[request.method.to_lowercase()];
    if operation.is_null() {
        return vec!["the path has no such method".to_owned()];
    }
    let mut faults = Vec::new();
    let parameters: Vec<&Value> = operation["parameters"].as_array().unwrap().iter().collect();
    for (name, value) in &request.query {
        match parameters.iter().find(|p| p["in"] == "query" && p["name"] == name.as_str()) {
            None => faults.push(format!("there is no parameter {name}")),
            Some(parameter) => check_parameter(parameter, value, &mut faults),
        }
    }
    let body = parameters.iter().find(|parameter| parameter["in"] == "body");
    match (body, request.body.is_empty()) {
        (Some(parameter), false) => {
            if request.headers["content-type"] != "application/json" {
                faults.push("the content type is not JSON".to_owned());
            }
            check_value(description, &parameter["schema"], &request.json(), "body", &mut faults);
        }
        (None, true) => {}
        (Some(_), true) => faults.push("there is no body".to_owned()),
        (None, false) => faults.push("a body is not expected".to_owned()),
    }
    faults
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(&path).all(|(t, p)| t.starts_with('{') || t == p)
}

fn check_parameter(parameter: &Value, value: &str, faults: &mut Vec<String>) {
    let (values, allowed) = match parameter["type"].as_str() {
        Some("array") => (value.split(',').collect(), &parameter["items"]["enum"]),
        _ => (vec![value], &parameter["enum"]),
    };
    for value in values {
        if parameter["type"] == "integer" && value.parse::<u32>().is_err() {
            faults.push(format!("{} is no number: {value}", parameter["name"]));
        }
        if allowed.as_array().is_some_and(|allowed| !allowed.iter().any(|one| one == value)) {
            faults.push(format!("{} may not be {value}", parameter["name"]));
        }
    }
}

fn check_value(description: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.trim_start_matches("#/definitions/");
        return check_value(description, &description["definitions"][name], value, at, faults);
    }
    for name in schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()) {
        if value[name].is_null() {
            faults.push(format!("{at}.{name} is required"));
        }
    }
    if schema["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
        faults.push(format!("{at} may not be {value}"));
    }
    let fits = match schema["type"].as_str() {
        Some("string") if schema["format"] == "date-time" => {
            value.as_str().is_some_and(|text| text.len() == 24 && text.ends_with('Z'))
        }
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64(),
        Some("array") => value.is_array(),
        _ => true,
    };
    if !fits {
        faults.push(format!("{at} has the wrong type: {value}"));
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        check_value(description, &schema["items"], item, &format!("{at}[{index}]"), faults);
    }
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    for (name, item) in value.as_object().into_iter().flatten() {
        match properties.get(name) {
            Some(schema) if schema["readOnly"] == true => faults.push(format!("{at}.{name} is read-only")),
            Some(schema) => check_value(description, schema, item, &format!("{at}.{name}"), faults),
            // What was read with the settings is written back, known or not.
            None if name.starts_with("someNew") => {}
            None => faults.push(format!("{at}.{name} is not known")),
        }
    }
}

#[test]
fn requests_that_are_not_as_described_are_noticed() {
    let Some(description) = DESCRIPTION.as_ref() else {
        return;
    };
    let found = |method: &str, path: &str, query: &[(&str, &str)], body: &str| {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let headers = axum::http::HeaderMap::from_iter([(
            axum::http::header::CONTENT_TYPE,
            axum::http::HeaderValue::from_static("application/json"),
        )]);
        let seen = Seen { method: method.to_owned(), path: path.to_owned(), query, headers, body: body.into() };
        faults(description, &seen)
    };
    assert_eq!(found("GET", "/api/v2/users", &[("state", "active")], ""), Vec::<String>::new());
    assert_eq!(found("GET", "/api/v2/nothing", &[], "").len(), 1);
    assert_eq!(found("DELETE", "/api/v2/users", &[], "").len(), 1);
    assert_eq!(
        found("GET", "/api/v2/users", &[("state", "asleep"), ("expand", "presence,mood"), ("x", "")], "").len(),
        3
    );
    let patch = found("PATCH", "/api/v2/users/x/presences/purecloud", &[], r#"{"id":"x","primary":"yes"}"#);
    assert_eq!(patch.len(), 2, "{patch:?}");
    assert_eq!(found("PUT", "/api/v2/users/presences/bulk", &[], r#"{"id":"x"}"#).len(), 1, "a bare array");
    let event = r#"{"userRoutingStatusEvents":[{"eventId":"x","eventDateTime":"now","status":"IDLE","who":1}]}"#;
    let path = "/api/v2/events/users/routingstatus";
    let expected = ["agentId is required", "sourceId is required", "wrong type", "may not be", "is not known"];
    let faults = found("POST", path, &[], event);
    let noticed = |part| faults.iter().any(|fault| fault.contains(part));
    assert!(expected.into_iter().all(noticed), "{faults:?}");
}
