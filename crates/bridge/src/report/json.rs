//! The report for programs. Keys are only ever added. Times are UTC; days are those of the zone.

use domain::change::Facet;
use domain::trust::Gap;
use serde_json::{Map, Value, json};

use super::summary::{Day, Delays, GapSum, Part, Summary};
use super::wrong::{Worst, Wrong};
use crate::period::Period;
use crate::when;

/// The whole report.
pub fn summary(summary: &Summary) -> Value {
    let mut told = part(&summary.whole);
    told.insert("link".to_owned(), json!(summary.link));
    told.insert("time_zone".to_owned(), json!("UTC"));
    told.insert("days_in".to_owned(), json!(when::zone_name(&summary.zone, summary.whole.period.to)));
    told.insert("gaps".to_owned(), summary.gaps.iter().map(|one| gap(one, summary.whole.period)).collect());
    told.insert("worst_agents".to_owned(), summary.worst.iter().map(worst).collect());
    told.insert("days".to_owned(), summary.days.iter().map(day).collect());
    Value::Object(told)
}

fn day(day: &Day) -> Value {
    let mut told = part(&day.part);
    told.insert("date".to_owned(), json!(day.date.to_string()));
    Value::Object(told)
}

fn part(part: &Part) -> Map<String, Value> {
    let told = json!({
        "from": part.period.from.to_string(),
        "to": part.period.to.to_string(),
        "trusted_share": part.period.share(part.trusted),
        "trusted_seconds": part.trusted.as_secs_f64(),
        "gaps_by_kind": part.gaps.iter().map(|(kind, sum)| (kind.name().to_owned(), gap_sum(sum))).collect::<Map<_, _>>(),
        "changes": part.changes,
        "delivered": part.delivered,
        "pending": part.pending,
        "dropped": part.dropped.values().sum::<u64>(),
        "dropped_by_reason": part.dropped,
        "not_supported": part.not_supported.values().sum::<u64>(),
        "not_supported_by_value": part.not_supported,
        "failed_attempts": part.failed_attempts.values().sum::<u64>(),
        "failed_attempts_by_outcome": part.failed_attempts,
        "repaired": part.repaired,
        "delay_ms": part.since_seen.map(delays),
        "delay_since_happened_ms": part.since_happened.map(delays),
        "wrong": wrong(&part.wrong),
    });
    match told {
        Value::Object(told) => told,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

fn delays(Delays { p50, p95, p99, max }: Delays) -> Value {
    let [p50, p95, p99, max] = [p50, p95, p99, max].map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
    json!({ "p50": p50, "p95": p95, "p99": p99, "max": max })
}

fn wrong(wrong: &Wrong) -> Value {
    let of = |facet: Facet| wrong.facets.get(&facet).copied().unwrap_or_default().as_secs_f64();
    json!({
        "agent_seconds": wrong.any.as_secs_f64(),
        "presence_seconds": of(Facet::Presence),
        "routing_status_seconds": of(Facet::Routing),
        "out_of_office_seconds": of(Facet::OutOfOffice),
        "at_work_seconds": wrong.at_work.as_secs_f64(),
        "share": wrong.share(),
    })
}

fn worst(worst: &Worst) -> Value {
    json!({ "agent": worst.agent.as_str(), "wrong": wrong(&worst.wrong) })
}

fn gap_sum(sum: &GapSum) -> Value {
    json!({ "count": sum.count, "seconds": sum.duration.as_secs_f64(), "open": sum.open })
}

fn gap(gap: &Gap, period: Period) -> Value {
    json!({
        "id": gap.id.0.to_string(),
        "kind": gap.kind.name(),
        "since": gap.since.to_string(),
        "until": gap.until.map(|until| until.to_string()),
        "seconds": Period { from: gap.since, to: gap.until.unwrap_or(period.to) }.length().as_secs_f64(),
        "reason": gap.reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_get_json() {
        insta::assert_snapshot!(format!("{:#}", summary(&super::super::text::tests::example())));
    }
}
