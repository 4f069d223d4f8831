//! The records of all agents, and which of them were written to since somebody last looked.
//!
//! Knows nothing of what is in a record: whoever may have been changed counts as changed.

use std::collections::BTreeSet;
use std::ops::{Index, IndexMut};
use std::slice::Iter;

use super::record::Record;

/// All agents, each at a place that stays.
#[derive(Debug, Default)]
pub struct Agents {
    records: Vec<Record>,
    /// `None` as long as nobody looks.
    touched: Option<BTreeSet<usize>>,
}

impl Agents {
    /// From now on it is kept who is written to; everybody counts as written to at first.
    pub fn watch(&mut self) {
        self.touched = Some((0..self.records.len()).collect());
    }

    /// A new agent, at the next place.
    pub fn push(&mut self, record: Record) {
        if let Some(touched) = &mut self.touched {
            touched.insert(self.records.len());
        }
        self.records.push(record);
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub fn iter(&self) -> Iter<'_, Record> {
        self.records.iter()
    }

    /// Everybody, where nothing is written that is shown of an agent at once.
    pub fn iter_untouched(&mut self) -> std::slice::IterMut<'_, Record> {
        self.records.iter_mut()
    }

    /// Whether somebody was written to who was not taken yet.
    pub fn has_touched(&self) -> bool {
        self.touched.as_ref().is_some_and(|touched| !touched.is_empty())
    }

    /// The next ones who were written to, at most so many.
    pub fn take_touched(&mut self, at_most: usize) -> Vec<usize> {
        let Some(touched) = &mut self.touched else { return Vec::new() };
        std::iter::from_fn(|| touched.pop_first()).take(at_most).collect()
    }
}

impl Index<usize> for Agents {
    type Output = Record;

    fn index(&self, place: usize) -> &Record {
        &self.records[place]
    }
}

impl IndexMut<usize> for Agents {
    fn index_mut(&mut self, place: usize) -> &mut Record {
        if let Some(touched) = &mut self.touched {
            touched.insert(place);
        }
        &mut self.records[place]
    }
}
