//! The sections that decide about the replication: what is replicated, by which rules, for whom, and what is logged.
//! Every key with its meaning and its default.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ids::WorkgroupId;
use domain::source::Scope;
use mapping::Precedence;
use replicator::options::{
    GuardOptions, LoggedOut, Matching, ModeChoice, NotRespondingPresence, OutOfOfficeChoice, WrapUp,
};
use routing::AfterCallWork;
use tracing_subscriber::filter::Targets;

use super::matching::matching;
use super::place::Place;
use super::reader::{Reader, Section};
use super::value::{TextFile, Value, bad_value, choice, wrong_type};
use crate::problem::Problem;
use crate::{logging, rules};

choice!(ModeChoice {
    "auto" => Auto,
    "workforce-engagement" => WorkforceEngagement,
    "status-only" => StatusOnly,
});
choice!(OutOfOfficeChoice { "auto" => Auto, "always" => Always, "never" => Never });
choice!(LoggedOut { "offline" => Offline, "map-status" => MapStatus });
choice!(NotRespondingPresence { "table" => Table, "on-queue" => OnQueue });
choice!(AfterCallWork { "interacting" => Interacting, "idle" => Idle });
choice!(Precedence { "printed" => Printed, "message-first" => MessageFirst });
choice!(logging::Format { "text" => Text, "json" => Json });

/// What `[replication]` holds.
#[derive(Debug)]
pub struct Replication {
    /// Which facets are replicated.
    pub mode: ModeChoice,
    /// When out of office is set.
    pub out_of_office: OutOfOfficeChoice,
    /// What an agent without a client is.
    pub logged_out: LoggedOut,
    /// How long a logout is held back during a reconnect.
    pub logout_grace: Duration,
    /// The presence of an agent who did not answer.
    pub not_responding_presence: NotRespondingPresence,
    /// The routing status in after call work.
    pub after_call_work: AfterCallWork,
    /// How long a change may wait before the feed counts as late.
    pub late_after: Duration,
    /// How long after call work lasts at most.
    pub wrap_up: WrapUp,
    /// How often both sides are compared.
    pub read_back: Duration,
    /// How long the start may take.
    pub start_patience: Duration,
}

/// What `[users]` holds.
pub struct Users {
    /// Which agents.
    pub scope: Scope,
    /// How their users are found.
    pub matching: Matching,
    /// How often the organisation's users are read.
    pub refresh: Duration,
}

/// What `[mapping]` holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The operator's own rules.
    pub own: Option<TextFile>,
    /// How they are compiled.
    pub options: mapping::Options,
}

/// Reads `[replication]`.
pub fn replication(reader: &mut Reader<'_, '_>) -> Option<Replication> {
    let mut s =
        reader.section("replication", "What is replicated, and how the cases are decided that the vendor leaves open.");
    let mode = s.default(
        "mode",
        "\"auto\"",
        "\"workforce-engagement\" (presence, out of office, routing status), \"status-only\" (presence), or \"auto\": as\nPureConnect's feature licence I3_FEATURE_CLOUD_WEM_WORKFORCE_PLANNING says.",
    );
    let out_of_office = s.default(
        "out_of_office",
        "\"auto\"",
        "When out of office is set: \"auto\" (in the mode workforce-engagement), \"always\" or \"never\".",
    );
    let logged_out = s.default(
        "logged_out",
        "\"offline\"",
        "An agent without any PureConnect client is \"offline\", or as the status says: \"map-status\".",
    );
    let logout_grace = s.default(
        "logout_grace",
        "\"150s\"",
        "How long a logout counts for nothing that is seen while PureConnect reconnects or switches over.",
    );
    let not_responding_presence = s.default(
        "not_responding_presence",
        "\"table\"",
        "The presence of an agent who did not answer: by the mapping (\"table\"), or \"on-queue\".",
    );
    let after_call_work = s.default(
        "after_call_work",
        "\"interacting\"",
        "The routing status in after call work: \"interacting\" or \"idle\".",
    );
    let late_after = s.default(
        "late_after",
        "\"15s\"",
        "How long a change may wait before the feed counts as late in the journal and in reports.",
    );
    let wrap_up = wrap_up(&mut s);
    let read_back = s.default("read_back", "\"10m\"", "How often what Genesys Cloud shows is compared, and repaired.");
    let start_patience =
        s.default("start_patience", "\"15s\"", "How long either side may be out of reach when starting.");
    Some(Replication {
        mode: mode?,
        out_of_office: out_of_office?,
        logged_out: logged_out?,
        logout_grace: logout_grace?,
        not_responding_presence: not_responding_presence?,
        after_call_work: after_call_work?,
        late_after: late_after?,
        wrap_up: wrap_up?,
        read_back: read_back?,
        start_patience: start_patience?,
    })
}

