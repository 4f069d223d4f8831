//! From rules as written to rules that can be evaluated, with every mistake in every file.

use domain::source::StatusMessage;

use crate::condition::{Alternative, Condition};
use crate::error::{Faults, codes, position};
use crate::name::Name;
use crate::reader::{Text, WrittenAlternative, WrittenRule, read};
use crate::table::{Rule, Table};
use crate::{Known, RuleError, Source, meaning};

/// The vendor's table under the name that messages show.
const VENDOR: Source<'static> = Source { name: "built-in rules", text: include_str!("vendor.toml") };

/// The operator's own rules in the order of the files, and the vendor's rows, with everything that is wrong in them.
pub(crate) fn tables(own: &[Source<'_>], known: Known<'_>) -> (Table, Table, Vec<RuleError>) {
    // The message names in the vendor's rows are those of the page, whatever the system calls its statuses.
    let names_unchecked = Known { catalogue: None, ..known };
    let (vendor, vendor_errors) = table(&[VENDOR], names_unchecked, &[]);
    let (own, mut errors) = table(own, known, &vendor.rules);
    errors.extend(vendor_errors);
    (own, vendor, errors)
}

/// A rule as written, as compiled as far as it could be, and the file that it stands in.
struct Draft {
    file: usize,
    written: WrittenRule,
    rule: Option<Rule>,
    when: Vec<Alternative>,
}

/// Compiles files into one table, whose rules may not be called as those that have their names already.
fn table(sources: &[Source<'_>], known: Known<'_>, named: &[Rule]) -> (Table, Vec<RuleError>) {
    let mut files: Vec<Faults<'_>> = sources.iter().copied().map(Faults::new).collect();
    let mut drafts = Vec::new();
    for (file, faults) in files.iter_mut().enumerate() {
        for written in read(faults) {
            drafts.push(draft(file, written, known, faults));
        }
    }
    check_names(&drafts, named, &mut files);
    check_shadows(&drafts, &mut files);
    if let Some(catalogue) = known.catalogue {
        let statuses: Vec<&StatusMessage> = catalogue.iter().collect();
        check_texts_behind_ids(&drafts, &statuses, &mut files);
    }
    let table = Table::new(drafts.into_iter().filter_map(|draft| draft.rule).collect());
    (table, files.into_iter().flat_map(Faults::into_sorted).collect())
}

fn draft(file: usize, written: WrittenRule, known: Known<'_>, faults: &mut Faults<'_>) -> Draft {
    let mut when = Vec::new();
    for alternative in written.when.iter().flatten() {
        if let Some(catalogue) = known.catalogue {
            meaning::check_messages(alternative.message.as_deref().unwrap_or_default(), catalogue, faults);
            meaning::check_groups(alternative.group.as_deref().unwrap_or_default(), catalogue, faults);
            meaning::check_groups(alternative.not_group.as_deref().unwrap_or_default(), catalogue, faults);
        }
        let conditions = conditions(alternative);
        let named_any = alternative.group.as_ref().is_some_and(|names| !names.is_empty());
        if named_any && conditions.contradicts_itself() {
            let message = "this can never match: group and not_group name the same".to_owned();
            let help = "remove one of the two".to_owned();
            faults.add(codes::NEVER_MATCHES, &alternative.span, message, help);
        }
        when.push(conditions);
    }
    let presence = written.presence.as_ref().and_then(|wanted| meaning::presence(wanted, known.definitions, faults));
    let routing = written.routing.as_ref().map(|wanted| meaning::routing(wanted, faults));
    let rule = match (&written.name, presence) {
        (Some(name), Some(meaning)) => Some(Rule {
            name: name.text.trim().into(),
            when: when.clone(),
            meaning,
            routing: routing.flatten(),
            from: from(faults, &written),
        }),
        (None, _) | (_, None) => None,
    };
    Draft { file, written, rule, when }
}

/// Where a rule stands, for people.
fn from(faults: &Faults<'_>, written: &WrittenRule) -> String {
    if faults.source == VENDOR {
        return "built-in".to_owned();
    }
    let (line, _) = position(faults.source.text, written.span.start);
    format!("{}:{line}", faults.source.name)
}

fn conditions(written: &WrittenAlternative) -> Alternative {
    let names = |texts: &Vec<Text>| texts.iter().map(|text| Name::new(&text.text)).collect();
    let conditions = [
        written.message.as_ref().map(names).map(Condition::Message),
        written.group.as_ref().map(names).map(Condition::Group),
        written.not_group.as_ref().map(names).map(Condition::NotGroup),
        written.acd.map(Condition::Acd),
        written.acw.map(Condition::Acw),
        written.dnd.map(Condition::Dnd),
    ];
    Alternative(conditions.into_iter().flatten().collect())
}

/// Reports every rule whose name another one has.
fn check_names(drafts: &[Draft], named: &[Rule], files: &mut [Faults<'_>]) {
    for (at, draft) in drafts.iter().enumerate() {
        let Some(name) = &draft.written.name else { continue };
        let same = |other: &str| Name::new(other) == Name::new(&name.text);
        let earlier = drafts[..at].iter().find(|other| {
            let other = other.written.name.as_ref();
            other.is_some_and(|other| same(&other.text))
        });
        let place = match earlier {
            Some(earlier) => format!("the rule at {}", place(files, earlier)),
            None if named.iter().any(|rule| same(&rule.name)) => "a built-in rule".to_owned(),
            None => continue,
        };
        let message = format!("{place} is called \"{}\" too", name.text.trim());
        let help = "give each rule its own name: it is what the log says".to_owned();
        files[draft.file].add(codes::DUPLICATE_NAME, &name.span, message, help);
    }
}

/// Reports every rule that matches nothing but what an earlier one matches.
fn check_shadows(drafts: &[Draft], files: &mut [Faults<'_>]) {
    for (at, draft) in drafts.iter().enumerate() {
        let contradictory = draft.when.iter().any(Alternative::contradicts_itself);
        if !draft.written.complete || contradictory {
            continue;
        }
        let before = drafts[..at].iter().filter(|other| other.written.complete);
        let covering: Vec<Option<&Draft>> = draft
            .when
            .iter()
            .map(|alternative| before.clone().find(|other| other.when.iter().any(|wider| wider.covers(alternative))))
            .collect();
        let Some(Some(first)) = covering.iter().find(|found| found.is_some()) else {
            continue;
        };
        if covering.iter().all(Option::is_some) {
            let place = place(files, first);
            let message = format!("this rule can never fire: the rule at {place} matches all that it matches");
            let help = "move it up, or narrow the other one".to_owned();
            files[draft.file].add(codes::SHADOWED, &draft.written.span, message, help);
        }
    }
}

/// Reports every message that is named by its text where the rules name its id elsewhere: the id is what counts then.
fn check_texts_behind_ids(drafts: &[Draft], statuses: &[&StatusMessage], files: &mut [Faults<'_>]) {
    let texts = |alternative: &WrittenAlternative| alternative.message.clone().unwrap_or_default();
    let named: Vec<Name> = drafts
        .iter()
        .flat_map(|draft| draft.written.when.iter().flatten())
        .flat_map(texts)
        .map(|text| Name::new(&text.text))
        .collect();
    for draft in drafts {
        for alternative in draft.written.when.iter().flatten() {
            let here: Vec<Name> = texts(alternative).iter().map(|text| Name::new(&text.text)).collect();
            for text in texts(alternative) {
                let name = Name::new(&text.text);
                let meant: Vec<Name> = statuses
                    .iter()
                    .filter(|status| [status.id.as_str(), &status.text].map(Name::new).contains(&name))
                    .map(|status| Name::new(status.id.as_str()))
                    .collect();
                let behind = |id: &Name| *id != name && named.contains(id) && !here.contains(id);
                if !meant.is_empty() && meant.iter().all(behind) {
                    let id = meant[0].written();
                    let message =
                        format!("this can never match: the rules name \"{}\" by its id \"{id}\" too", text.text);
                    let help = format!("write \"{id}\" here as well");
                    files[draft.file].add(codes::NEVER_MATCHES, &text.span, message, help);
                }
            }
        }
    }
}

/// File and line of a rule.
fn place(files: &[Faults<'_>], draft: &Draft) -> String {
    from(&files[draft.file], &draft.written)
}
