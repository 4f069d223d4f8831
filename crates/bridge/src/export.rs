//! The command `export`: rows of a journal for a spreadsheet or another program.
//!
//! Knows which rows are wanted and where they are written; what is in them is in `rows`, how they look in `sheet`.

mod output;
mod progress;
mod rows;
mod sheet;

use jiff::Timestamp;
use store::Reader;

use self::output::Output;
use self::rows::Wanted;
use crate::arguments::Rows;
use crate::exit::{Exit, Failed};
use crate::{agent, arguments, journal, when};

/// Writes the rows.
pub async fn export(arguments: &arguments::ExportRows, now: Timestamp) -> Result<Exit, Failed> {
    let (location, link) = journal::which(&arguments.journal)?;
    let mut reader = Reader::open(&location, &link).await?;
    let exported = write(arguments, &mut reader, &link, now).await;
    reader.close().await;
    exported
}

async fn write(
    arguments: &arguments::ExportRows,
    reader: &mut Reader,
    link: &str,
    now: Timestamp,
) -> Result<Exit, Failed> {
    let agent = match &arguments.agent {
        Some(asked) => Some(agent::known(reader, asked).await?),
        None => None,
    };
    let zone = when::zone_or_system(arguments.during.zone.as_ref());
    let (from, until) = arguments.during.bounds(&zone, now);
    let wanted = Wanted { link: link.to_owned(), agent, period: store::Period { from, until }, now };
    let mut output = Output::open(arguments.output.as_deref())?;
    let written = {
        let mut sheet = sheet::Sheet::new(arguments.format, zone, &mut output);
        let rows = match arguments.what {
            Rows::Changes => rows::changes(reader, &wanted, &mut sheet).await,
            Rows::Statuses => rows::statuses(reader, &wanted, &mut sheet).await,
            Rows::Intervals => rows::intervals(reader, &wanted, &mut sheet).await,
            Rows::Agents => rows::agents(reader, &wanted, &mut sheet).await,
        };
        rows.and_then(|()| sheet.end())
    };
    match written {
        Ok(rows) => output.keep(rows),
        Err(failure) => output.leave(failure),
    }
}
