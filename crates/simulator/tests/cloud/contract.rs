//! Checks answers against the vendor's API description, where it is at hand.
//!
//! It knows the part of Swagger 2.0 that the description uses: references, types, enums, required and additional
//! properties. A property that the description does not know is a mistake too.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// The description.
pub struct Contract(Value);

impl Contract {
    /// Reads it; `None` where it is not at hand.
    #[expect(clippy::print_stdout, reason = "a test says what it did not check")]
    pub fn load() -> Option<Self> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/genesys-cloud-openapi.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("the API description is not at hand: answers are not checked against it");
            return None;
        };
        Some(Self(serde_json::from_str(&text).expect("the description is JSON")))
    }

    /// Fails when the answer to a request is not as described.
    pub fn check(&self, method: &str, path: &str, status: u16, body: &Value) {
        let Some(operation) = self.operation(method, path).filter(|_| method != "HEAD") else { return };
        let described = &operation["responses"][status.to_string()];
        let schema = match (status, &described["schema"]) {
            (400.., Value::Null) => &self.0["definitions"]["ErrorBody"],
            (_, Value::Null) => return assert_eq!(body, &Value::Null, "{method} {path} {status} has no body"),
            (_, schema) => schema,
        };
        let mut wrong = Vec::new();
        self.compare(schema, body, "$", &mut wrong);
        assert!(wrong.is_empty(), "{method} {path} {status}: {}\n{body:#}", wrong.join("; "));
        if status >= 400 {
            self.check_code(operation, status, body);
        }
    }

    /// The error's code is one of those that the operation may answer with.
    fn check_code(&self, operation: &Value, status: u16, body: &Value) {
        let described = &operation["responses"][status.to_string()]["x-inin-error-codes"];
        let Some(codes) = described.as_object() else { return };
        let code = body["code"].as_str().expect("an error has a code");
        assert!(codes.contains_key(code), "{code} is not among {:?}", codes.keys().collect::<BTreeSet<_>>());
    }

    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let path = path.split('?').next().expect("a split has a first part");
        let segments: Vec<&str> = path.split('/').collect();
        let fits = |template: &str| {
            let parts: Vec<&str> = template.split('/').collect();
            let same = |(part, segment): (&&str, &&str)| part.starts_with('{') || part == segment;
            parts.len() == segments.len() && parts.iter().zip(&segments).all(same)
        };
        let paths = self.0["paths"].as_object().expect("the description has paths");
        let variables = |template: &str| template.matches('{').count();
        let best = paths.keys().filter(|template| fits(template)).min_by_key(|template| variables(template))?;
        let operation = &paths[best][method.to_lowercase()];
        (!operation.is_null()).then_some(operation)
    }

    fn compare(&self, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().expect("a split has a first part");
            return self.compare(&self.0["definitions"][name], value, at, wrong);
        }
        if let Some(allowed) = schema["enum"].as_array()
            && !allowed.contains(value)
        {
            wrong.push(format!("{at} is {value}, not one of {allowed:?}"));
        }
        let fits = match schema["type"].as_str() {
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            Some("array") => value.is_array(),
            Some("object") => value.is_object(),
            _ => true,
        };
        if !fits {
            wrong.push(format!("{at} is {value}, not of type {}", schema["type"]));
        }
        if schema["format"] == "date-time" {
            let parsed = value.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
            if parsed.is_none() {
                wrong.push(format!("{at} is {value}, not a date"));
            }
        }
        for (place, item) in value.as_array().into_iter().flatten().enumerate() {
            self.compare(&schema["items"], item, &format!("{at}[{place}]"), wrong);
        }
        if schema["properties"].is_object() || schema["additionalProperties"].is_object() {
            self.compare_members(schema, value, at, wrong);
        }
    }

    fn compare_members(&self, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
        let Some(members) = value.as_object() else { return wrong.push(format!("{at} is {value}, not an object")) };
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                wrong.push(format!("{at} lacks {name}"));
            }
        }
        for (name, member) in members {
            let described = match &schema["properties"][name] {
                Value::Null => &schema["additionalProperties"],
                described => described,
            };
            match described {
                Value::Null => wrong.push(format!("{at} has {name}, which is not described")),
                described => self.compare(described, member, &format!("{at}.{name}"), wrong),
            }
        }
    }
}
