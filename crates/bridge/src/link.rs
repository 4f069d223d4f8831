//! A link: one PureConnect system, one Genesys Cloud organisation, the rules, and the loop between them.
//!
//! Knows how the parts fit together, and which exit code each way of failing has. Does not know where configuration,
//! clock and source come from: the service and the demo each bring their own.

mod apart;
mod decisions;
mod late;
mod relay;
mod showing;

use std::sync::Arc;
use std::time::Duration;

use domain::target::Definitions;
use genesys_cloud::{Connected, GenesysCloud};
use mapping::{Known, RuleError};
use replicator::engine::{Report, Standings};
use replicator::options::Options;
use replicator::ports::{Clock, Directory, FailureKind, Feed, Journal, Sink, Source};
use replicator::{Command, Parts, RunFailure};
use store::RecordFailure;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

pub use self::apart::Apart;
pub use self::decisions::{Decisions, Standing};
pub use self::relay::{COMMANDS, Running, relay};
pub use self::showing::Showing;

use crate::config::{Mapping, TextFile};
use crate::exit::{Exit, Failed};
use crate::{journal, rules};
use late::LateCloud;

/// What a link needs from whoever starts it.
pub struct Plan {
    /// PureConnect.
    pub source: Box<dyn Source>,
    /// Genesys Cloud.
    pub target: genesys_cloud::Config,
    /// How the replication decides.
    pub options: Options,
    /// The rules, and who is who: as they are when the loop begins.
    pub decisions: watch::Receiver<Decisions>,
    /// How far the link has come, for whoever changes the decisions.
    pub standing: watch::Sender<Standing>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where everything is written down.
    pub journal: Arc<dyn Journal>,
    /// Whether the journal remembers a run with this configuration, or one like it.
    pub is_restart: bool,
    /// Where the state is shown.
    pub report: watch::Sender<Option<Report>>,
    /// Where it is said how agents stand; `None` where nobody looks.
    pub standings: Option<mpsc::Sender<Standings>>,
    /// What the operator says.
    pub commands: mpsc::Receiver<Command>,
    /// The order to stop.
    pub shutdown: CancellationToken,
}

/// How long Genesys Cloud may take to answer at a restart before the link begins without it.
const AT_RESTART: Duration = Duration::from_secs(2);

/// Runs the link until it is told to stop; `None` when that came before it was connected.
pub async fn run(plan: Plan) -> Result<Option<Report>, Failed> {
    let standing = plan.standing.clone();
    let ended = connect_and_run(plan).await;
    standing.send_replace(Standing::Beginning);
    ended
}

async fn connect_and_run(plan: Plan) -> Result<Option<Report>, Failed> {
    let mut target = plan.target.clone();
    if plan.is_restart && rules_alone(&plan).is_some() {
        target.start_patience = target.start_patience.min(AT_RESTART);
    }
    let connecting = GenesysCloud::connect(target, Arc::clone(&plan.clock));
    let connected = tokio::select! {
        connected = connecting => connected,
        () = plan.shutdown.cancelled() => return Ok(None),
    };
    let failure = match connected {
        Ok(connected) => return run_connected(plan, connected).await,
        Err(failure) => failure,
    };
    if !plan.is_restart || failure.kind != FailureKind::Unreachable {
        return Err(failure.into());
    }
    // From here on whoever changes the decisions tells the loop; what was changed before is read now.
    plan.standing.send_replace(Standing::Running(None));
    let Some(alone) = rules_alone(&plan) else { return Err(failure.into()) };
    tracing::warn!(reason = %failure, "Genesys Cloud is out of reach; what changes meanwhile is kept and told later");
    run_alone(plan, alone).await
}

/// The decisions and their rules, where those can do without the organisation's own definitions.
fn rules_alone(plan: &Plan) -> Option<(mapping::Rules, Decisions)> {
    let decisions = plan.decisions.borrow().clone();
    let rules = rules::compile(decisions.mapping.options, decisions.mapping.own.as_ref(), rules::OFFLINE).ok()?;
    (!rules.is_unresolved()).then_some((rules, decisions))
}

/// Begins without Genesys Cloud, which joins when it answers.
async fn run_alone(plan: Plan, alone: (mapping::Rules, Decisions)) -> Result<Option<Report>, Failed> {
    let (rules, Decisions { mapping, matching }) = alone;
    let own = mapping.own.clone();
    let cloud = LateCloud::new(&plan.target);
    let (hints_in, hints) = LateCloud::hints();
    let first = cloud.handles().next().map(Arc::new);
    let feed = first.filter(|_| plan.target.notifications).map(|first| (first as Arc<dyn Feed>, hints));
    let connecting = cloud.connect(plan.target, Arc::clone(&plan.clock), hints_in, &plan.standing);
    let shutdown = plan.shutdown.child_token();
    let parts = Parts {
        source: plan.source,
        sinks: cloud.handles().map(|handle| Arc::new(handle) as Arc<dyn Sink>).collect(),
        directories: cloud.handles().map(|handle| Arc::new(handle) as Arc<dyn Directory>).collect(),
        feed,
        journal: plan.journal,
        clock: plan.clock,
        rules,
        check_rules: check_names(mapping, None),
        spent: cloud.handles().map(|_| (0, None)).collect(),
        report: plan.report,
        standings: plan.standings,
        commands: plan.commands,
        shutdown: shutdown.clone(),
    };
    let mut running = std::pin::pin!(replicator::run(parts, Options { matching, ..plan.options }));
    let ended = tokio::select! {
        ended = &mut running => ended.map(Some).map_err(|failure| failed(failure, own.as_ref())),
        failure = connecting => {
            shutdown.cancel();
            // PureConnect is logged off; that it went well is no news beside the failure.
            let _ = running.await;
            Err(failure.into())
        }
    };
    cloud.close().await;
    ended
}

