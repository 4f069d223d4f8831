//! Our presence source: found by name, or created.
//!
//! Knows that an organisation has room for few of them (one, says the vendor's help). Never changes somebody else's.

use domain::ids::SourceId;
use replicator::ports::FailureKind;

use crate::convert;
use crate::error::ConnectFailure;
use crate::startup::{Halt, Startup};
use crate::wire::{NewSource, Source, SourceListing};

const DESCRIPTION: &str = "Presence replicated from PureConnect by Presence Bridge";

/// The organisation's active sources.
pub(crate) struct Listed {
    /// Those with our name.
    pub(crate) ours: Vec<Source>,
    /// The names of those that others registered.
    pub(crate) others: Vec<String>,
}

/// Reads the active sources.
pub(crate) async fn list(startup: &mut Startup<'_>, name: &str) -> Result<Listed, Halt> {
    let listing: SourceListing = startup.get(&["presence", "sources"], &[]).await?;
    let active = listing.entities.into_iter().flatten().filter(|source| source.deactivated != Some(true));
    let (ours, others): (Vec<Source>, Vec<Source>) = active.partition(|source| is_named(source, name));
    let others = others.into_iter().filter(is_registered).filter_map(|source| source.name).collect();
    Ok(Listed { ours, others })
}

/// Finds the active source with this name, or creates it.
pub(crate) async fn find_or_create(startup: &mut Startup<'_>, name: &str) -> Result<SourceId, ConnectFailure> {
    loop {
        let Listed { ours, others } = match list(startup, name).await {
            Ok(listed) => listed,
            Err(halt) => return Err(startup.explain(halt, "read presence sources", "presence:source:view")),
        };
        if let Some(system) = ours.iter().find(|source| !is_registered(source)) {
            return Err(misnamed(system, name));
        }
        let found = match ours.as_slice() {
            [] => match create(startup, name, &others).await? {
                Some(created) => created,
                // It may have been created all the same: look again.
                None => continue,
            },
            [only] => identify(only)?,
            [first, ..] => {
                startup
                    .notes
                    .push(format!("there are {} presence sources named \"{name}\"; the first is ours", ours.len()));
                identify(first)?
            }
        };
        if !others.is_empty() {
            let others = others.join("\", \"");
            startup.notes.push(format!(
                "the organisation has other presence sources (\"{others}\"); users who have one of them as primary \
                 source show its presence"
            ));
        }
        return Ok(found);
    }
}

async fn create(startup: &mut Startup<'_>, name: &str, others: &[String]) -> Result<Option<SourceId>, ConnectFailure> {
    let body = NewSource { name, description: DESCRIPTION };
    match startup.post::<Source>(&["presence", "sources"], &body).await {
        Ok(Some(source)) => {
            let id = identify(&source)?;
            tracing::info!(source = %id, name, "created the presence source");
            Ok(Some(id))
        }
        Ok(None) => Ok(None),
        Err(Halt::Refused(trouble)) if trouble.status == Some(409) => {
            let full = trouble.code.as_deref() == Some("presenceservice.source.toomanyactivesources");
            let advice = match (full, others) {
                (true, []) => "deactivate one that is not needed".to_owned(),
                (true, others) => format!(
                    "the organisation has \"{}\" and no room for another; set source_name to it if it is ours, or \
                     deactivate it",
                    others.join("\", \"")
                ),
                (false, _) => "change source_name".to_owned(),
            };
            let reason = trouble.reason();
            let message = format!("failed to create the presence source \"{name}\" ({reason}); {advice}");
            let cause = Some(Box::new(trouble.failure) as _);
            Err(ConnectFailure { kind: FailureKind::Configuration, message, cause })
        }
        Err(halt) => {
            Err(startup.explain(halt, &format!("create the presence source \"{name}\""), "presence:source:add"))
        }
    }
}

fn is_named(source: &Source, name: &str) -> bool {
    source.name.as_deref().is_some_and(|theirs| theirs.trim().to_lowercase() == name.trim().to_lowercase())
}

/// Registered by somebody, not built in.
pub(crate) fn is_registered(source: &Source) -> bool {
    source.kind.as_deref().is_none_or(|kind| kind.eq_ignore_ascii_case("user"))
}

fn identify(source: &Source) -> Result<SourceId, ConnectFailure> {
    convert::id(source.id.as_deref()).map(SourceId).map_err(|_| {
        let shown = source.id.as_deref().unwrap_or_default();
        let message = format!("a presence source has the id \"{shown}\", which is no UUID");
        ConnectFailure { kind: FailureKind::Unsupported, message, cause: None }
    })
}

fn misnamed(source: &Source, name: &str) -> ConnectFailure {
    let kind = source.kind.as_deref().unwrap_or_default();
    let message =
        format!("\"{name}\" is a presence source of type {kind}, which is not ours to use; change source_name");
    ConnectFailure { kind: FailureKind::Configuration, message, cause: None }
}
