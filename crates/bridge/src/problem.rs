//! Problems in files that people write: what is wrong, where exactly, and what would be right.
//!
//! Knows files, places and how a terminal shows them. Does not know what any file is about.

use std::error::Error;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

/// The text of a file as it may be shown, with its name.
pub type ShownFile = Arc<NamedSource<String>>;

/// Something wrong in a file.
#[derive(Debug)]
pub struct Problem {
    message: String,
    file: Option<ShownFile>,
    span: Option<Range<usize>>,
    label: String,
    help: Option<String>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem; `message` says what is wrong, in lower case.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), file: None, span: None, label: "here".to_owned(), help: None, cause: None }
    }

    /// Where: bytes of the file that is being read.
    pub fn at(mut self, span: Range<usize>) -> Self {
        self.span = Some(span);
        self
    }

    /// The words beside the marked place.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// What would be right.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What it was caused by.
    pub fn because(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    /// The file that the place is in, unless the problem has one already.
    pub fn within(mut self, file: &ShownFile) -> Self {
        self.file.get_or_insert_with(|| Arc::clone(file));
        self
    }

    /// Where it is, if it is at a place that has no place yet: a value without its own is at its key's.
    pub fn or_at(mut self, span: Range<usize>) -> Self {
        if self.file.is_none() {
            self.span.get_or_insert(span);
        }
        self
    }

    /// The start of the place, by which problems are put in order.
    pub fn position(&self) -> usize {
        self.span.as_ref().map_or(0, |span| span.start)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.span.as_ref()?;
        self.file.as_ref().map(|file| file as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.span.clone()?;
        let label = LabeledSpan::new_primary_with_span(Some(self.label.clone()), span);
        Some(Box::new(std::iter::once(label)))
    }
}

/// Everything wrong, found in one go.
#[derive(Debug)]
pub struct Problems {
    name: String,
    problems: Vec<Problem>,
}

impl Problems {
    /// All problems of one file.
    pub fn of_file(name: &str, problems: Vec<Problem>) -> Self {
        Self { name: name.to_owned(), problems }
    }

    /// Those of another part of the same file, too.
    pub fn and(mut self, others: Self) -> Self {
        self.problems.extend(others.problems);
        self
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => write!(f, "{} has a problem", self.name),
            count => write!(f, "{} has {count} problems", self.name),
        }
    }
}

impl Error for Problems {}

impl Diagnostic for Problems {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.problems.iter().map(|problem| problem as &dyn Diagnostic)))
    }
}

/// The nearest of `known` to a name that is not among them, if one is near enough to have been meant.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    nearest_first(name, known).first().copied()
}

/// Those of `known` that may have been meant, nearest first.
pub fn nearest_first<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<&'k str> {
    let wanted = name.to_lowercase();
    let mut near: Vec<(f64, &str)> = known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.into_iter().map(|(_, candidate)| candidate).collect()
}
