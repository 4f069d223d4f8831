//! Files for spreadsheets, and what spreadsheets must not take for a formula.

/// A heading and its rows as CSV, as RFC 4180 has it, in UTF-8.
#[must_use]
pub fn csv<const N: usize>(heading: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let heading = writer.write_record(heading);
    let written = heading.and_then(|()| {
        let mut rows = rows.map(|row| row.map(|cell| harmless(&cell)));
        rows.try_for_each(|row| writer.write_record(row))
    });
    written.expect("rows of one length can be written to memory");
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error).expect("memory can be written to");
    String::from_utf8(bytes).expect("it was made of texts")
}

/// The text, as a text. A spreadsheet takes one that begins so for a formula, and runs it; an apostrophe makes it a text.
/// That is what OWASP advises against CSV injection, full-width forms included.
#[must_use]
pub fn harmless(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_have_to_be_and_are_no_formulas() {
        let rows = [["=HYPERLINK(\"evil\")".to_owned(), "a, b".to_owned()], ["Ada\nL.".to_owned(), String::new()]];
        let text = csv(["name", "note"], rows.into_iter());
        assert_eq!(text, "name,note\r\n\"'=HYPERLINK(\"\"evil\"\")\",\"a, b\"\r\n\"Ada\nL.\",\r\n");
        for formula in ["=1", "+1", "-1", "@SUM", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
    }
}
