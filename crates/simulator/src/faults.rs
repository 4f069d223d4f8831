//! Faults by name, for whoever breaks running simulators to see what comes of it: what breaks, what the bridge is expected
//! to do, and what the control interfaces are asked to make it and to end it.
//!
//! Knows nothing of how they are asked ([`crate::remote`]).

mod shipped;

use crate::cloud::{Command, Effect, Fault};
use crate::icws;

pub use self::shipped::NAMED;

/// A fault that has a name.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    /// Its name.
    pub name: &'static str,
    /// How long it goes on.
    pub span: Span,
    /// What breaks: a sentence without its full stop.
    pub breaks: &'static str,
    /// What the bridge is expected to do: sentences.
    pub expected: &'static str,
    makes: Makes,
}

/// Which of the two it befalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// PureConnect.
    Icws,
    /// Genesys Cloud.
    Cloud,
}

/// How long it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Until it is ended.
    Lasting,
    /// For so many simulated seconds, unless somebody says how long.
    Seconds(u64),
    /// It happens and is over.
    Moment,
}

/// What is done to make it.
#[derive(Debug, Clone, Copy)]
enum Makes {
    /// Genesys Cloud does this to the requests with these paths and methods.
    Strikes(&'static [Target], fn() -> Effect),
    /// All tokens are revoked.
    Revokes,
    /// Notification sockets say nothing.
    Mutes,
    /// Somebody else writes so many users' presences.
    Overwrites(usize),
    /// PureConnect does this once.
    Happens(fn() -> icws::Fault),
    /// PureConnect does this until it is healed.
    Persists(fn() -> icws::Fault),
    /// PureConnect answers this status, and cuts its streams.
    Refuses(u16),
    /// PureConnect switches over, and then shows people logged off for so many seconds.
    SwitchesOver(u64),
}

/// What a path begins with, and the method, if it is one alone.
type Target = (&'static str, Option<&'static str>);

/// Something that a control interface is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A fault of PureConnect, or the end of all.
    Icws(icws::Fault),
    /// A fault of Genesys Cloud.
    Cloud(Fault),
    /// That a fault of Genesys Cloud is over.
    CloudTakesBack(Fault),
    /// That all faults of Genesys Cloud are over.
    CloudHeals,
    /// A command to Genesys Cloud.
    Command(Command),
}

impl Asked {
    /// Who is asked.
    #[must_use]
    pub fn side(&self) -> Side {
        match self {
            Self::Icws(_) => Side::Icws,
            Self::Cloud(_) | Self::CloudTakesBack(_) | Self::CloudHeals | Self::Command(_) => Side::Cloud,
        }
    }

    /// What ends everything that goes wrong on one side, whoever began it.
    #[must_use]
    pub fn everything_over(side: Side) -> Vec<Self> {
        match side {
            Side::Icws => vec![Self::Icws(icws::Fault::Heal)],
            Side::Cloud => vec![Self::CloudHeals, Self::Command(Command::MuteSockets { muted: false })],
        }
    }
}

impl Named {
    /// The one with this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        NAMED.iter().find(|fault| fault.name == name)
    }

    /// Whom it befalls.
    #[must_use]
    pub fn side(&self) -> Side {
        match self.makes {
            Makes::Strikes(..) | Makes::Revokes | Makes::Mutes | Makes::Overwrites(_) => Side::Cloud,
            Makes::Happens(_) | Makes::Persists(_) | Makes::Refuses(_) | Makes::SwitchesOver(_) => Side::Icws,
        }
    }

    /// What makes it. `seconds` is how long it is to last, on the simulated clock, which only a switchover has to know.
    #[must_use]
    pub fn begin(&self, seconds: u64) -> Vec<Asked> {
        match self.makes {
            Makes::Strikes(targets, effect) => planted(targets, effect).map(Asked::Cloud).collect(),
            Makes::Revokes => vec![Asked::Command(Command::RevokeTokens)],
            Makes::Mutes => vec![Asked::Command(Command::MuteSockets { muted: true })],
            Makes::Overwrites(users) => vec![Asked::Command(Command::Overwrite { users })],
            Makes::Happens(fault) | Makes::Persists(fault) => vec![Asked::Icws(fault())],
            Makes::Refuses(status) => {
                let refused = icws::Fault::Status { status, requests: u32::MAX, path: String::new() };
                vec![Asked::Icws(refused), Asked::Icws(icws::Fault::Drop)]
            }
            Makes::SwitchesOver(logouts) => {
                vec![Asked::Icws(icws::Fault::Switchover { seconds, hosts: Vec::new(), logouts })]
            }
        }
    }

    /// What ends it; nothing where it is over in a moment.
    #[must_use]
    pub fn end(&self) -> Vec<Asked> {
        match self.makes {
            Makes::Strikes(targets, effect) => planted(targets, effect).map(Asked::CloudTakesBack).collect(),
            Makes::Mutes => vec![Asked::Command(Command::MuteSockets { muted: false })],
            Makes::Persists(_) | Makes::Refuses(_) | Makes::SwitchesOver(_) => vec![Asked::Icws(icws::Fault::Heal)],
            Makes::Revokes | Makes::Overwrites(_) | Makes::Happens(_) => Vec::new(),
        }
    }
}

fn planted(targets: &'static [Target], effect: fn() -> Effect) -> impl Iterator<Item = Fault> {
    targets.iter().map(move |(path, method)| Fault {
        effect: effect(),
        method: method.map(str::to_owned),
        path: Some((*path).to_owned()),
        count: u32::MAX,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_fault_has_a_name_of_its_own_and_says_what_it_is() {
        let names: BTreeSet<&str> = NAMED.iter().map(|fault| fault.name).collect();
        assert_eq!(names.len(), NAMED.len());
        for fault in &NAMED {
            assert_eq!(Named::find(fault.name).map(|found| found.name), Some(fault.name));
            assert!(fault.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", fault.name);
            assert!(!fault.breaks.ends_with('.') && fault.expected.ends_with('.'), "{}", fault.name);
        }
        assert!(Named::find("sunshine").is_none());
    }

    #[test]
    fn what_lasts_can_be_ended_and_each_is_asked_of_the_side_that_it_befalls() {
        for fault in &NAMED {
            let (begin, end) = (fault.begin(60), fault.end());
            assert!(!begin.is_empty(), "{}", fault.name);
            assert_eq!(end.is_empty(), fault.span == Span::Moment, "{}", fault.name);
            assert!(begin.iter().chain(&end).all(|asked| asked.side() == fault.side()), "{}", fault.name);
        }
        for side in [Side::Icws, Side::Cloud] {
            assert!(Asked::everything_over(side).iter().all(|asked| asked.side() == side), "{side:?}");
        }
    }
}
