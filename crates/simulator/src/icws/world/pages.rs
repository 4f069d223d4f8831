//! Messages that carry a list, cut so that no line of an event stream comes near 64 KiB.
//!
//! Clients in Go read lines with that limit. The first message of a whole list says `isDelta:false`, those after it
//! `isDelta:true`, which a client takes as additions. Serialises each item once.

use serde_json::{Map, Value};

/// The most that one message carries, well below 65,536 with everything around it.
const LIMIT: usize = 56 * 1024;

/// One or more messages: `members` and the `items` under the name `list`. `whole` is the `isDelta:false` of the first.
pub(crate) fn messages(
    kind: &str,
    members: &Map<String, Value>,
    list: &str,
    items: &[Value],
    whole: bool,
) -> Vec<String> {
    let mut head = String::new();
    for (name, value) in members {
        head.push_str(&format!(",{}:{value}", Value::from(name.as_str())));
    }
    let message = |delta: bool, items: &str| {
        format!("{{\"__type\":{},\"isDelta\":{delta}{head},\"{list}\":[{items}]}}", Value::from(kind))
    };
    let mut messages = Vec::new();
    let mut part = String::new();
    for item in items {
        let text = item.to_string();
        if !part.is_empty() && part.len() + text.len() > LIMIT {
            messages.push(message(!whole || !messages.is_empty(), &part));
            part.clear();
        }
        if !part.is_empty() {
            part.push(',');
        }
        part.push_str(&text);
    }
    if messages.is_empty() || !part.is_empty() {
        messages.push(message(!whole || !messages.is_empty(), &part));
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_is_one_whole_message() {
        assert_eq!(
            messages("urn:x", &Map::new(), "items", &[], true),
            [r#"{"__type":"urn:x","isDelta":false,"items":[]}"#]
        );
    }

    #[test]
    fn a_long_list_is_cut_and_only_its_first_message_is_whole() {
        let items: Vec<Value> = (0..3000).map(|number| Value::from(format!("{number:060}"))).collect();
        let parts = messages("urn:x", &Map::new(), "items", &items, true);
        assert!(parts.len() > 2);
        let mut seen = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            assert!(part.len() < 60 * 1024);
            let message: Value = serde_json::from_str(part).unwrap();
            assert_eq!(message["isDelta"], Value::Bool(index > 0));
            seen.extend(message["items"].as_array().unwrap().clone());
        }
        assert_eq!(seen, items);
    }
}
