//! The tokens: each has a budget of its own, and each agent keeps one, so that its requests never meet in two windows.
//!
//! A request that belongs to no single agent is paid for by the token with the most room. A token that the platform
//! refuses rests, and its agents go to the others until it is accepted again.

use std::time::Duration;

use domain::time::{Instant, Now};

use super::budget::{Budget, Class, Permit};
use super::{Engine, Notice};
use crate::backoff::Backoff;
use crate::options::BudgetOptions;

/// When a refused token is tried again.
const REFUSED: Backoff = Backoff { first: Duration::from_secs(5), most: Duration::from_secs(300) };

/// What can be shown of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenReport {
    /// Requests of the last 60 seconds.
    pub used: u32,
    /// How many the platform allows.
    pub allowed: u32,
    /// Whether the platform does not accept it at the moment.
    pub refused: bool,
}

/// The tokens of one link.
#[derive(Debug, Clone)]
pub(super) struct Tokens(Vec<Token>);

#[derive(Debug, Clone)]
struct Token {
    budget: Budget,
    refused: Option<Refused>,
}

/// Its credentials are not accepted.
#[derive(Debug, Clone, Copy)]
struct Refused {
    failures: u32,
    rests_until: Instant,
}

impl Tokens {
    pub(super) fn new(options: BudgetOptions) -> Self {
        let token = Token { budget: Budget::new(options), refused: None };
        Self(vec![token; options.tokens.max(1)])
    }

    /// The budget of a token.
    pub(super) fn budget(&mut self, token: usize) -> &mut Budget {
        &mut self.0[token].budget
    }

    /// All budgets, in the order of the tokens.
    pub(super) fn budgets(&self) -> impl Iterator<Item = &Budget> {
        self.0.iter().map(|token| &token.budget)
    }

    /// Requests under way, of all tokens.
    pub(super) fn in_flight(&self) -> usize {
        self.budgets().map(Budget::in_flight).sum()
    }

    /// What can be shown of each.
    pub(super) fn report(&self) -> Vec<TokenReport> {
        let report = |token: &Token| TokenReport {
            used: token.budget.used(),
            allowed: token.budget.allowed(),
            refused: token.refused.is_some(),
        };
        self.0.iter().map(report).collect()
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The token of the agent at this place: always the same one, as long as that is accepted.
    pub(super) fn home(&self, place: usize) -> usize {
        let own = place % self.0.len();
        let others = (0..self.0.len()).map(|step| (own + step) % self.0.len());
        others.into_iter().find(|&token| self.0[token].refused.is_none()).unwrap_or(own)
    }

    /// The tokens in the order in which they should pay for something that belongs to nobody: a refused one that may be
    /// tried again first, else the one with the most room.
    fn payers(&self, now: Instant) -> Vec<usize> {
        let usable = |token: &Token| token.refused.is_none_or(|refused| refused.rests_until <= now);
        let mut payers: Vec<usize> = (0..self.0.len()).filter(|&token| usable(&self.0[token])).collect();
        payers.sort_by_key(|&token| (self.0[token].refused.is_none(), self.0[token].budget.used()));
        payers
    }

    /// The platform refuses this one; says whether that is news, or `None` where no other one is left.
    fn refuse(&mut self, now: Instant, token: usize, random: f64) -> Option<bool> {
        if !self.0.iter().enumerate().any(|(other, state)| other != token && state.refused.is_none()) {
            return None;
        }
        let failures = self.0[token].refused.map_or(0, |refused| refused.failures) + 1;
        let rests_until = now + REFUSED.wait(failures, random);
        Some(self.0[token].refused.replace(Refused { failures, rests_until }).is_none())
    }

    /// It was accepted; says whether that is news.
    fn accept(&mut self, token: usize) -> bool {
        self.0[token].refused.take().is_some()
    }
}

impl Engine {
    /// Asks the budget of a token, and remembers when to ask again.
    pub(super) fn is_permitted(&mut self, now: Now, token: usize, class: Class, full: bool) -> bool {
        match self.tokens.budget(token).permit(now.instant, class, full) {
            Permit::Now => true,
            Permit::NotBefore(at) => {
                self.wake_at(at);
                false
            }
            Permit::AfterAnswer => false,
        }
    }

    /// The token that pays for a request that belongs to nobody, if one may; it is spent.
    pub(super) fn pay(&mut self, now: Now, class: Class, full: bool) -> Option<usize> {
        let payers = self.tokens.payers(now.instant);
        let payer = payers.into_iter().find(|&token| self.is_permitted(now, token, class, full))?;
        self.tokens.budget(payer).spend(now.instant, class);
        Some(payer)
    }

    /// The platform refuses a token; says whether others go on without it.
    pub(super) fn token_refused(&mut self, now: Now, token: usize, reason: &str) -> bool {
        let random = self.random.f64();
        match self.tokens.refuse(now.instant, token, random) {
            None => false,
            Some(news) => {
                if news {
                    self.notices.push_back(Notice::TokenRefused { token, reason: reason.to_owned() });
                    self.rehome();
                }
                true
            }
        }
    }

    /// The platform accepts a token.
    pub(super) fn token_accepted(&mut self, token: usize) {
        if self.tokens.accept(token) {
            self.notices.push_back(Notice::TokenAccepted { token });
            self.rehome();
        }
    }

    /// Everybody waits where they belong now.
    fn rehome(&mut self) {
        for agent in 0..self.agents.len() {
            self.enqueue(agent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(tokens: usize) -> Tokens {
        Tokens::new(BudgetOptions { per_minute: 300, share: 1.0, tokens })
    }

    #[test]
    fn an_agent_keeps_its_token_as_long_as_that_is_accepted() {
        let mut tokens = tokens(3);
        assert_eq!([0, 1, 2, 3].map(|place| tokens.home(place)), [0, 1, 2, 0]);
        assert_eq!(tokens.refuse(Instant::START, 1, 0.5), Some(true));
        assert_eq!(tokens.refuse(Instant::START, 1, 0.5), Some(false), "no news");
        assert_eq!([0, 1, 2, 4].map(|place| tokens.home(place)), [0, 2, 2, 2], "its agents go to another");
        assert!(tokens.accept(1) && !tokens.accept(1));
        assert_eq!(tokens.home(1), 1);
    }

    #[test]
    fn the_last_one_is_not_given_up() {
        let mut tokens = tokens(2);
        assert_eq!(tokens.refuse(Instant::START, 0, 0.5), Some(true));
        assert_eq!(tokens.refuse(Instant::START, 1, 0.5), None);
        assert_eq!(tokens.report().iter().map(|token| token.refused).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn whoever_has_the_most_room_pays_and_a_refused_one_is_tried_again() {
        let mut tokens = tokens(2);
        tokens.budget(0).hold(Instant::START, Class::Normal, 5);
        assert_eq!(tokens.payers(Instant::START), [1, 0]);
        tokens.refuse(Instant::START, 0, 1.0);
        assert_eq!(tokens.payers(Instant::START), [1]);
        assert_eq!(tokens.payers(Instant::START + Duration::from_secs(5)), [0, 1]);
    }
}
