//! Single values of a row: texts, times and the values of a facet, within what both databases can hold.

use domain::change::{Facet, Value};
use domain::ids::DefinitionId;
use domain::target::{OutOfOffice, Presence, RoutingStatus, SystemPresence};
use jiff::Timestamp;

/// The longest text that is kept: an answer of a server may be a whole page.
const LONGEST_TEXT: usize = 4_096;

/// A text that any database takes: PostgreSQL has no zero bytes.
pub(crate) fn text(mut text: String) -> String {
    if text.contains('\0') {
        text = text.replace('\0', "\u{FFFD}");
    }
    if text.len() > LONGEST_TEXT {
        let end = text.floor_char_boundary(LONGEST_TEXT - '…'.len_utf8());
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The name of an agent or of a status message, whole: it is an identity.
pub(crate) fn name(name: &str) -> String {
    name.replace('\0', "\u{FFFD}")
}

/// The nearest time that 64 bits of nanoseconds hold: from 1677 to 2262.
pub(crate) fn storable(time: Timestamp) -> Timestamp {
    timestamp(nanoseconds(time))
}

/// A time as a database keeps it.
pub(crate) fn nanoseconds(time: Timestamp) -> i64 {
    let nearest = time.as_nanosecond().clamp(i64::MIN.into(), i64::MAX.into());
    i64::try_from(nearest).expect("clamped to these bounds")
}

/// A time as it was kept.
pub(crate) fn timestamp(nanoseconds: i64) -> Timestamp {
    Timestamp::from_nanosecond(nanoseconds.into()).expect("a timestamp reaches from the year -9999 to 9999")
}

/// The facet of this name.
pub(crate) fn facet(name: &str) -> Result<Facet, String> {
    Facet::ALL.into_iter().find(|facet| facet.name() == name).ok_or_else(|| format!("\"{name}\" is no facet"))
}

/// Reads what `Display` of a value writes.
pub(crate) fn value(facet: Facet, text: &str) -> Result<Value, String> {
    let value = match facet {
        Facet::Presence => presence(text).map(Value::Presence),
        Facet::Routing => RoutingStatus::parse(text).map(Value::Routing),
        Facet::OutOfOffice => out_of_office(text).map(Value::OutOfOffice),
    };
    value.ok_or_else(|| format!("\"{text}\" is no {facet}"))
}

fn presence(text: &str) -> Option<Presence> {
    let Some((system, secondary)) = text.split_once(" (") else {
        return SystemPresence::parse(text).map(Presence::of);
    };
    let secondary: DefinitionId = secondary.strip_suffix(')')?.parse().ok()?;
    Some(Presence { system: SystemPresence::parse(system)?, secondary: Some(secondary) })
}

fn out_of_office(text: &str) -> Option<OutOfOffice> {
    match text {
        "off" => Some(OutOfOffice::Off),
        "on" => Some(OutOfOffice::On { until: None }),
        _ => {
            let until = text.strip_prefix("on until ")?.parse().ok()?;
            Some(OutOfOffice::On { until: Some(until) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_as_it_is_written() {
        let definition = DefinitionId(uuid::Uuid::from_u128(7));
        let mut values: Vec<Value> = Vec::new();
        for system in SystemPresence::ALL {
            values.push(Value::Presence(Presence::of(system)));
            values.push(Value::Presence(Presence { system, secondary: Some(definition) }));
        }
        values.extend(RoutingStatus::ALL.map(Value::Routing));
        let until = Some(Timestamp::from_nanosecond(1_790_000_000_123_456_789).unwrap());
        values.extend(
            [OutOfOffice::Off, OutOfOffice::On { until: None }, OutOfOffice::On { until }].map(Value::OutOfOffice),
        );
        for expected in values {
            assert_eq!(value(expected.facet(), &expected.to_string()), Ok(expected));
        }
        assert!(value(Facet::Presence, "Asleep").is_err());
        assert!(value(Facet::OutOfOffice, "on until tomorrow").is_err());
    }

    #[test]
    fn a_text_is_cut_between_letters_and_says_so() {
        let long = "ä".repeat(LONGEST_TEXT);
        let kept = text(long);
        assert!(kept.len() <= LONGEST_TEXT && kept.ends_with("ä…"), "{}", kept.len());
        assert_eq!(text("a\0b".to_owned()), "a\u{FFFD}b");
    }

    #[test]
    fn a_time_that_is_too_far_away_becomes_the_nearest_one() {
        assert_eq!(storable(Timestamp::MAX).to_string(), "2262-04-11T23:47:16.854775807Z");
        let exact = Timestamp::from_nanosecond(1_790_000_000_123_456_789).unwrap();
        assert_eq!(storable(exact), exact);
    }
}
