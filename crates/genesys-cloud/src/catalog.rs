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

/// Reads every definition, active and deactivated.
pub(crate) async fn definitions(startup: &mut Startup<'_>) -> Result<Definitions, ConnectFailure> {
    let mut found = Found::default();
    match new_list(startup, false).await {
        Ok(listing) => {
            found.take(listing, false);
            // Each call lists one kind, and a rule that names a deactivated definition deserves to be told so.
            match new_list(startup, true).await {
                Ok(listing) => {
                    found.take(listing, true);
                }
                Err(Halt::Refused(trouble)) => startup.notes.push(format!(
                    "deactivated presence definitions cannot be told from missing ones ({})",
                    trouble.reason()
                )),
                Err(halt) => return Err(startup.explain(halt, "read deactivated presence definitions", PERMISSION)),
            }
        }
        Err(Halt::Refused(trouble)) if matches!(trouble.status, Some(403 | 404)) => {
            old_list(startup, &mut found, &trouble).await?;
        }
        Err(halt) => return Err(startup.explain(halt, "read presence definitions", PERMISSION)),
    }
    for odd in found.odd {
        startup.notes.push(format!("a presence definition is not understood and left out: {odd:?}"));
    }
    complete(Definitions(found.definitions))
}

async fn new_list(startup: &mut Startup<'_>, deactivated: bool) -> Result<DefinitionListing, Halt> {
    // The active ones are what is listed unless told otherwise.
    let query = [("localeCode", "ALL"), ("deactivated", "TRUE")];
    let asked = if deactivated { &query[..] } else { &query[..1] };
    startup.get(&["presence", "definitions"], asked).await
}

/// Deprecated and paged, but it needs no permission.
async fn old_list(startup: &mut Startup<'_>, found: &mut Found, why: &Trouble) -> Result<(), ConnectFailure> {
    for page in 1.. {
        let page_number = page.to_string();
        let query =
            [("pageNumber", page_number.as_str()), ("pageSize", "100"), ("deleted", "ALL"), ("localeCode", "ALL")];
        let listing: DefinitionListing = match startup.get(&["presencedefinitions"], &query).await {
            Ok(listing) => listing,
            // What is missing for the new list says best what to do.
            Err(Halt::Refused(_)) => {
                return Err(startup.explain(Halt::Refused(why.clone()), "read presence definitions", PERMISSION));
            }
            Err(halt) => return Err(startup.explain(halt, "read presence definitions", PERMISSION)),
        };
        let more = listing.next_uri.is_some() || listing.page_count.is_some_and(|pages| page < pages);
        // The second condition ends a list whose server always promises one more page.
        if !found.take(listing, false) || !more {
            break;
        }
    }
    startup.notes.push(format!("presence definitions were read from the deprecated list ({})", why.reason()));
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

/// Every organisation has one undeletable definition for each system presence; without it nothing can be sent.
fn complete(definitions: Definitions) -> Result<Definitions, ConnectFailure> {
    let missing: Vec<&str> = SystemPresence::ALL
        .into_iter()
        .filter(|presence| definitions.id_of((*presence).into()).is_none())
        .map(SystemPresence::name)
        .collect();
    if missing.is_empty() {
        return Ok(definitions);
    }
    let message = format!(
        "the organisation lists no system presence definition for {}; check that the OAuth client's role covers all \
         divisions",
        missing.join(", ")
    );
    Err(ConnectFailure { kind: FailureKind::Unsupported, message, cause: None })
}