fn wrap_up(s: &mut Section<'_, '_, '_>) -> Option<WrapUp> {
    let default = s.default(
        "wrap_up",
        "\"10m\"",
        "How long after call work lasts at most. An agent whom a switchover left in it for longer is shown as stuck.",
    );
    let workgroups: Option<BTreeMap<WorkgroupId, Duration>> = s.optional(
        "wrap_up_times",
        "{ Sales = \"90s\", \"Customer Service\" = \"3m\" }",
        "The same for single PureConnect workgroups: ICWS does not tell their wrap-up times.",
    );
    Some(WrapUp { default: default?, workgroups: workgroups.unwrap_or_default() })
}

/// Reads `[mapping]`.
pub fn mapping(reader: &mut Reader<'_, '_>) -> Option<Mapping> {
    let mut s = reader
        .section("mapping", "Which presence a status means. `presence-bridge mapping show` prints the vendor's table.");
    let own: Option<TextFile> = s.optional("file", "\"rules.toml\"", "Your own rules, which come before the vendor's.");
    for problem in own.iter().flat_map(rules::problems_of) {
        s.problem("file", problem);
    }
    let precedence = s.default(
        "precedence",
        "\"printed\"",
        "\"printed\": the vendor's rows as printed; \"message-first\": a row that names the message beats one that names\nthe group, so that \"At Lunch\" in the group Break is a meal.",
    );
    Some(Mapping { own, options: mapping::Options { precedence: precedence? } })
}

/// Reads `[users]`.
pub fn users(reader: &mut Reader<'_, '_>) -> Option<Users> {
    let mut s =
        reader.section("users", "Whose presence is replicated, and how their users in Genesys Cloud are found.");
    let workgroups = s.optional(
        "workgroups",
        "[\"Sales\", \"Service\"]",
        "Only members of these PureConnect workgroups; without it, every user.",
    );
    let exclude = s.optional("exclude", "[\"administrator\"]", "Never these PureConnect users.");
    let table = matching(&mut s);
    // A reading takes a while, too: what changes between two of them is followed within a minute.
    let refresh = s.default("refresh", "\"30s\"", "How often the organisation's users are read again.");
    Some(Users {
        scope: Scope { workgroups, exclude: exclude.unwrap_or_default() },
        // Whether external ids are asked for is decided by [genesys_cloud].
        matching: Matching { table, external_ids: false },
        refresh: refresh?,
    })
}

/// Reads `[guard]`.
pub fn guard(reader: &mut Reader<'_, '_>) -> Option<GuardOptions> {
    let mut s = reader.section("guard", "Delivery freezes when suspiciously many agents go Offline at once.");
    let offline_share = s.default("offline_share", "0.2", "The share of all agents that may.");
    let offline_least: Option<u32> = s.default("offline_least", "10", "Fewer agents than this never freeze anything.");
    let window = s.default("window", "\"10s\"", "What at once means.");
    Some(GuardOptions {
        offline_share: offline_share?,
        offline_least: usize::try_from(offline_least?).ok()?,
        window: window?,
    })
}

/// Reads `[log]`.
pub fn log(reader: &mut Reader<'_, '_>) -> Option<logging::Options> {
    let mut s = reader.section("log", "What is written to standard error.");
    let level = s.default(
        "level",
        "\"info\"",
        "error, warn, info, debug or trace; for single parts: \"info,pureconnect=debug\".",
    );
    let format = s.default("format", "\"text\"", "\"text\" for people or \"json\", an object a line.");
    Some(logging::Options { level: level?, format: format? })
}

/// How long something lasts in each workgroup.
impl Value for BTreeMap<WorkgroupId, Duration> {
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "object", "additionalProperties": Duration::schema() })
    }

    fn read(node: &toml::Spanned<toml::de::DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let Some(entries) = node.get_ref().as_table() else {
            return Err(wrong_type("a table such as { Sales = \"90s\" }", node));
        };
        let mut times = Self::new();
        let mut problems = Vec::new();
        for (workgroup, time) in entries {
            match Duration::read(time, place) {
                Err(wrong) => problems.extend(wrong.into_iter().map(|problem| problem.or_at(time.span()))),
                Ok(duration) if times.insert(WorkgroupId::new(workgroup.get_ref()), duration).is_none() => {}
                Ok(_) => {
                    let problem = Problem::new(format!("the workgroup \"{}\" is there twice", workgroup.get_ref()));
                    let help = "PureConnect's workgroups have no upper and lower case";
                    problems.push(problem.at(workgroup.span()).help(help));
                }
            }
        }
        if problems.is_empty() { Ok(times) } else { Err(problems) }
    }
}

impl Value for Targets {
    fn schema() -> serde_json::Value {
        String::schema()
    }

    fn read(node: &toml::Spanned<toml::de::DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
        let text = String::read(node, place)?;
        // A bare word that is no level would be taken for a part of the program and silence all others.
        let levels = text.split(',').map(|part| part.rsplit('=').next().unwrap_or(part).trim().to_lowercase());
        let unknown = levels.into_iter().find(|level| !LEVELS.contains(&level.as_str()));
        match (unknown, text.parse()) {
            (None, Ok(targets)) => Ok(targets),
            (Some(level), _) => Err(bad_value(format!("unknown level \"{level}\""), node)),
            (None, Err(_)) => Err(bad_value("expected a level, or parts with levels", node)),
        }
    }
}
