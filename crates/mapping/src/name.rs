//! Names of status messages and groups, as people type them.

/// A name, compared without case, surrounding blanks, runs of inner blanks or trailing period.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    written: String,
    key: String,
}

impl Name {
    pub(crate) fn new(written: &str) -> Self {
        let words: Vec<&str> = written.split_whitespace().collect();
        let key = words.join(" ").to_lowercase();
        Self { written: written.trim().to_owned(), key: key.trim_end_matches(['.', ' ']).to_owned() }
    }

    /// As it was written, for people.
    pub(crate) fn written(&self) -> &str {
        &self.written
    }

    /// As it is compared.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Name {}

/// What was probably meant, if any candidate comes close.
pub(crate) fn closest<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    /// Below this, two names are different words rather than two spellings.
    const CLOSE: f64 = 0.84;
    let wanted = Name::new(wanted);
    candidates
        .map(|candidate| (strsim::jaro_winkler(wanted.key(), Name::new(candidate).key()), candidate))
        .filter(|(likeness, _)| *likeness >= CLOSE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_blanks_and_a_trailing_period_do_not_matter() {
        for spelling in ["At a Training session.", "  at a   training\tSESSION ", "At a Training Session ."] {
            assert_eq!(Name::new(spelling), Name::new("At a Training Session"), "{spelling}");
        }
        assert_ne!(Name::new("Out of Town"), Name::new("Out of-Town"));
        assert_ne!(Name::new("A.C.D"), Name::new("ACD"));
    }

    #[test]
    fn a_typing_error_is_close_and_another_word_is_not() {
        let names = ["At Lunch", "Away from Desk", "Gone Home"];
        assert_eq!(closest("at lumch", names.into_iter()), Some("At Lunch"));
        assert_eq!(closest("Supervising", names.into_iter()), None);
    }
}
