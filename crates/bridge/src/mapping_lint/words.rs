//! Findings about rules and status messages for programs. The words for people are the console's.

pub use console::shown::findings::{kind, line};
use domain::ids::StatusId;
use mapping::{Difference, Finding, Landing, Property, Silence};
use serde_json::{Value, json};

/// The name of a property for programs, as in `explain --json`.
fn property_key(property: Property) -> &'static str {
    match property {
        Property::Text => "text",
        Property::Group => "group",
        Property::AllowsAcd => "acd",
        Property::AfterCallWork => "acw",
        Property::DoNotDisturb => "dnd",
    }
}

/// A finding for programs.
pub fn json(finding: &Finding) -> Value {
    let mut told = json!({
        "code": finding.kind().code(),
        "statuses": finding.statuses().into_iter().map(StatusId::as_str).collect::<Vec<_>>(),
        "line": line(finding),
    });
    let parts = match finding {
        Finding::PrecedenceMatters { printed, message_first } => {
            vec![("printed", landing_json(printed)), ("message_first", landing_json(message_first))]
        }
        Finding::DoNotDisturbElsewhere { landing }
        | Finding::AcdAndDoNotDisturb { landing }
        | Finding::FallsThrough { landing }
        | Finding::NoAnswerDisturbed { landing } => vec![("becomes", landing_json(landing))],
        Finding::EditedStandard { landing, shipped, differences } => {
            let differences: Vec<Value> = differences.iter().map(difference_json).collect();
            let (becomes, shipped) = (landing_json(landing), landing_json(shipped));
            vec![("becomes", becomes), ("shipped", shipped), ("differences", differences.into())]
        }
        Finding::NeverFires { rule, silence } => {
            let by = match silence {
                Silence::NothingMatches => Vec::new(),
                Silence::Shadowed { by, .. } => by.iter().map(|rule| Value::from(rule.as_ref())).collect(),
            };
            vec![("rule", rule.name.as_ref().into()), ("from", rule.from.as_str().into()), ("shadowed_by", by.into())]
        }
        Finding::LookAlike { landings } => {
            vec![("become", landings.iter().map(landing_json).collect::<Vec<_>>().into())]
        }
        Finding::NoAnswerMissing { .. } => Vec::new(),
    };
    for (key, value) in parts {
        told[key] = value;
    }
    told
}

fn difference_json(difference: &Difference) -> Value {
    json!({
        "property": property_key(difference.property),
        "shipped": difference.shipped,
        "found": difference.found,
        "documented": difference.documented,
    })
}

/// Where a status lands, for programs.
pub fn landing_json(landing: &Landing) -> Value {
    json!({
        "status": landing.status.id.as_str(),
        "presence": landing.presence,
        "unresolved": landing.unresolved,
        "out_of_office": landing.mapped.out_of_office,
        "routing": landing.mapped.routing.map(domain::target::RoutingStatus::name),
        "rule": landing.mapped.rule.as_ref(),
        "from": landing.from,
    })
}
