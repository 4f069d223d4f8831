//! The command `check`: looks at everything that has to be right before the bridge runs, and says what to do about what is
//! not. It changes nothing.
//!
//! Gathers facts from the configuration, both sides and this computer, and puts them in order. What a fact means is in the
//! modules below, each of which knows one part of the page; how the page looks is in `page` and `json`.

mod code;
mod finding;
mod forecast;
mod json;
mod load;
mod mapping;
mod page;
mod permissions;
mod place;
mod progress;
mod session;
mod source;
mod target;
#[cfg(test)]
mod tests;
mod users;

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::Duration;

use domain::source::Catalogue;
use domain::target::Definitions;
use genesys_cloud::survey as cloud;
use jiff::Timestamp;
use pureconnect::survey as icws;
use replicator::ports::Clock;

use self::code::Code;
use self::finding::{Finding, Page, Part, Section, Trouble};
use self::forecast::Outlook;
use self::page::Paper;
use self::permissions::Setting;
use self::place::Listener;
use self::progress::{Bars, shown};
use crate::clock::SystemClock;
use crate::config::{self, Config, LeftOut, Link};
use crate::exit::{Exit, Failed};
use crate::{arguments, logging};

/// How long either side may be asked, whatever it is that takes so long: a big organisation is read in less.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// What was found, to be printed, and how the program ends.
pub async fn check(arguments: &arguments::Check) -> Result<(String, Exit), Failed> {
    let file = arguments.config.display().to_string();
    let pages = match config::load(&arguments.config) {
        Ok(loaded) => {
            let config::Loaded { config, left_out, warnings } = loaded;
            let chosen = Chosen::of(&config, left_out, arguments.link.as_deref())?;
            pages(&file, &config, chosen, &warnings).await
        }
        Err(failed) => vec![unusable(&file, &failed)],
    };
    let exit = finding::exit(&pages);
    let told =
        if arguments.json { json::render(&file, &pages, exit) } else { page::render(&file, &pages, exit, paper()) };
    Ok((told, exit))
}

/// Standard output, as wide as it is where it is a terminal.
fn paper() -> Paper {
    let stdout = io::stdout();
    let width = rustix::termios::tcgetwinsize(&stdout).ok().map(|size| usize::from(size.ws_col));
    let width = width.filter(|columns| *columns > 0).unwrap_or(page::WIDTH);
    Paper { colours: logging::colours(stdout.is_terminal()), width }
}

/// The links to look at.
struct Chosen<'a> {
    links: Vec<&'a Link>,
    left_out: Vec<LeftOut>,
}

impl<'a> Chosen<'a> {
    /// All of them, or the one of this name, which may be one that cannot run.
    fn of(config: &'a Config, left_out: Vec<LeftOut>, name: Option<&str>) -> Result<Self, Failed> {
        let Some(name) = name else {
            return Ok(Self { links: config.links.iter().collect(), left_out });
        };
        let left_out: Vec<LeftOut> = left_out.into_iter().filter(|left| left.name == name).collect();
        let links = if left_out.is_empty() { vec![config.link(Some(name))?] } else { Vec::new() };
        Ok(Self { links, left_out })
    }
}

async fn pages(file: &str, config: &Config, chosen: Chosen<'_>, warnings: &[String]) -> Vec<Page> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let bars = Bars::new();
    let (control, listener) = place::control(&config.control);
    let mut pages = vec![one_part(None, Section::Configuration, about_file(file, config, &chosen, warnings))];
    for link in &chosen.links {
        pages.push(of_link(link, listener, &clock, &bars).await);
    }
    pages.extend(chosen.left_out.into_iter().map(|LeftOut { name, problems }| {
        let finding = left_out(&name, &Failed::diagnosed(Exit::Configuration, problems));
        one_part(Some(name), Section::Configuration, vec![finding])
    }));
    pages.push(one_part(None, Section::Control, vec![control]));
    pages.push(one_part(None, Section::Console, vec![place::console(config.console.as_ref(), listener)]));
    pages
}

fn one_part(link: Option<String>, section: Section, findings: Vec<Finding>) -> Page {
    Page { link, parts: vec![Part { section, findings }] }
}

/// The page of a file that nothing can be learnt from.
fn unusable(file: &str, failed: &Failed) -> Page {
    let fact = format!("The configuration {file} cannot be used.");
    let advice = "Correct it; `presence-bridge config example` prints one with every key.";
    let rest = Finding::not_checked("everything else", "the configuration cannot be used");
    one_part(None, Section::Configuration, vec![invalid(fact, advice, failed), rest])
}

