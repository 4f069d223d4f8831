//! What the OAuth clients may do, permission by permission, and what follows from it: how changes are delivered.

use domain::target::UserState;
use genesys_cloud::survey::{DefaultSource, OurSource, Permission, SourcesFound, Standing, Survey};
use genesys_cloud::{Config, Delivery, DeliveryChoice};
use replicator::options::{ModeChoice, PrimarySource};

use super::code::Code;
use super::finding::{Finding, Trouble, few};
use super::target::unanswered;

/// What decides about whether a missing permission matters.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// How it is delivered; `None` when that could not be found out, or not at all.
    pub delivery: Option<Delivery>,
    /// What is replicated.
    pub mode: ModeChoice,
}

impl Setting {
    /// As the survey and the mode have it.
    pub fn of(survey: &Survey, mode: ModeChoice) -> Self {
        Self { delivery: survey.delivery.as_ref().ok().map(|chosen| chosen.delivery), mode }
    }
}

/// How much a permission matters.
enum Need {
    /// Nothing goes without it.
    Required(&'static str),
    /// Something does not.
    Useful(&'static str),
    /// Everything does.
    Unneeded(&'static str),
}

fn need(permission: Permission, setting: Setting, choice: DeliveryChoice) -> Need {
    let is_direct = setting.delivery == Some(Delivery::Direct);
    // Without any way to deliver, what was asked for is what is missing.
    let may_be_direct = is_direct || (setting.delivery.is_none() && choice != DeliveryChoice::Events);
    let does_without = "direct delivery does without a presence source of the bridge's own";
    match permission {
        Permission::PresenceInject if is_direct => {
            Need::Unneeded("direct delivery does without; with it, every change would keep its own time")
        }
        Permission::PresenceInject => Need::Required("delivering presences as events"),
        Permission::RoutingInject if setting.mode == ModeChoice::StatusOnly => {
            Need::Unneeded("no routing status is replicated in this mode")
        }
        Permission::RoutingInject if is_direct => {
            Need::Unneeded("direct delivery does without; events would carry the routing status, too")
        }
        Permission::RoutingInject => Need::Useful("delivering the routing status, which is not replicated without it"),
        Permission::PresenceEdit if may_be_direct => Need::Required("setting presences in direct delivery"),
        Permission::PresenceEdit => Need::Unneeded("event delivery does without"),
        Permission::DefinitionView => {
            Need::Useful("reading presence definitions; a deprecated list is read without it")
        }
        Permission::SourceView if is_direct => Need::Unneeded(does_without),
        Permission::SourceView => Need::Required("finding the presence source of the bridge"),
        Permission::SourceAdd if is_direct => Need::Unneeded(does_without),
        Permission::SourceAdd => Need::Required("creating the presence source of the bridge, once"),
        Permission::PrimarySourceView => Need::Unneeded("the bridge claims users without it"),
        Permission::PrimarySourceEdit if is_direct => Need::Unneeded(does_without),
        Permission::PrimarySourceEdit => {
            Need::Useful("making the bridge's presence source the agents' primary one; without it theirs may not show")
        }
        Permission::SettingsView if is_direct => Need::Unneeded(does_without),
        Permission::SettingsView => Need::Useful(
            "making the bridge's source the whole organisation's; agents are claimed one by one without it",
        ),
    }
}

/// One line for each permission.
pub fn permissions(config: &Config, survey: &Survey, setting: Setting) -> Vec<Finding> {
    let asked: Vec<_> = survey.clients.iter().filter(|client| client.organisation.is_ok()).collect();
    let each = Permission::ALL.into_iter().filter_map(|permission| {
        let standings: Vec<(&str, &Standing)> = asked
            .iter()
            .flat_map(|client| {
                client.permissions.iter().map(|(known, standing)| (client.id.as_str(), *known, standing))
            })
            .filter(|(_, known, _)| *known == permission)
            .map(|(id, _, standing)| (id, standing))
            .collect();
        let (id, worst) = standings.iter().max_by_key(|(_, standing)| badness(standing))?;
        let of = if asked.len() > 1 { format!(" of the OAuth client {id}") } else { String::new() };
        Some(one(permission, worst, &of, need(permission, setting, config.delivery)))
    });
    each.collect()
}

fn badness(standing: &Standing) -> u8 {
    match standing {
        Standing::Granted => 0,
        Standing::Unknown { .. } => 1,
        Standing::Missing { .. } => 2,
    }
}

fn one(permission: Permission, standing: &Standing, of: &str, need: Need) -> Finding {
    let name = permission.name();
    let (Need::Required(what) | Need::Useful(what) | Need::Unneeded(what)) = &need;
    let found = match (standing, &need) {
        (Standing::Granted, _) => Finding::ok(Code::TargetPermission, format!("{name} is there.")),
        (Standing::Missing { .. }, Need::Unneeded(_)) => {
            let fact = format!("{name}{of} is missing and not needed: {what}.");
            Finding::note(Code::TargetPermissionUnneeded, fact, "Nothing has to be done.")
        }
        (Standing::Missing { .. }, Need::Useful(_)) => {
            let fact = format!("{name}{of} is missing. It is for {what}.");
            Finding::warning(Code::TargetPermissionMissing, fact, "Add it to a role of the OAuth client.")
        }
        (Standing::Missing { .. }, Need::Required(_)) => {
            let fact = format!("{name}{of} is missing. It is for {what}.");
            let advice = "Add it to a role of the OAuth client.";
            Finding::problem(Code::TargetPermissionMissing, Trouble::NotAuthorized, fact, advice)
        }
        (Standing::Unknown { why }, _) => {
            let fact = format!("Whether {name}{of} is there could not be found out: {why}.");
            let advice = format!("Check in Genesys Cloud that a role of the OAuth client has it; it is for {what}.");
            Finding::note(Code::TargetPermissionUnknown, fact, advice)
        }
    };
    found.with("permission", name)
}

/// How changes are delivered, and what that way cannot tell.
pub fn delivery(config: &Config, survey: &Survey, mode: ModeChoice) -> Finding {
    let chosen = match &survey.delivery {
        Ok(chosen) => chosen,
        Err(why) => {
            let fact = match config.delivery {
                DeliveryChoice::Auto => {
                    "There is no way to deliver anything: neither events nor direct delivery is allowed."
                }
                DeliveryChoice::Events => "Nothing can be delivered: events are configured, and not allowed.",
                DeliveryChoice::Direct => "Nothing can be delivered: direct delivery is configured, and not allowed.",
            };
            let advice = "Give the OAuth client presence:userPresence:inject (event delivery, for hybrid organisations), or \
                          presence:userPresence:edit (direct delivery, for any).";
            let problem = Finding::problem(Code::TargetDeliveryImpossible, Trouble::NotAuthorized, fact, advice);
            return problem.with("reason", why.as_str());
        }
    };
    let by = match (config.delivery, chosen.delivery) {
        (DeliveryChoice::Events | DeliveryChoice::Direct, _) => "as configured",
        (DeliveryChoice::Auto, Delivery::Events) => "because that is allowed",
        (DeliveryChoice::Auto, Delivery::Direct) => "because events are not allowed",
    };
    let found = match (chosen.delivery, mode) {
        (Delivery::Events, _) => {
            let fact = format!("Changes are delivered as events, {by}: every one with its own time.");
            Finding::ok(Code::TargetDeliveryEvents, fact)
        }
        (Delivery::Direct, ModeChoice::StatusOnly) => {
            let fact =
                format!("Changes are delivered directly, {by}: the newest for each agent, with the time of delivery.");
            Finding::note(Code::TargetDeliveryDirect, fact, "Nothing has to be done.")
        }
        (Delivery::Direct, ModeChoice::Auto | ModeChoice::WorkforceEngagement) => {
            let fact = format!(
                "Changes are delivered directly, {by}: the newest for each agent, with the time of delivery. INTERACTING, \
                 COMMUNICATING and NOT_RESPONDING cannot be told that way."
            );
            let advice = "If your organisation is a hybrid one, ask Genesys for the inject permissions. Otherwise nothing has \
                          to be done; the bridge counts what it cannot tell.";
            Finding::note(Code::TargetDeliveryDirect, fact, advice)
        }
    };
    let delivery = match chosen.delivery {
        Delivery::Events => "events",
        Delivery::Direct => "direct",
    };
    found.with("delivery", delivery).with("reason", chosen.reason.as_str())
}

/// Our presence source among those of the organisation.
pub fn source(config: &Config, survey: &Survey, setting: Setting) -> Vec<Finding> {
    if setting.delivery == Some(Delivery::Direct) {
        return Vec::new();
    }
    let SourcesFound { ours, others } = match &survey.sources {
        Ok(found) => found,
        Err(why) => return unanswered("the presence source", why),
    };
    let name = &config.source_name;
    let found = match ours {
        OurSource::Found(id) => Finding::ok(Code::TargetSource, format!("The presence source \"{name}\" is there."))
            .with("id", id.to_string()),
        OurSource::Several(ids) => {
            let fact = format!("There are {} presence sources named \"{name}\"; the first is used.", ids.len());
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            Finding::warning(Code::TargetSourceSeveral, fact, "Deactivate the others.").with("ids", ids)
        }
        OurSource::Absent => Finding::ok(
            Code::TargetSourceNew,
            format!("The presence source \"{name}\" will be created at the first start."),
        ),
        OurSource::NotOurs { kind } => {
            let fact = format!("\"{name}\" is a presence source of type {kind}, which is not the bridge's to use.");
            let advice = "Choose another source_name in [genesys_cloud].";
            Finding::problem(Code::TargetSourceTaken, Trouble::Configuration, fact, advice)
        }
    };
    let mut findings = vec![found.with("name", name.as_str())];
    if !others.is_empty() {
        let fact = format!("The organisation has other presence sources: {}.", few(others));
        let advice = match ours {
            OurSource::Absent => {
                "There may be no room for another. If one of them is the bridge's, set source_name to it; deactivate those \
                 that are not needed."
            }
            OurSource::Found(_) | OurSource::Several(_) | OurSource::NotOurs { .. } => {
                "Users who have one of them as their primary source show its presence until the bridge claims them."
            }
        };
        findings.push(Finding::warning(Code::TargetSourceOthers, fact, advice).with("names", others.clone()));
    }
    findings
}

/// Whose primary source the bridge's becomes, once it runs. Nothing is claimed here.
pub fn primary(choice: PrimarySource, survey: &Survey, setting: Setting, matched: Option<usize>) -> Vec<Finding> {
    if setting.delivery == Some(Delivery::Direct) {
        return platform_is_primary(survey).into_iter().collect();
    }
    let default = match &survey.default_source {
        Ok(default) => default,
        Err(why) => return unanswered("the primary presence source", why),
    };
    let active = survey
        .users
        .as_ref()
        .ok()
        .map(|found| found.users.iter().filter(|user| user.state == UserState::Active).count());
    let everybody = match (choice, matched, active) {
        (PrimarySource::OrganisationDefault, ..) => Some(true),
        (PrimarySource::PerUser, ..) => Some(false),
        (PrimarySource::Auto, Some(matched), Some(active)) => Some(matched > 0 && matched >= active),
        (PrimarySource::Auto, ..) => None,
    };
    let found = match (default, everybody) {
        (DefaultSource::Ours, _) => {
            Finding::ok(Code::TargetPrimarySource, "The bridge's source is the organisation's primary one already.")
        }
        (DefaultSource::Other(id), Some(true)) => {
            let fact = format!(
                "Another presence source is the organisation's primary one ({id}); the bridge will replace it."
            );
            let advice = "Make sure that nobody needs it, or set primary_source = \"per-user\" in [genesys_cloud].";
            Finding::warning(Code::TargetPrimarySourceOther, fact, advice)
        }
        (DefaultSource::Other(id), _) => {
            let fact = format!(
                "Another presence source is the organisation's primary one ({id}); the bridge claims its agents."
            );
            let advice = "Make sure that nobody fights for the same users.";
            Finding::warning(Code::TargetPrimarySourceOther, fact, advice)
        }
        (DefaultSource::Platform, Some(true)) => {
            let fact = "The bridge's source becomes the primary one of the whole organisation, in one request.";
            Finding::ok(Code::TargetPrimarySource, fact)
        }
        (DefaultSource::Platform, Some(false)) => {
            let many = matched.map(|matched| format!(" ({matched} requests, once)")).unwrap_or_default();
            let fact = format!("The bridge's source becomes the primary one of the agents alone{many}.");
            Finding::ok(Code::TargetPrimarySource, fact)
        }
        (DefaultSource::Platform, None) => {
            let fact = "The bridge's source becomes the primary one: of everybody if all active users are agents, else of \
                        the agents.";
            Finding::ok(Code::TargetPrimarySource, fact)
        }
    };
    vec![found]
}

/// Direct delivery writes to the platform's own source, which users can write to as well.
fn platform_is_primary(survey: &Survey) -> Option<Finding> {
    match survey.default_source.as_ref().ok()? {
        DefaultSource::Platform => {
            let fact = "Genesys Cloud's own presence source is the primary one, and the bridge writes to it.";
            Some(Finding::ok(Code::TargetPrimarySource, fact))
        }
        DefaultSource::Ours | DefaultSource::Other(_) => {
            let fact =
                "A registered presence source is the organisation's primary one; direct delivery writes to another.";
            let advice = "The bridge makes Genesys Cloud's own source the agents' primary one, one by one. If the other is no \
                          longer needed, deactivate it.";
            Some(Finding::warning(Code::TargetPrimarySourceOther, fact, advice))
        }
    }
}
