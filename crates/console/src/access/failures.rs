//! How often somebody may be wrong: failed logins by where they came from, and all together. Is told the time and keeps a
//! bounded number of addresses.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use tokio::time::Instant;

/// As many as a person mistypes, from one address within [`PERIOD`].
const PER_ADDRESS: u32 = 5;

/// From everywhere together, within [`PERIOD`]: guessing from many addresses does not pay either.
const TOGETHER: u32 = 50;

const PERIOD: Duration = Duration::from_secs(60);

/// More addresses are not kept apart; those beyond count for everybody only.
const MOST_ADDRESSES: usize = 1_024;

/// Failed logins of the last while.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failures {
    by_address: BTreeMap<IpAddr, Count>,
    together: Option<Count>,
}

/// How many since when: a window that begins with the first of them.
#[derive(Debug, Clone, Copy)]
struct Count {
    failures: u32,
    since: Instant,
}

impl Failures {
    /// Somebody at the address was wrong.
    pub(crate) fn failed(&mut self, now: Instant, address: IpAddr) {
        self.by_address.retain(|_, count| count.left(now).is_some());
        let address = place(address);
        if self.by_address.len() < MOST_ADDRESSES || self.by_address.contains_key(&address) {
            let count = self.by_address.entry(address).or_insert(Count { failures: 0, since: now });
            count.failures = count.failures.saturating_add(1);
        }
        let together = self.together.filter(|count| count.left(now).is_some());
        let together = together.unwrap_or(Count { failures: 0, since: now });
        self.together = Some(Count { failures: together.failures.saturating_add(1), ..together });
    }

    /// Somebody at the address was right: what was mistyped before does not count.
    pub(crate) fn succeeded(&mut self, address: IpAddr) {
        self.by_address.remove(&place(address));
    }

    /// For how long nobody at the address is listened to.
    pub(crate) fn closed_for(&self, now: Instant, address: IpAddr) -> Option<Duration> {
        let count = self.by_address.get(&place(address))?;
        count.left(now).filter(|_| count.failures >= PER_ADDRESS)
    }

    /// For how long nobody may log in by the form, wherever they are.
    pub(crate) fn closed_to_all_for(&self, now: Instant) -> Option<Duration> {
        let count = self.together?;
        count.left(now).filter(|_| count.failures >= TOGETHER)
    }
}

impl Count {
    /// How long its window is open still.
    fn left(&self, now: Instant) -> Option<Duration> {
        let left = (self.since + PERIOD).saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }
}

/// One subscriber has a whole /64 of version 6 to itself.
fn place(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn after_five_wrong_tokens_an_address_waits_for_the_rest_of_the_minute() {
        let start = Instant::now();
        let mut failures = Failures::default();
        for second in 0..5 {
            assert_eq!(failures.closed_for(after(start, second), HERE), None);
            failures.failed(after(start, second), HERE);
        }
        assert_eq!(failures.closed_for(after(start, 10), HERE), Some(Duration::from_secs(50)));
        assert_eq!(failures.closed_for(after(start, 10), THERE), None, "others are not to blame");
        assert_eq!(failures.closed_for(after(start, 60), HERE), None);
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_right_in_the_end_has_all_tries_again() {
        let start = Instant::now();
        let mut failures = Failures::default();
        for _ in 0..4 {
            failures.failed(start, HERE);
        }
        failures.succeeded(HERE);
        failures.failed(start, HERE);
        assert_eq!(failures.closed_for(start, HERE), None);
    }

    #[tokio::test(start_paused = true)]
    async fn guessing_from_many_addresses_closes_the_form_to_all() {
        let start = Instant::now();
        let mut failures = Failures::default();
        for number in 0..50 {
            assert_eq!(failures.closed_to_all_for(start), None);
            failures.failed(start, IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, number)));
        }
        assert_eq!(failures.closed_to_all_for(start), Some(PERIOD));
        assert_eq!(failures.closed_to_all_for(after(start, 60)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_subscriber_of_version_6_is_one_address_and_the_mapped_form_is_version_4() {
        let start = Instant::now();
        let mut failures = Failures::default();
        for number in 0..5 {
            failures.failed(start, format!("2001:db8:1:2::{number}").parse().unwrap());
        }
        assert!(failures.closed_for(start, "2001:db8:1:2:ffff::".parse().unwrap()).is_some());
        assert!(failures.closed_for(start, "2001:db8:1:3::1".parse().unwrap()).is_none());

        for _ in 0..5 {
            failures.failed(start, HERE);
        }
        assert!(failures.closed_for(start, "::ffff:192.0.2.1".parse().unwrap()).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn memory_does_not_grow_with_addresses() {
        let start = Instant::now();
        let mut failures = Failures::default();
        for number in 0..5_000_u32 {
            failures.failed(start, IpAddr::V4(number.into()));
        }
        assert_eq!(failures.by_address.len(), MOST_ADDRESSES);
        failures.failed(after(start, 60), HERE);
        assert_eq!(failures.by_address.len(), 1);
    }
}
