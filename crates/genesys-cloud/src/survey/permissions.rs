//! What one OAuth client may do, found out by requests that change nothing, and what it gets to see on the way.
//!
//! Knows for each permission a request that is refused with 403 without it, and with something else, or not at all, with
//! it: what is asked for is read, or is empty, blank, or about a user who does not exist.

use domain::ids::{CloudUserId, SourceId};
use replicator::ports::Failure;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::ask::{said, unanswered};
use super::{DefinitionsFound, OurSource, Permission, SourcesFound, Standing, Unanswered};
use crate::convert::PLATFORM;
use crate::delivery::{self, Abilities, Allowed};
use crate::error::{Origin, Trouble};
use crate::sources::{self, Listed};
use crate::startup::{Halt, Startup};
use crate::wire::{Named, NewSource, SetPrimarySource, Source};
use crate::{catalog, convert, directory};

/// What was seen of the organisation.
pub(super) struct Facts {
    pub(super) definitions: Result<DefinitionsFound, Unanswered>,
    pub(super) sources: Result<SourcesFound, Unanswered>,
    /// The id of the default primary source.
    pub(super) default_source: Result<Option<String>, Unanswered>,
    pub(super) created: Option<String>,
}

impl Facts {
    pub(super) fn unanswered(why: &Unanswered) -> Self {
        let (definitions, sources, default_source) = (Err(why.clone()), Err(why.clone()), Err(why.clone()));
        Self { definitions, sources, default_source, created: None }
    }

    /// Takes over what is not known yet.
    pub(super) fn take(&mut self, seen: Self) {
        fn prefer<T>(mine: &mut Result<T, Unanswered>, theirs: Result<T, Unanswered>) {
            if matches!((&mine, &theirs), (Err(_), Ok(_)) | (Err(Unanswered::NotAsked), Err(_))) {
                *mine = theirs;
            }
        }
        prefer(&mut self.definitions, seen.definitions);
        prefer(&mut self.sources, seen.sources);
        prefer(&mut self.default_source, seen.default_source);
    }
}

pub(super) type Standings = Vec<(Permission, Standing)>;

/// Reads what there is to be read, which shows the permissions for it.
pub(super) async fn read(startup: &mut Startup<'_>, source_name: &str) -> (Standings, Facts) {
    let mut standings = Standings::new();
    let definitions = match catalog::read(startup).await {
        Ok(read) => {
            let standing = read.deprecated.as_ref().map_or(Standing::Granted, refused);
            standings.push((Permission::DefinitionView, standing));
            Ok(definitions_found(read))
        }
        Err(unread) => {
            standings.push((Permission::DefinitionView, standing(&unread.halt)));
            Err(unanswered(&unread.halt))
        }
    };
    let listed = sources::list(startup, source_name).await;
    standings.push((Permission::SourceView, listed.as_ref().map_or_else(standing, |_| Standing::Granted)));
    let sources = listed.map(sources_found).map_err(|halt| unanswered(&halt));
    let settings = startup.get::<Map<String, Value>>(&directory::SETTINGS, &[]).await;
    standings.push((Permission::SettingsView, settings.as_ref().map_or_else(standing, |_| Standing::Granted)));
    let default_source = settings
        .map_err(|halt| unanswered(&halt))
        .map(|settings| settings.get(directory::DEFAULT).and_then(Value::as_str).map(str::to_owned));
    (standings, Facts { definitions, sources, default_source, created: None })
}

fn definitions_found(read: catalog::Read) -> DefinitionsFound {
    DefinitionsFound {
        lacking: catalog::lacking(&read.definitions).collect(),
        definitions: read.definitions,
        deprecated: read.deprecated.as_ref().map(said),
        active_only: read.active_only.as_ref().map(said),
        odd: read.odd.iter().map(|odd| format!("{odd:?}")).collect(),
    }
}

