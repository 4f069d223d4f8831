//! What a value of the configuration is, in a form that can be compared and not shown: by it a reload finds what changed,
//! secrets included.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use toml::de::DeValue;

/// A value; where it stands in the file and how it is written make no difference.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest(u64);

impl fmt::Debug for Digest {
    /// Nothing: it may be made of a secret, which a short one would give away.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest")
    }
}

/// The digest of a value and of what is in the files that it names.
pub fn digest(value: &DeValue<'_>, contents: u64) -> Digest {
    let mut hasher = DefaultHasher::new();
    feed(value, &mut hasher);
    contents.hash(&mut hasher);
    Digest(hasher.finish())
}

fn feed(value: &DeValue<'_>, hasher: &mut DefaultHasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        DeValue::String(text) => text.hash(hasher),
        DeValue::Integer(number) => number.to_string().hash(hasher),
        DeValue::Float(number) => number.to_string().hash(hasher),
        DeValue::Boolean(truth) => truth.hash(hasher),
        DeValue::Datetime(time) => time.to_string().hash(hasher),
        DeValue::Array(list) => {
            list.len().hash(hasher);
            list.iter().for_each(|element| feed(element.get_ref(), hasher));
        }
        DeValue::Table(table) => {
            table.len().hash(hasher);
            for (key, value) in table {
                key.get_ref().hash(hasher);
                feed(value.get_ref(), hasher);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Digest {
        digest(DeValue::parse(text).unwrap().get_ref(), 0)
    }

    #[test]
    fn what_is_the_same_value_is_the_same_however_it_is_written() {
        assert_eq!(of("{ a = 1, b = [\"x\"] }"), of("{  b   = ['x'], a = 1 }"));
        for (one, other) in [("1", "2"), ("1", "\"1\""), ("[1, 2]", "[2, 1]"), ("{ a = 1 }", "{ b = 1 }"), ("[]", "{}")]
        {
            assert_ne!(of(one), of(other), "{one} and {other}");
        }
        let value = DeValue::parse("1").unwrap();
        assert_ne!(digest(value.get_ref(), 1), digest(value.get_ref(), 2), "another content of the same file");
    }

    #[test]
    fn nothing_of_a_value_is_shown() {
        assert_eq!(format!("{:?}", of("1")), "Digest");
    }
}