fn about_file(file: &str, config: &Config, chosen: &Chosen<'_>, warnings: &[String]) -> Vec<Finding> {
    let names: Vec<&str> = config.links.iter().map(|link| link.name.as_str()).collect();
    let links = match names.as_slice() {
        [one] => format!("one link, \"{one}\""),
        several => format!("{} links: {}", several.len(), several.join(", ")),
    };
    let only = match (chosen.links.len() + chosen.left_out.len(), names.len()) {
        (1, 2..) => ", of which one is looked at",
        _ => "",
    };
    let read = Finding::ok(Code::ConfigurationRead, format!("{file} is understood: {links}{only}."));
    let mut findings = vec![read.with("links", names)];
    findings.extend(warnings.iter().map(|warning| {
        let fact = format!("{}.", finding::capital(warning.trim_end_matches('.')));
        Finding::warning(Code::ConfigurationWarning, fact, "Change the file, or what it names, accordingly.")
    }));
    findings
}

/// A link that cannot run, while the others can.
fn left_out(name: &str, failed: &Failed) -> Finding {
    let fact = format!("The link {name} cannot run, because its part of the configuration is wrong.");
    invalid(fact, "Correct it; the other links run without it.", failed)
}

/// Something is wrong with the file, with the places in it.
fn invalid(fact: String, advice: &str, failed: &Failed) -> Finding {
    let finding = Finding::problem(Code::ConfigurationInvalid, Trouble::Configuration, fact, advice);
    let story = failed.story(false);
    // The word above each of several is no news here.
    let lines = story.lines().filter(|line| !matches!(line.trim(), "" | "Error:"));
    lines.fold(finding, Finding::line)
}

/// What the two sides told.
struct Told {
    source: Result<icws::Survey, &'static str>,
    target: Result<cloud::Survey, &'static str>,
}

async fn of_link(link: &Link, listener: Listener, clock: &Arc<dyn Clock>, bars: &Bars) -> Page {
    let asking = |what: &str| format!("{what} of the link {} is asked", link.name);
    let (source, target) = (asking("PureConnect"), asking("Genesys Cloud"));
    let source = shown(bars, &source, async {
        let asked = icws::survey(&link.pureconnect, Arc::clone(clock), &link.scope);
        tokio::time::timeout(LONGEST, asked).await.map_err(|_| "PureConnect took longer than 10 minutes")
    });
    let target = shown(bars, &target, async {
        let asked = cloud::survey(link.genesys_cloud.clone(), Arc::clone(clock));
        tokio::time::timeout(LONGEST, asked).await.map_err(|_| "Genesys Cloud took longer than 10 minutes")
    });
    let (source, target) = tokio::join!(source, target);
    let now = clock.now().utc;
    let journal = place::journal(&link.journal, listener, now).await;
    let mut parts = sides(link, &Told { source, target }, now);
    parts.push(Part { section: Section::Journal, findings: journal });
    Page { link: Some(link.name.clone()), parts }
}

/// Everything that follows from what the two sides told.
fn sides(link: &Link, told: &Told, now: Timestamp) -> Vec<Part> {
    let inside = told.source.as_ref().ok().and_then(|survey| survey.inside.as_ref());
    let closed = told.source.as_ref().map_or_else(|why| *why, source::closed);
    let mode = session::mode(link.options.mode, inside.and_then(|inside| inside.workforce_engagement));
    let catalogue = inside.and_then(|inside| inside.catalogue.as_ref()).filter(|catalogue| !catalogue.is_empty());
    let definitions = told.target.as_ref().ok().and_then(|survey| survey.definitions.as_ref().ok());
    let definitions = definitions.map(|found| &found.definitions);

    let who = who(link, told, closed);
    let what = rules(link, inside, catalogue, definitions);
    let target = match &told.target {
        Err(why) => vec![Finding::problem(Code::TargetIncomplete, Trouble::Unreachable, format!("{why}."), AGAIN)],
        Ok(survey) => organisation(link, survey, Setting::of(survey, mode), &who),
    };
    let load = load(link, told, inside, &who, what.rules.as_ref());
    vec![
        Part { section: Section::PureConnect, findings: pureconnect(link, told, now, closed) },
        Part { section: Section::GenesysCloud, findings: target },
        Part { section: Section::Users, findings: who.findings },
        Part { section: Section::Mapping, findings: what.findings },
        Part { section: Section::Load, findings: load },
    ]
}

/// What to do about something that took too long.
const AGAIN: &str = "Try again when less is going on; if it stays so, look at what is in between.";

fn pureconnect(link: &Link, told: &Told, now: Timestamp, closed: &str) -> Vec<Finding> {
    let survey = match &told.source {
        Ok(survey) => survey,
        Err(why) => {
            return vec![Finding::problem(Code::SourceIncomplete, Trouble::Unreachable, format!("{why}."), AGAIN)];
        }
    };
    let mut findings = source::hosts(&link.pureconnect, survey, now);
    match &survey.inside {
        Some(inside) => findings.extend(session::inside(inside, link.options.mode)),
        None => findings.push(Finding::not_checked("licences, rights, clock and status messages", closed)),
    }
    findings
}