fn sources_found(Listed { ours, others }: Listed) -> SourcesFound {
    let ids: Option<Vec<SourceId>> =
        ours.iter().map(|source| convert::id(source.id.as_deref()).ok().map(SourceId)).collect();
    let not_ours =
        ours.iter().find(|source| !sources::is_registered(source) || convert::id(source.id.as_deref()).is_err());
    let ours = match (ids.as_deref(), not_ours) {
        (_, Some(source)) => OurSource::NotOurs { kind: source.kind.clone().unwrap_or_default() },
        (None | Some([]), None) => OurSource::Absent,
        (Some([only]), None) => OurSource::Found(*only),
        (Some(all), None) => OurSource::Several(all.to_vec()),
    };
    SourcesFound { ours, others }
}

/// A source without a name is never made (409 `presenceservice.source.namecannotbeblank`). One that is all the same is
/// told.
pub(super) async fn add_source(startup: &mut Startup<'_>, created: &mut Option<String>) -> Standing {
    let blank = NewSource { name: "", description: "" };
    loop {
        match startup.post::<Source>(&["presence", "sources"], &blank).await {
            Ok(None) => {}
            Ok(Some(source)) => {
                *created = Some(source.id.unwrap_or_default());
                return Standing::Granted;
            }
            Err(halt) => return probed(&halt),
        }
    }
}

/// Reads somebody's primary source, and sets nobody's.
pub(super) async fn primary_source(startup: &mut Startup<'_>, somebody: Option<CloudUserId>) -> Standings {
    let view = match somebody {
        None => Standing::Unknown { why: "there is no user to ask about".to_owned() },
        Some(user) => {
            let read = startup.get::<Named>(&directory::primary_source(&user.to_string()), &[]).await;
            read.as_ref().map_or_else(probed, |_| Standing::Granted)
        }
    };
    let nobody = uuid::Builder::from_random_bytes(fastrand::u128(..).to_be_bytes()).into_uuid();
    let body = SetPrimarySource { source_id: PLATFORM.to_owned(), registered: false };
    let set = startup.put::<Named>(&directory::primary_source(&Uuid::to_string(&nobody)), &body).await;
    let edit = set.as_ref().map_or_else(probed, |_| Standing::Granted);
    vec![(Permission::PrimarySourceView, view), (Permission::PrimarySourceEdit, edit)]
}

/// Asks for what both ways to deliver need.
pub(super) async fn deliver(startup: &mut Startup<'_>) -> (Standings, Option<Abilities>) {
    let events = delivery::probe_presence_events(startup).await;
    let routing = delivery::probe_routing_events(startup).await;
    let direct = delivery::probe_direct(startup).await;
    let standings = vec![
        (Permission::PresenceInject, allowed(&events)),
        (Permission::RoutingInject, allowed(&routing)),
        (Permission::PresenceEdit, allowed(&direct)),
    ];
    let abilities = match (events, direct) {
        (Ok(events), Ok(direct)) => {
            Some(Abilities { whose: startup.whose().to_owned(), events: Some(events), direct: Some(direct) })
        }
        (Err(_), _) | (_, Err(_)) => None,
    };
    (standings, abilities)
}

fn allowed(probed: &Result<Allowed, Halt>) -> Standing {
    match probed {
        Ok(Ok(())) => Standing::Granted,
        Ok(Err(trouble)) => refused(trouble),
        Err(halt) => standing(halt),
    }
}

/// The standing when something that should work does not.
fn standing(halt: &Halt) -> Standing {
    match halt {
        Halt::Refused(trouble) => refused(trouble),
        Halt::GaveUp(trouble) => Standing::Unknown { why: said(trouble) },
    }
}

fn refused(trouble: &Trouble) -> Standing {
    match &trouble.failure {
        Failure::Unsupported { .. } => Standing::Missing { said: said(trouble) },
        Failure::Throttled { .. }
        | Failure::Unavailable { .. }
        | Failure::Deferred { .. }
        | Failure::Refused { .. }
        | Failure::Unauthorized { .. } => Standing::Unknown { why: said(trouble) },
    }
}

/// The standing when something was asked that is refused to everybody, once the permission has been looked at.
fn probed(halt: &Halt) -> Standing {
    match halt {
        Halt::Refused(trouble) if trouble.origin == Origin::Api && matches!(trouble.status, Some(400 | 404 | 409)) => {
            Standing::Granted
        }
        halt => standing(halt),
    }
}
