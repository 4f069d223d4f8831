//! The organisation's presence definitions: the new list, or the old one where the new is out of reach.
//!
//! Knows how the two lists differ. What a definition means is `convert`'s business, what it is used for `mapping`'s.

use std::collections::BTreeSet;

use domain::target::{Definition, Definitions, SystemPresence};
use replicator::ports::FailureKind;

use crate::convert;
use crate::error::{ConnectFailure, Trouble};
use crate::startup::{Halt, Startup};
use crate::wire::DefinitionListing;

const PERMISSION: &str = "presence:presenceDefinition:view";

/// What was read.
pub(crate) struct Read {
    pub(crate) definitions: Definitions,
    /// Definitions that are not understood.
    pub(crate) odd: Vec<convert::Unknown>,
    /// Why the deprecated list was read, where it was.
    pub(crate) deprecated: Option<Trouble>,
    /// Why deactivated ones are missing, where they are.
    pub(crate) active_only: Option<Trouble>,
}

/// Why nothing was read, and what should have been.
pub(crate) struct Unread {
    pub(crate) halt: Halt,
    what: &'static str,
}

/// Reads every definition, active and deactivated. Every organisation has one undeletable definition for each system
/// presence; without it nothing can be sent.
pub(crate) async fn definitions(startup: &mut Startup<'_>) -> Result<Definitions, ConnectFailure> {
    let read = match read(startup).await {
        Ok(read) => read,
        Err(Unread { halt, what }) => return Err(startup.explain(halt, what, PERMISSION)),
    };
    if let Some(why) = read.active_only {
        let reason = why.reason();
        startup.notes.push(format!("deactivated presence definitions cannot be told from missing ones ({reason})"));
    }
    if let Some(why) = read.deprecated {
        startup.notes.push(format!("presence definitions were read from the deprecated list ({})", why.reason()));
    }
    for odd in read.odd {
        startup.notes.push(format!("a presence definition is not understood and left out: {odd:?}"));
    }
    let missing: Vec<&str> = lacking(&read.definitions).map(SystemPresence::name).collect();
    if missing.is_empty() {
        return Ok(read.definitions);
    }
    let message = format!(
        "the organisation lists no system presence definition for {}; check that the OAuth client's role covers all \
         divisions",
        missing.join(", ")
    );
    Err(ConnectFailure { kind: FailureKind::Unsupported, message, cause: None })
}

/// The system presences for which there is no definition.
pub(crate) fn lacking(definitions: &Definitions) -> impl Iterator<Item = SystemPresence> {
    SystemPresence::ALL.into_iter().filter(|presence| definitions.id_of((*presence).into()).is_none())
}

/// Reads every definition, active and deactivated.
pub(crate) async fn read(startup: &mut Startup<'_>) -> Result<Read, Unread> {
    let (mut found, mut deprecated, mut active_only) = (Found::default(), None, None);
    match new_list(startup, false).await {
        Ok(listing) => {
            found.take(listing, false);
            // Each call lists one kind, and a rule that names a deactivated definition deserves to be told so.
            match new_list(startup, true).await {
                Ok(listing) => {
                    found.take(listing, true);
                }
                Err(Halt::Refused(trouble)) => active_only = Some(trouble),
                Err(halt) => return Err(Unread { halt, what: "read deactivated presence definitions" }),
            }
        }
        Err(Halt::Refused(trouble)) if matches!(trouble.status, Some(403 | 404)) && !trouble.is_login() => {
            let what = "read presence definitions";
            old_list(startup, &mut found, &trouble).await.map_err(|halt| Unread { halt, what })?;
            deprecated = Some(trouble);
        }
        Err(halt) => return Err(Unread { halt, what: "read presence definitions" }),
    }
    Ok(Read { definitions: Definitions(found.definitions), odd: found.odd, deprecated, active_only })
}

async fn new_list(startup: &mut Startup<'_>, deactivated: bool) -> Result<DefinitionListing, Halt> {
    // The active ones are what is listed unless told otherwise.
    let query = [("localeCode", "ALL"), ("deactivated", "TRUE")];
    let asked = if deactivated { &query[..] } else { &query[..1] };
    startup.get(&["presence", "definitions"], asked).await
}

/// Deprecated and paged, but it needs no permission.
async fn old_list(startup: &mut Startup<'_>, found: &mut Found, why: &Trouble) -> Result<(), Halt> {
    for page in 1.. {
        let page_number = page.to_string();
        let query =
            [("pageNumber", page_number.as_str()), ("pageSize", "100"), ("deleted", "ALL"), ("localeCode", "ALL")];
        let listing: DefinitionListing = match startup.get(&["presencedefinitions"], &query).await {
            Ok(listing) => listing,
            // What is missing for the new list says best what to do.
            Err(Halt::Refused(_)) => return Err(Halt::Refused(why.clone())),
            Err(halt) => return Err(halt),
        };
        let more = listing.next_uri.is_some() || listing.page_count.is_some_and(|pages| page < pages);
        // The second condition ends a list whose server always promises one more page.
        if !found.take(listing, false) || !more {
            break;
        }
    }
    Ok(())
}

#[derive(Default)]
struct Found {
    definitions: Vec<Definition>,
    ids: BTreeSet<domain::ids::DefinitionId>,
    odd: Vec<convert::Unknown>,
}

impl Found {
    /// Takes a list; says whether there was anything new in it.
    fn take(&mut self, listing: DefinitionListing, deactivated: bool) -> bool {
        let before = self.definitions.len();
        for entry in listing.entities.into_iter().flatten() {
            match convert::definition(entry, deactivated) {
                // A server that ignores the query lists the same ones twice.
                Ok(definition) if self.ids.insert(definition.id) => self.definitions.push(definition),
                Ok(_) => {}
                Err(odd) => self.odd.push(odd),
            }
        }
        self.definitions.len() > before
    }
}