fn organisation(link: &Link, survey: &cloud::Survey, setting: Setting, who: &Who) -> Vec<Finding> {
    let config = &link.genesys_cloud;
    let mut findings = vec![target::address(config)];
    findings.extend(target::clients(config, survey));
    if let Some(why) = target::closed(survey) {
        let rest = "permissions, presences, presence sources and the way of delivery";
        findings.push(Finding::not_checked(rest, why));
        return findings;
    }
    findings.extend(permissions::permissions(config, survey, setting));
    findings.extend(target::definitions(&survey.definitions));
    findings.extend(permissions::source(config, survey, setting));
    findings.extend(permissions::primary(link.options.primary_source, survey, setting, who.matched));
    findings.push(permissions::delivery(config, survey, setting.mode));
    findings
}

/// Who is who.
struct Who {
    findings: Vec<Finding>,
    /// Agents in scope, when they are known.
    in_scope: Option<usize>,
    /// Agents with a user, when both sides are known.
    matched: Option<usize>,
}

fn who(link: &Link, told: &Told, closed: &str) -> Who {
    let unknown = |what: &str, why: &str| Finding::not_checked(what, why);
    let inside = told.source.as_ref().ok().and_then(|survey| survey.inside.as_ref());
    let Some(inside) = inside else {
        return Who { findings: vec![unknown("the agents and their users", closed)], in_scope: None, matched: None };
    };
    let may_see_users = !matches!(inside.standing(icws::Right::Users), Some(icws::Standing::Missing { .. }));
    if inside.users.is_none() || !may_see_users {
        let findings = vec![unknown("the agents and their users", "the service user may not see users")];
        return Who { findings, in_scope: None, matched: None };
    }
    let mut findings = users::scope(&link.scope, &inside.agents, &inside.unknown_workgroups);
    let in_scope = Some(inside.agents.len());
    let organisation = match &told.target {
        Err(why) => Err(*why),
        Ok(survey) => {
            let why = target::closed(survey).unwrap_or("the users of Genesys Cloud could not be read");
            survey.users.as_ref().map_err(|_| why)
        }
    };
    match organisation {
        _ if inside.agents.is_empty() => Who { findings, in_scope, matched: None },
        Err(why) => {
            findings.push(unknown("the agents' users", why));
            Who { findings, in_scope, matched: None }
        }
        Ok(found) => {
            let users = users::matched(&link.options.matching, &inside.agents, &found.users);
            findings.extend(users.findings);
            Who { findings, in_scope, matched: Some(users.matched.len()) }
        }
    }
}

/// What statuses mean.
struct What {
    findings: Vec<Finding>,
    rules: Option<::mapping::Rules>,
}

fn rules(
    link: &Link,
    inside: Option<&icws::Inside>,
    catalogue: Option<&Catalogue>,
    definitions: Option<&Definitions>,
) -> What {
    let (mut findings, rules) = mapping::compiled(&link.mapping, catalogue, definitions);
    let workgroups = inside.and_then(|inside| inside.workgroups.as_deref()).unwrap_or_default();
    match (&rules, catalogue) {
        (Some(rules), Some(catalogue)) => findings.extend(mapping::lint(rules, catalogue, workgroups)),
        (None, _) => findings.push(Finding::not_checked("what is odd about the mapping", "the rules cannot be used")),
        (Some(_), None) => {
            let why = "the status messages could not be read";
            findings.push(Finding::not_checked("what is odd about the mapping", why));
        }
    }
    What { findings, rules }
}

fn load(
    link: &Link,
    told: &Told,
    inside: Option<&icws::Inside>,
    who: &Who,
    rules: Option<&::mapping::Rules>,
) -> Vec<Finding> {
    let not_checked = |why: &str| vec![Finding::not_checked("how long a shift change takes", why)];
    let survey = match &told.target {
        Ok(survey) => survey,
        Err(why) => return not_checked(why),
    };
    let Ok(chosen) = &survey.delivery else {
        return not_checked(target::closed(survey).unwrap_or("nothing can be delivered"));
    };
    let Some(agents) = who.matched.or(who.in_scope).filter(|agents| *agents > 0) else {
        return not_checked("it is not known how many agents there are");
    };
    let mode = session::mode(link.options.mode, inside.and_then(|inside| inside.workforce_engagement));
    let on_queue = inside
        .zip(rules)
        .and_then(|(inside, rules)| forecast::on_queue_now(rules, inside.catalogue.as_ref()?, &inside.statuses));
    let outlook = Outlook { options: &link.options, mode, agents, on_queue, delivery: chosen.delivery };
    forecast::forecast(&outlook, survey)
}
