//! Rows as CSV or as lines of JSON. Knows cells and zones; what the rows are about is not known here.

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::progress::Progress;
use crate::arguments::Format;
use crate::when::exact_time;
use console::shown::spreadsheet::harmless;

/// What is in a row, in the order of its columns.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A point in time.
    Time(Timestamp),
    /// A number.
    Number(i64),
    /// Nothing is known.
    Nothing,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Timestamp> for Cell {
    fn from(at: Timestamp) -> Self {
        Self::Time(at)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Nothing, Into::into)
    }
}

/// A sheet that is being written.
pub struct Sheet<'o> {
    writer: Writer<'o>,
    zone: TimeZone,
    columns: &'static [&'static str],
    progress: Progress,
}

enum Writer<'o> {
    Csv(Box<csv::Writer<&'o mut (dyn Write + Send)>>),
    Lines(&'o mut (dyn Write + Send)),
}

impl<'o> Sheet<'o> {
    /// An empty sheet.
    pub fn new(format: Format, zone: TimeZone, output: &'o mut (dyn Write + Send)) -> Self {
        let writer = match format {
            Format::Csv => {
                let csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(output);
                Writer::Csv(Box::new(csv))
            }
            Format::Jsonl => Writer::Lines(output),
        };
        Self { writer, zone, columns: &[], progress: Progress::new() }
    }

    /// The names of the columns, before the first row.
    pub fn head(&mut self, columns: &'static [&'static str]) -> io::Result<()> {
        self.columns = columns;
        match &mut self.writer {
            Writer::Csv(csv) => csv.write_record(columns).map_err(error),
            Writer::Lines(_) => Ok(()),
        }
    }

    /// A row; `share` is how far all of it is, where that is known.
    pub fn row<const N: usize>(&mut self, cells: [Cell; N], share: Option<f64>) -> io::Result<()> {
        debug_assert_eq!(N, self.columns.len(), "a cell for each column");
        self.progress.row(share);
        let zone = &self.zone;
        match &mut self.writer {
            Writer::Csv(csv) => csv.write_record(cells.iter().map(|cell| plain(cell, zone))).map_err(error),
            Writer::Lines(output) => {
                let pairs = self.columns.iter().zip(&cells).map(|(name, cell)| ((*name).to_owned(), value(cell, zone)));
                serde_json::to_writer(&mut *output, &pairs.collect::<Map<_, _>>())?;
                output.write_all(b"\n")
            }
        }
    }

    /// That was the last row: how many there were.
    pub fn end(mut self) -> Result<u64, super::rows::Unwritten> {
        match &mut self.writer {
            Writer::Csv(csv) => csv.flush()?,
            Writer::Lines(output) => output.flush()?,
        }
        Ok(self.progress.rows())
    }
}

/// The kind of the error below has to be seen: a closed pipe is none.
fn error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn plain(cell: &Cell, zone: &TimeZone) -> String {
    match cell {
        Cell::Text(text) => harmless(text),
        Cell::Time(at) => exact_time(*at, zone),
        Cell::Number(number) => number.to_string(),
        Cell::Nothing => String::new(),
    }
}

fn value(cell: &Cell, zone: &TimeZone) -> Value {
    match cell {
        Cell::Text(text) => json!(text),
        Cell::Time(at) => json!(exact_time(*at, zone)),
        Cell::Number(number) => json!(number),
        Cell::Nothing => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: Format) -> String {
        let mut output = Vec::new();
        let mut sheet = Sheet::new(format, crate::when::zone("Europe/Berlin").unwrap(), &mut output);
        sheet.head(&["who", "when", "delay_ms", "reason"]).unwrap();
        let noon: Timestamp = "2026-07-15T10:00:00.25Z".parse().unwrap();
        sheet.row(["=jane, \"J\"".into(), noon.into(), Cell::Number(-5), Cell::Nothing], None).unwrap();
        assert!(matches!(sheet.end(), Ok(1)));
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn a_spreadsheet_takes_no_text_for_a_formula_and_times_are_those_of_the_zone() {
        assert_eq!(
            written(Format::Csv),
            "who,when,delay_ms,reason\r\n\"'=jane, \"\"J\"\"\",2026-07-15T12:00:00.250+02:00,-5,\r\n"
        );
    }

    #[test]
    fn a_line_of_json_has_every_column() {
        let line: Value = serde_json::from_str(&written(Format::Jsonl)).unwrap();
        assert_eq!(
            line,
            json!({"who": "=jane, \"J\"", "when": "2026-07-15T12:00:00.250+02:00", "delay_ms": -5, "reason": null})
        );
    }
}
