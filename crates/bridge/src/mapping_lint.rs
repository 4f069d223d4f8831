//! The command `mapping lint`: what about the rules and the status messages is probably not meant.
//!
//! Finds nothing itself: that is the crate `mapping`, and `check` shows the same.

#[cfg(test)]
mod tests;
pub mod words;

use mapping::{Finding, Known};
use serde_json::{Value, json};

use crate::exit::Failed;
use crate::{arguments, catalogue, rules};

/// The answer to `mapping lint`.
pub async fn lint(arguments: &arguments::LintMapping) -> Result<String, Failed> {
    let (statuses, deciding) = catalogue::statuses(&arguments.system).await?;
    let mapping = rules::asked(&arguments.rules, deciding.as_ref().map(|deciding| &deciding.mapping))?;
    // A name that the system does not have is a mistake, and no matter of taste.
    let known = Known { catalogue: Some(&statuses.catalogue), definitions: None };
    let rules = rules::compiled(&mapping, known)?;
    let findings = mapping::lint(&rules, &statuses.catalogue, &statuses.no_answer);
    let own = mapping.own.as_ref().map(|file| file.name.as_str());
    let rows = rules.rows().count();
    Ok(if arguments.json {
        let findings: Vec<Value> = findings.iter().map(words::json).collect();
        let told = json!({ "catalogue": statuses.json(), "mapping": own, "rules": rows, "findings": findings });
        format!("{told:#}\n")
    } else {
        let own = own.map_or("the vendor's table".to_owned(), |own| format!("{own} and the vendor's table"));
        text(&format!("{rows} rules, {own}; {}.", statuses.words()), &findings)
    })
}

fn text(head: &str, findings: &[Finding]) -> String {
    if findings.is_empty() {
        return format!("{head}\nNothing about them looks unintended.\n");
    }
    let mut text = format!("{head}\n");
    let mut rest = findings;
    while let [first, ..] = rest {
        let kind = first.kind();
        let (of_kind, others) = rest.split_at(rest.iter().take_while(|finding| finding.kind() == kind).count());
        let (fact, advice) = words::kind(kind, of_kind.len());
        let lines: String = of_kind.iter().map(|finding| format!("  {}\n", words::line(finding))).collect();
        text.push_str(&format!("\n{fact} ({})\n{lines}  -> {advice}\n", kind.code()));
        rest = others;
    }
    text
}
