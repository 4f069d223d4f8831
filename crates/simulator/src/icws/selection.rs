//! `select`, `where` and `orderBy` of the configuration resources, on any JSON object.
//!
//! Properties are named with dots, `personalInformationProperties.emailAddress`; `configurationId` is always there.

use std::cmp::Ordering;

use serde_json::{Map, Value};

/// The object reduced to the named properties; `*` is all of them.
pub(crate) fn project(object: &Value, properties: &[String]) -> Value {
    if properties.iter().any(|name| name == "*") {
        return object.clone();
    }
    let mut result = Map::new();
    if let Some(id) = object.get("configurationId") {
        result.insert("configurationId".to_owned(), id.clone());
    }
    for name in properties {
        if let Some(value) = at(object, name)
            && !value.is_null()
        {
            insert(&mut result, name, value.clone());
        }
    }
    Value::Object(result)
}

fn at<'a>(object: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(object, |value, name| value.get(name))
}

fn insert(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), value);
        }
        Some((name, rest)) => {
            let inner = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// A condition of `where`: `property eq value`, `sw` (begins), `ct` (contains); a comma is AND.
pub(crate) struct Condition {
    property: String,
    operator: Operator,
    value: String,
}

enum Operator {
    Equals,
    Begins,
    Contains,
}

/// Reads `where`; the error is the part that cannot be read.
pub(crate) fn conditions(text: &str) -> Result<Vec<Condition>, String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(condition).collect()
}

fn condition(part: &str) -> Result<Condition, String> {
    let mut words = part.splitn(3, char::is_whitespace);
    let (Some(property), Some(operator), Some(value)) = (words.next(), words.next(), words.next()) else {
        return Err(part.to_owned());
    };
    let operator = match operator.to_ascii_lowercase().as_str() {
        "eq" => Operator::Equals,
        "sw" => Operator::Begins,
        "ct" => Operator::Contains,
        _ => return Err(part.to_owned()),
    };
    let value = value.trim().trim_matches(['"', '\'']).to_lowercase();
    Ok(Condition { property: property.to_owned(), operator, value })
}

impl Condition {
    /// Whether the object meets it. Texts compare without case, a list when any of its elements does.
    pub(crate) fn holds(&self, object: &Value) -> bool {
        at(object, &self.property).is_some_and(|value| self.fits(value))
    }

    fn fits(&self, value: &Value) -> bool {
        match value {
            Value::Array(values) => values.iter().any(|value| self.fits(value)),
            Value::Object(object) => object.get("id").is_some_and(|id| self.fits(id)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                let text = plain(value).to_lowercase();
                match self.operator {
                    Operator::Equals => text == self.value,
                    Operator::Begins => text.starts_with(&self.value),
                    Operator::Contains => text.contains(&self.value),
                }
            }
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(object) => object.get("displayName").map(plain).unwrap_or_default(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => value.to_string(),
    }
}

/// Compares by `orderBy`, `property [desc]`.
pub(crate) fn order(order_by: &str, one: &Value, other: &Value) -> Ordering {
    let mut words = order_by.split_whitespace();
    let Some(property) = words.next() else {
        return Ordering::Equal;
    };
    let key = |object| at(object, property).map(plain).unwrap_or_default().to_lowercase();
    let ordering = key(one).cmp(&key(other));
    if words.next().is_some_and(|word| word.eq_ignore_ascii_case("desc")) { ordering.reverse() } else { ordering }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ada() -> Value {
        json!({"configurationId": {"id": "ada", "displayName": "Ada Abel"}, "extension": "8101",
            "person": {"email": "Ada@example.com", "given": "Ada"}, "workgroups": [{"id": "Sales"}]})
    }

    #[test]
    fn select_keeps_the_id_and_what_was_named_with_dots() {
        assert_eq!(
            project(&ada(), &["person.email".to_owned(), "unheard".to_owned()]),
            json!({"configurationId": {"id": "ada", "displayName": "Ada Abel"}, "person": {"email": "Ada@example.com"}})
        );
        assert_eq!(project(&ada(), &["*".to_owned()]), ada());
    }

    #[test]
    fn where_compares_without_case_and_a_comma_is_and() {
        let met = |text: &str| conditions(text).unwrap().iter().all(|condition| condition.holds(&ada()));
        assert!(met("person.email eq ada@EXAMPLE.com"));
        assert!(met("configurationId.displayName sw \"ada\", extension ct 10"));
        assert!(met("workgroups eq Sales"));
        assert!(!met("extension eq 810"));
        assert!(!met("extension sw 81,person.given eq Ben"));
        assert!(conditions("extension like 8").is_err());
    }

    #[test]
    fn order_by_goes_both_ways() {
        let (one, two) = (json!({"n": "a"}), json!({"n": "b"}));
        assert_eq!(order("n", &one, &two), Ordering::Less);
        assert_eq!(order("n desc", &one, &two), Ordering::Greater);
    }
}
