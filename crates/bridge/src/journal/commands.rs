//! The commands `journal verify`, `journal export` and `journal import`.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};

use serde_json::json;
use store::{TransferFailure, Verification};

use crate::arguments::{self, Which};
use crate::config;
use crate::exit::{Exit, Failed};
use crate::problem::Problem;

/// The journal that is meant, and whose part of it.
pub fn which(which: &Which) -> Result<(store::Location, String), Failed> {
    let asked = which.link.as_deref();
    match (&which.config, &which.journal) {
        (Some(file), _) => {
            let local = config::load_local(file)?;
            if let [only] = &local.links[..] {
                // Its journal may be one that other bridges write to, too.
                return Ok((only.journal.location.clone(), asked.unwrap_or(&only.name).to_owned()));
            }
            let link = local.link(asked)?;
            Ok((link.journal.location.clone(), link.name.clone()))
        }
        (None, Some(file)) => {
            let link = which.link.clone().unwrap_or_else(config::default_link);
            Ok((store::Location::Sqlite(file.clone()), link))
        }
        (None, None) => Err(Failed::diagnosed(Exit::Usage, Problem::new("which journal? give -c or --journal"))),
    }
}

/// What was found, to be printed, and how the program ends.
pub async fn verify(arguments: &arguments::Verify) -> Result<(String, Exit), Failed> {
    let (location, link) = which(&arguments.journal)?;
    let found = store::verify(&location, &link).await?;
    let exit = if found.findings.is_empty() { Exit::Success } else { Exit::BadJournal };
    let told = if arguments.json { verification_json(&link, &found) } else { verification_text(&link, &found) };
    Ok((told, exit))
}

fn verification_text(link: &str, found: &Verification) -> String {
    let Verification { entries, changes, requests, findings, further } = found;
    let read = format!("Link {link}: {entries} entries, {changes} changes, {requests} requests.");
    if findings.is_empty() {
        return format!(
            "{read}\nNothing is missing, out of order or damaged; every attempt follows from its intent.\n"
        );
    }
    let listed: String = findings
        .iter()
        .map(|finding| {
            let place = finding.number.map_or_else(|| "the whole".to_owned(), |number| format!("entry {number}"));
            format!("  {place}: {} ({})\n", finding.what, finding.flaw.code())
        })
        .collect();
    let more = if *further == 0 { String::new() } else { format!("  and {further} more\n") };
    format!("{read}\n{} findings:\n{listed}{more}", findings.len() as u64 + further)
}

fn verification_json(link: &str, found: &Verification) -> String {
    let findings: Vec<serde_json::Value> = found
        .findings
        .iter()
        .map(|finding| json!({ "entry": finding.number, "flaw": finding.flaw.code(), "what": finding.what }))
        .collect();
    let told = json!({
        "link": link,
        "clean": found.findings.is_empty(),
        "entries": found.entries,
        "changes": found.changes,
        "requests": found.requests,
        "findings": findings,
        "further_findings": found.further,
    });
    format!("{told:#}\n")
}

/// Writes the journal as lines.
pub async fn export(arguments: &arguments::Export) -> Result<Exit, Failed> {
    let (location, link) = which(&arguments.journal)?;
    let Some(path) = &arguments.output else {
        let exported = store::export(&location, &link, io::stdout().lock()).await;
        return match exported {
            Err(failure) if is_closed_pipe(&failure) => Ok(Exit::Success),
            exported => exported.map(|_| Exit::Success).map_err(Failed::from),
        };
    };
    let file = File::create_new(path).map_err(|error| unusable("write", path, error))?;
    let exported = write_file(&location, &link, file).await;
    match exported {
        Ok(entries) => told(&format!("{entries} entries are in {}", path.display())),
        Err(failure) => {
            // Half an export looks like a whole one to whoever comes later.
            drop(std::fs::remove_file(path));
            Err(failure.into())
        }
    }
}

async fn write_file(location: &store::Location, link: &str, file: File) -> Result<u64, TransferFailure> {
    let failed = |cause| TransferFailure::File { action: "write", cause };
    let mut writer = BufWriter::new(&file);
    let transferred = store::export(location, link, &mut writer).await?;
    writer.flush().map_err(failed)?;
    file.sync_all().map_err(failed)?;
    Ok(transferred.entries)
}

/// A reader that has seen enough and closed the pipe is no error.
fn is_closed_pipe(failure: &TransferFailure) -> bool {
    matches!(failure, TransferFailure::File { cause, .. } if cause.kind() == io::ErrorKind::BrokenPipe)
}

/// Reads the journal from lines.
pub async fn import(arguments: &arguments::Import) -> Result<Exit, Failed> {
    let (location, link) = which(&arguments.journal)?;
    let imported = match &arguments.input {
        None => store::import(&location, &link, io::stdin().lock()).await?,
        Some(path) => {
            let file = File::open(path).map_err(|error| unusable("read", path, error))?;
            store::import(&location, &link, BufReader::new(file)).await?
        }
    };
    told(&format!("{} entries are in {location}", imported.entries))
}

/// Leads the journal back by one version of its schema.
pub async fn migrate(arguments: &arguments::Migrate) -> Result<Exit, Failed> {
    let (location, _) = which(&arguments.journal)?;
    let version = store::migrate_down(&location).await?;
    told(&format!("{location} has schema version {version} now, for the program before this one"))
}

/// What was done, for people; standard output is for the entries alone.
fn told(done: &str) -> Result<Exit, Failed> {
    let written = writeln!(io::stderr().lock(), "{done}");
    written.map(|()| Exit::Success).map_err(|error| Failed::new(Exit::Internal, error))
}

fn unusable(action: &str, path: &std::path::Path, error: io::Error) -> Failed {
    Failed::diagnosed(Exit::Usage, Problem::new(format!("failed to {action} {}", path.display())).because(error))
}
