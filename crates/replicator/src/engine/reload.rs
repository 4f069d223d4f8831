//! What the operator changes while the link runs: the rules, who is who, who is in scope; and other ways to deliver.

use domain::change::Facet;
use domain::time::Now;
use mapping::Rules;

use super::{Engine, lanes};
use crate::options::Matching;
use crate::ports::Lane;

impl Engine {
    /// Other rules and matches are in force; when `rescoped`, the source will say who is in scope, and fewer agents are no
    /// reason for doubt.
    pub fn handle_reload(&mut self, now: Now, rules: Rules, matching: Matching, rescoped: bool) {
        self.rules = rules;
        self.rescoping |= rescoped;
        if self.clock_offset.is_some() {
            self.remap_all(now, now.utc);
        }
        if self.options.matching != matching {
            self.options.matching = matching;
            self.match_all(now);
        }
    }

    /// The sink delivers in other ways than before: what waits goes those.
    pub fn handle_lanes(&mut self, now: Now, lanes: &[Lane]) {
        self.lanes = lanes::waiting(lanes, self.tokens.count());
        for place in 0..self.agents.len() {
            self.agents[place].place = None;
            self.learn_what_counts(place);
            for facet in Facet::ALL {
                self.thin_out(now, place, facet);
            }
            self.drop_untold(now, place);
            self.enqueue(place);
        }
        if self.clock_offset.is_some() {
            self.remap_all(now, now.utc);
        }
    }

    /// What an agent's facets hold depends on whether times are told.
    pub(super) fn learn_what_counts(&mut self, place: usize) {
        for facet in Facet::ALL {
            self.agents[place].facet_mut(facet).arrival_counts = !self.keeps_history(facet);
        }
    }

    /// Whether the sink delivers in these ways.
    #[must_use]
    pub fn delivers_by(&self, lanes: &[Lane]) -> bool {
        self.lanes.iter().filter(|waiting| waiting.token == 0).map(|waiting| &waiting.lane).eq(lanes)
    }
}
