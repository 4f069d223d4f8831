//! What `top` shows: what was heard of the links, and what the keys did. Plain values: nothing here draws or asks.

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;

use super::delays::Trail;
use crate::control::LinkAgents;
use crate::control::told::{Agent, Link};

/// How many agents a page has, about.
const PAGE: usize = 10;

/// What is shown.
#[derive(Debug, Default)]
pub struct State {
    /// The links by name, as they were heard last.
    pub links: Vec<Shown>,
    /// Which one is looked at.
    pub selected: usize,
    /// The first agent that is shown.
    pub first: usize,
    /// Why nothing is heard any more.
    pub lost: Option<String>,
    /// What agents are looked for by.
    pub filter: String,
    /// Whether it is being written.
    pub writing: bool,
    /// Whether nothing new is asked for.
    pub paused: bool,
    /// Whether the keys are shown.
    pub help: bool,
}

/// A link.
#[derive(Debug, Clone)]
pub struct Shown {
    /// How it stands.
    pub link: Link,
    /// Its agents who are not in step.
    pub agents: Vec<Agent>,
    /// How late its changes are.
    pub trail: Trail,
}

/// What comes after a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Going on.
    GoOn,
    /// The end.
    End,
}

impl State {
    /// Nothing was heard yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the bridge says.
    pub fn hear(&mut self, heard: Vec<LinkAgents>) {
        let name = self.links.get(self.selected).map(|shown| shown.link.name.clone());
        let mut trails: BTreeMap<String, Trail> =
            std::mem::take(&mut self.links).into_iter().map(|shown| (shown.link.name, shown.trail)).collect();
        for LinkAgents { link, mut agents } in heard {
            let mut trail = trails.remove(&link.name).unwrap_or_default();
            if let Some(report) = &link.report {
                trail.add(report.at, &report.figures.since_seen);
            }
            // Errors first; then whoever waits longest.
            agents.sort_by(|a, b| (a.state, a.entered, &a.agent).cmp(&(b.state, b.entered, &b.agent)));
            self.links.push(Shown { link, agents, trail });
        }
        self.lost = None;
        self.selected = 0;
        if let Some(name) = name {
            self.select(&name);
        }
        self.stay_within();
    }

    /// Nothing is heard; what is shown is of before.
    pub fn lose(&mut self, why: String) {
        self.lost = Some(why);
    }

    /// Looks at this link, if there is one of that name.
    pub fn select(&mut self, name: &str) -> bool {
        let found = self.links.iter().position(|shown| shown.link.name == name);
        self.selected = found.unwrap_or(self.selected);
        found.is_some()
    }

    /// The link that is looked at.
    pub fn shown(&self) -> Option<&Shown> {
        self.links.get(self.selected)
    }

    /// Its agents, as far as they are looked for.
    pub fn agents(&self) -> Vec<&Agent> {
        let wanted = self.filter.to_lowercase();
        let is_wanted = |agent: &&Agent| {
            let texts = [Some(&agent.agent), Some(&agent.name), agent.email.as_ref(), agent.error.as_ref()];
            texts.into_iter().flatten().any(|text| text.to_lowercase().contains(&wanted))
        };
        self.shown().into_iter().flat_map(|shown| &shown.agents).filter(is_wanted).collect()
    }

    /// The newest time of the links' own.
    pub fn at(&self) -> Option<Timestamp> {
        self.links.iter().filter_map(|shown| shown.link.report.as_ref()).map(|report| report.at).max()
    }

    /// A key was pressed.
    pub fn press(&mut self, key: KeyEvent) -> After {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        if control && key.code == KeyCode::Char('c') {
            return After::End;
        }
        if self.writing {
            self.write(key.code);
            return After::GoOn;
        }
        if self.help {
            self.help = false;
            return if key.code == KeyCode::Char('q') { After::End } else { After::GoOn };
        }
        match key.code {
            KeyCode::Char('q') => return After::End,
            KeyCode::Char('p' | ' ') => self.paused = !self.paused,
            KeyCode::Char('?' | 'h') => self.help = true,
            KeyCode::Char('/') => self.writing = true,
            KeyCode::Esc => self.filter.clear(),
            KeyCode::Tab | KeyCode::Right => self.turn(1),
            KeyCode::BackTab | KeyCode::Left => self.turn(self.links.len().saturating_sub(1)),
            KeyCode::Down | KeyCode::Char('j') => self.first += 1,
            KeyCode::Up | KeyCode::Char('k') => self.first = self.first.saturating_sub(1),
            KeyCode::PageDown => self.first += PAGE,
            KeyCode::PageUp => self.first = self.first.saturating_sub(PAGE),
            KeyCode::Home => self.first = 0,
            KeyCode::End => self.first = usize::MAX,
            _ => {}
        }
        self.stay_within();
        After::GoOn
    }

    fn write(&mut self, key: KeyCode) {
        match key {
            KeyCode::Enter => self.writing = false,
            KeyCode::Esc => {
                self.filter.clear();
                self.writing = false;
            }
            KeyCode::Backspace => drop(self.filter.pop()),
            KeyCode::Char(letter) => self.filter.push(letter),
            _ => {}
        }
        self.first = 0;
    }

    fn turn(&mut self, by: usize) {
        self.selected = (self.selected + by).checked_rem(self.links.len()).unwrap_or(0);
        self.first = 0;
    }

    fn stay_within(&mut self) {
        self.first = self.first.min(self.agents().len().saturating_sub(1));
    }
}