async fn run_connected(plan: Plan, mut connected: Connected) -> Result<Option<Report>, Failed> {
    let cloud = connected.clouds[0].clone();
    let feed_events = connected.feed_events.take();
    let feed = feed_events.map(|events| (Arc::new(cloud.clone()) as Arc<dyn Feed>, events));
    tell_notes(&connected);
    // From here on whoever changes the decisions tells the loop; what was changed before is read now.
    plan.standing.send_replace(Standing::Running(Some(connected.definitions.clone())));
    let Decisions { mapping, matching } = plan.decisions.borrow().clone();
    let known = Known { catalogue: None, definitions: Some(&connected.definitions) };
    let own = mapping.own.clone();
    // Status messages are checked when PureConnect has told them.
    let ended = match rules::compile(mapping.options, mapping.own.as_ref(), known) {
        Err(problems) => Err(Failed::diagnosed(Exit::Configuration, problems)),
        Ok(compiled) => {
            let parts = Parts {
                source: plan.source,
                sinks: connected.clouds.iter().map(|cloud| Arc::new(cloud.clone()) as Arc<dyn Sink>).collect(),
                directories: connected
                    .clouds
                    .iter()
                    .map(|cloud| Arc::new(cloud.clone()) as Arc<dyn Directory>)
                    .collect(),
                feed,
                journal: plan.journal,
                clock: plan.clock,
                rules: compiled,
                check_rules: check_names(mapping, Some(connected.definitions)),
                spent: connected.spent,
                report: plan.report,
                standings: plan.standings,
                commands: plan.commands,
                shutdown: plan.shutdown,
            };
            let ended = replicator::run(parts, Options { matching, ..plan.options }).await;
            ended.map(Some).map_err(|failure| failed(failure, own.as_ref()))
        }
    };
    cloud.close().await;
    ended
}

/// Says what an operator should know of the organisation.
fn tell_notes(connected: &Connected) {
    for note in &connected.notes {
        tracing::warn!(note, "about this organisation");
    }
}

/// Finds names in the rules that the PureConnect system does not have.
pub fn check_names(mapping: Mapping, definitions: Option<Definitions>) -> replicator::RuleCheck {
    Box::new(move |catalogue| -> Vec<RuleError> {
        let known = Known { catalogue: Some(catalogue), definitions: definitions.as_ref() };
        match &mapping.own {
            None => Vec::new(),
            Some(own) => rules::errors(mapping.options, own, known),
        }
    })
}

/// The exit code of each way of failing.
pub fn failed(failure: RunFailure, own: Option<&TextFile>) -> Failed {
    match failure {
        RunFailure::Source(failure) => failure.into(),
        RunFailure::Rules(errors) => match own {
            Some(own) => Failed::diagnosed(Exit::Configuration, rules::problems(own, errors)),
            None => Failed::new(Exit::Internal, RunFailure::Rules(errors)),
        },
        RunFailure::Journal(failure) => {
            let exit = failure.0.downcast_ref::<RecordFailure>().map_or(Exit::Journal, journal::exit_of);
            // The journal's own words say where and what to do.
            Failed { exit, cause: failure.0.into() }
        }
        failure @ RunFailure::Unauthorized(_) => Failed::new(Exit::NotAuthorized, failure),
        failure @ RunFailure::Internal(_) => Failed::new(Exit::Internal, failure),
    }
}

#[cfg(test)]
mod tests {
    use replicator::ports::{JournalFailure, SourceFailure};

    use super::*;

    #[test]
    fn each_way_of_failing_has_its_exit_code() {
        let source = RunFailure::Source(SourceFailure {
            kind: FailureKind::Unsupported,
            message: "2018 R1 is too old".to_owned(),
            cause: None,
        });
        let told = failed(source, None);
        assert_eq!(told.exit, Exit::Unsupported);
        assert!(told.story(false).contains("2018 R1 is too old"), "{told:?}");
        let journal = RunFailure::Journal(JournalFailure("the disk is full".into()));
        let told = failed(journal, None);
        assert_eq!(told.exit, Exit::Journal);
        assert!(told.story(false).contains("the disk is full"), "{told:?}");
        assert_eq!(failed(RunFailure::Unauthorized(String::new()), None).exit, Exit::NotAuthorized);
        assert_eq!(failed(RunFailure::Internal(String::new()), None).exit, Exit::Internal);
    }

    #[test]
    fn rules_that_do_not_fit_the_system_are_shown_in_their_file() {
        let own = TextFile {
            name: "rules.toml".to_owned(),
            text: "[[rule]]\nname = \"a\"\nwhen = { message = \"Nowhere\" }\npresence = \"Meal\"\n".to_owned(),
        };
        let mapping =
            Mapping { own: Some(own.clone()), options: mapping::Options { precedence: mapping::Precedence::Printed } };
        let definitions = domain::target::SystemPresence::ALL.map(|system| domain::target::Definition {
            id: domain::ids::DefinitionId(uuid::Uuid::from_u128(system as u128)),
            labels: Vec::new(),
            system,
            is_system: true,
            deactivated: false,
        });
        let check = check_names(mapping, Some(Definitions(definitions.to_vec())));
        let told = failed(RunFailure::Rules(check(&mapping::default_catalogue())), Some(&own));
        assert_eq!(told.exit, Exit::Configuration);
        assert!(told.story(false).contains("rules.toml:3:"), "{told:?}");
        assert!(told.story(false).contains("Nowhere"), "{told:?}");
    }
}
