//! What status messages mean by the rules that are in force, asked of the link that has them.

use std::collections::BTreeMap;

use ::mapping::{Finding, Landing, Rules, default_no_answer, lint};
use domain::ids::StatusId;
use domain::source::{Catalogue, StatusMessage};
use replicator::Command;

use super::orders::{Unavailable, ask};
use crate::board::LinkBoard;
use crate::shown::{self, convert};

/// Every status message of the system, what it means, and what is probably not meant.
///
/// # Errors
/// The link does not answer.
pub async fn mapping(link: &LinkBoard) -> Result<shown::Mapping, Unavailable> {
    let rules = ask(link, Command::Rules).await?;
    Ok(mapped(link, &rules))
}

/// What a status message would mean.
///
/// # Errors
/// The link does not answer.
pub async fn try_mapping(link: &LinkBoard, wanted: &shown::TryMapping) -> Result<shown::Tried, Unavailable> {
    let rules = ask(link, Command::Rules).await?;
    Ok(tried(&link.catalogue, &rules, wanted))
}

fn mapped(link: &LinkBoard, rules: &Rules) -> shown::Mapping {
    let mut in_status: BTreeMap<&StatusId, u64> = BTreeMap::new();
    for status in link.agents.iter().filter_map(|agent| agent.status.as_ref()) {
        *in_status.entry(&status.status).or_default() += 1;
    }
    let agents = |id: &StatusId| in_status.get(id).copied().unwrap_or(0);
    let findings = lint(rules, &link.catalogue, &default_no_answer());
    let landings: Vec<Landing> = link.catalogue.iter().map(|message| rules.land(message)).collect();
    let rules = rules.rows().map(|row| {
        let decided = || landings.iter().filter(|landing| landing.mapped.rule == row.name);
        shown::Rule {
            number: row.number as u64,
            name: row.name.to_string(),
            when: row.when.clone(),
            presence: row.presence.clone(),
            routing: row.routing.map(|routing| routing.name().to_owned()),
            from: row.from.clone(),
            statuses: decided().count() as u64,
            agents: decided().map(|landing| agents(&landing.status.id)).sum(),
        }
    });
    let unknown = in_status.iter().filter(|(id, _)| link.catalogue.get(id).is_none());
    shown::Mapping {
        rules: rules.collect(),
        unknown: unknown.map(|(id, &agents)| shown::UnknownStatus { id: id.as_str().to_owned(), agents }).collect(),
        statuses: landings.iter().map(|landing| status(landing, agents(&landing.status.id), &findings)).collect(),
        findings: convert::findings(&findings),
    }
}

fn status(landing: &Landing, agents: u64, findings: &[Finding]) -> shown::MappedStatus {
    let id = &landing.status.id;
    let codes = findings.iter().filter(|finding| finding.statuses().contains(&id)).map(|finding| finding.kind().code());
    let mut codes: Vec<String> = codes.map(str::to_owned).collect();
    codes.dedup();
    shown::MappedStatus {
        message: convert::status_message(&landing.status),
        presence: landing.presence.clone(),
        system_presence: landing.mapped.presence.system.name().to_owned(),
        secondary: landing.mapped.presence.secondary.map(|id| id.to_string()),
        out_of_office: landing.mapped.out_of_office,
        routing: landing.mapped.routing.map(|routing| routing.name().to_owned()),
        rule: landing.mapped.rule.to_string(),
        from: landing.from.clone(),
        by: convert::by(landing.by),
        agents,
        findings: codes,
    }
}

fn tried(catalogue: &Catalogue, rules: &Rules, wanted: &shown::TryMapping) -> shown::Tried {
    let found = wanted.status.as_deref().and_then(|name| find(catalogue, name));
    let message = found.cloned().unwrap_or_else(|| {
        let text = wanted.text.as_ref().or(wanted.status.as_ref()).cloned().unwrap_or_default();
        StatusMessage {
            id: StatusId::new(&text),
            text,
            group: wanted.group.clone().unwrap_or_default(),
            allows_acd: wanted.acd,
            after_call_work: wanted.acw,
            do_not_disturb: wanted.dnd,
        }
    });
    let explained = rules.explain(&message);
    let other = explained.other_precedence.map(|mapped| shown::OtherPrecedence {
        presence: if mapped.out_of_office { "Out of Office".to_owned() } else { mapped.presence.to_string() },
        rule: mapped.rule.to_string(),
    });
    shown::Tried {
        message: convert::status_message(&message),
        known: found.is_some(),
        presence: explained.presence,
        system_presence: explained.mapped.presence.system.name().to_owned(),
        out_of_office: explained.mapped.out_of_office,
        routing: explained.mapped.routing.map(|routing| routing.name().to_owned()),
        rule: explained.mapped.rule.to_string(),
        from: explained.from,
        because: explained.because,
        near_misses: explained.near_misses.into_iter().map(convert::near_miss).collect(),
        other_precedence: other,
    }
}

/// By its id, else by its text.
fn find<'a>(catalogue: &'a Catalogue, name: &str) -> Option<&'a StatusMessage> {
    let by_text = || catalogue.iter().find(|message| message.text.to_lowercase() == name.to_lowercase());
    catalogue.get(&StatusId::new(name)).or_else(by_text)
}
