//! What the answer to a direct write says about each presence that was sent.
//!
//! The vendor describes the answer to a bulk write as a list of presences without a field for the user. So a user is
//! looked for wherever one may be told: in `userId`, in `id`, which is the user's in the request, and in `selfUri`,
//! which is `/api/v2/users/{id}/presences`. Where nobody can be told, a list as long as the request is taken to be in its
//! order. Knows nothing of requests.

use std::collections::BTreeMap;
use std::fmt;

use domain::ids::{CloudUserId, DefinitionId};
use domain::target::SystemPresence;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use uuid::Uuid;

use crate::convert::PLATFORM;
use crate::list::List;
use crate::wire::{PresenceReference, UserPresence};

/// A presence that was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) user: CloudUserId,
    pub(crate) definition: DefinitionId,
    /// What the definition is or hangs under.
    pub(crate) system: SystemPresence,
}

/// The answer to a bulk write. Something else than a list, or nothing at all, is a list of nobody.
#[derive(Debug)]
pub(crate) struct Shown(Vec<Option<UserPresence>>);

/// The places of those that were not applied, and what says so.
pub(crate) fn unapplied(sent: &[Sent], shown: &Shown) -> Vec<(usize, String)> {
    let places: BTreeMap<CloudUserId, usize> =
        sent.iter().enumerate().map(|(place, sent)| (sent.user, place)).collect();
    let mut told: Vec<Option<&UserPresence>> = vec![None; sent.len()];
    let (mut named, mut others) = (Vec::new(), Vec::new());
    for presence in shown.0.iter().flatten() {
        match user(presence).and_then(|user| places.get(&user)) {
            Some(&place) => {
                told[place] = Some(presence);
                named.push(presence);
            }
            None => others.push(presence),
        }
    }
    // An `id` is the presence's own, unless those of the others are users'.
    let ids_are_users = named.iter().any(|presence| id(presence) == user(presence));
    let is_somebodys = |other: &UserPresence| names_somebody(other) || (ids_are_users && id(other).is_some());
    let nameless: Vec<&UserPresence> = others.into_iter().filter(|other| !is_somebodys(other)).collect();
    if named.is_empty() {
        return unapplied_in_order(sent, &nameless);
    }
    let faults = sent.iter().zip(&told).enumerate().filter_map(|(place, (sent, told))| match told {
        Some(presence) => Some((place, contradiction(sent, presence)?)),
        // It may be one of those that do not say whose they are.
        None if !nameless.is_empty() => None,
        None => Some((place, "the answer leaves the user out".to_owned())),
    });
    faults.collect()
}

/// Without users, only a list as long as the request can say anything, and only when it is not the same in another order.
fn unapplied_in_order(sent: &[Sent], shown: &[&UserPresence]) -> Vec<(usize, String)> {
    if shown.len() != sent.len() {
        return Vec::new();
    }
    let mut wanted: Vec<Option<Uuid>> = sent.iter().map(|sent| Some(sent.definition.0)).collect();
    let mut found: Vec<Option<Uuid>> =
        shown.iter().map(|shown| definition(shown.presence_definition.as_ref())).collect();
    wanted.sort_unstable();
    found.sort_unstable();
    if wanted == found {
        return Vec::new();
    }
    let faults = sent.iter().zip(shown).enumerate();
    faults.filter_map(|(place, (sent, shown))| Some((place, contradiction(sent, shown)?))).collect()
}

/// What an answer about the user says that cannot be when the presence was applied.
pub(crate) fn contradiction(sent: &Sent, shown: &UserPresence) -> Option<String> {
    let of_another_source = [shown.source_id.as_deref(), shown.source.as_deref()].into_iter().flatten();
    let mut sources = of_another_source.filter(|source| !source.is_empty()).peekable();
    if sources.peek().is_some() && !sources.any(|source| source.eq_ignore_ascii_case(PLATFORM)) {
        return None;
    }
    // It is taken over when the user's interactions have ended.
    if definition(shown.future_presence_definition.as_ref()) == Some(sent.definition.0) {
        return None;
    }
    let reference = shown.presence_definition.as_ref()?;
    let is_applied = match (definition(Some(reference)), reference.system_presence.as_deref()) {
        (Some(definition), _) => definition == sent.definition.0,
        (None, Some(system)) => SystemPresence::parse(system).is_none_or(|system| system == sent.system),
        (None, None) => true,
    };
    let shown = reference.system_presence.as_deref().or(reference.id.as_deref()).unwrap_or_default();
    (!is_applied).then(|| format!("the answer shows another presence definition ({shown})"))
}

fn definition(reference: Option<&PresenceReference>) -> Option<Uuid> {
    Uuid::try_parse(reference?.id.as_deref()?).ok()
}

/// Whose presence it is, as far as that can be told.
fn user(presence: &UserPresence) -> Option<CloudUserId> {
    let told = [presence.user_id.as_deref(), presence.self_uri.as_deref().and_then(owner)];
    let certain = told.into_iter().flatten().find_map(|text| Uuid::try_parse(text).ok()).map(CloudUserId);
    certain.or_else(|| id(presence))
}

fn id(presence: &UserPresence) -> Option<CloudUserId> {
    Uuid::try_parse(presence.id.as_deref()?).ok().map(CloudUserId)
}

/// Whether it is certainly somebody's.
fn names_somebody(presence: &UserPresence) -> bool {
    presence.user_id.is_some() || presence.self_uri.as_deref().and_then(owner).is_some()
}

/// The user in the address of a user's presences.
fn owner(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("/users/")?;
    rest.split('/').next().filter(|user| Uuid::try_parse(user).is_ok())
}

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lenient)
    }
}

struct Lenient;

impl<'de> Visitor<'de> for Lenient {
    type Value = Shown;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of presences, or nothing")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, entries: A) -> Result<Shown, A::Error> {
        let list = List::deserialize(serde::de::value::SeqAccessDeserializer::new(entries))?;
        Ok(Shown(list.0))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Shown, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Shown(Vec::new()))
    }

    fn visit_unit<E>(self) -> Result<Shown, E> {
        Ok(Shown(Vec::new()))
    }
}

#[cfg(test)]
mod tests;
