//! The document as a judge: whether an answer is one that it promises.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::PREFIX;
use crate::house::Answer;

/// The document, and which of its operations were called.
pub(super) struct Document {
    document: Value,
    called: BTreeSet<String>,
}

impl Document {
    pub(super) fn new() -> Self {
        let mut document: Value = serde_json::from_str(&super::super::document::document()).unwrap();
        close(&mut document["components"]["schemas"]);
        Self { document, called: BTreeSet::new() }
    }

    /// An answer to a request for a path of the document: it has a status, a kind and a shape that the document promises.
    #[track_caller]
    pub(super) fn check(&mut self, method: &str, path: &str, answer: &Answer) {
        let (template, operation) = self.operation(method, path);
        let name = format!("{method} {template}");
        let response = &operation["responses"][answer.status.as_str()];
        assert!(response.is_object(), "{name} may not answer {}: {}", answer.status, answer.text);
        let kind = answer.header("content-type").split(';').next().unwrap_or_default();
        let schema = &response["content"][kind]["schema"];
        assert!(schema.is_object(), "{name} may not answer {} in {kind}", answer.status);
        if kind.ends_with("json") {
            self.fits(schema, &serde_json::from_str(&answer.text).unwrap());
        }
        self.called.insert(name);
    }

    /// A problem, wherever it comes from.
    #[track_caller]
    pub(super) fn check_problem(&self, answer: &Answer) -> Value {
        assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.text);
        let problem: Value = serde_json::from_str(&answer.text).unwrap();
        self.fits(&json!({ "$ref": "#/components/schemas/Problem" }), &problem);
        assert_eq!(problem["status"], answer.status.as_u16());
        for told in ["type", "title", "detail", "instance"] {
            assert!(problem[told].as_str().is_some_and(|text| !text.is_empty()), "{told}: {problem}");
        }
        problem
    }

    /// An event's data, of a shape that the document has.
    #[track_caller]
    pub(super) fn check_shape(&self, name: &str, value: &Value) {
        self.fits(&json!({ "$ref": format!("#/components/schemas/{name}") }), value);
    }

    /// Every operation that nobody called.
    pub(super) fn not_called(&self) -> Vec<String> {
        let all = self.document["paths"].as_object().unwrap().iter().flat_map(|(template, operations)| {
            operations.as_object().unwrap().keys().map(move |method| format!("{method} {template}"))
        });
        all.filter(|name| !self.called.contains(name)).collect()
    }

    #[track_caller]
    fn fits(&self, schema: &Value, value: &Value) {
        let mut whole = schema.clone();
        whole["components"] = self.document["components"].clone();
        let validator = jsonschema::validator_for(&whole).unwrap();
        let mistakes: Vec<String> =
            validator.iter_errors(value).map(|error| format!("{} at {}", error, error.instance_path())).collect();
        assert!(mistakes.is_empty(), "{mistakes:#?} in {value:#}");
    }

    #[track_caller]
    fn operation(&self, method: &str, path: &str) -> (&str, &Value) {
        let path = path.split('?').next().unwrap().strip_prefix(PREFIX).unwrap();
        let segments: Vec<&str> = path.split('/').collect();
        let matches = |template: &str| {
            let parts: Vec<&str> = template.split('/').collect();
            let fits = |(part, segment): (&&str, &&str)| part.starts_with('{') || part == segment;
            parts.len() == segments.len() && parts.iter().zip(&segments).all(fits)
        };
        let paths = self.document["paths"].as_object().unwrap();
        let found = paths.iter().find(|(template, _)| matches(template));
        let (template, operations) = found.unwrap_or_else(|| panic!("the document has no path for {path}"));
        let operation = &operations[method];
        assert!(operation.is_object(), "the document has no {method} {template}");
        (template, operation)
    }
}

/// A key that the schema does not have is a mistake here, so that none is forgotten.
fn close(schemas: &mut Value) {
    for schema in schemas.as_object_mut().unwrap().values_mut() {
        if schema["properties"].is_object() && schema["additionalProperties"].is_null() {
            schema["additionalProperties"] = json!(false);
        }
    }
}
