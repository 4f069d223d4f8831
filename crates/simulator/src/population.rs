//! The people of the simulated company: each is a PureConnect user and a Genesys Cloud user with the same e-mail.
//!
//! Seeded: the same number and seed give the same people.

use domain::ids::CloudUserId;
use uuid::Uuid;

/// One person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The PureConnect user id.
    pub user_id: String,
    /// The name shown on both sides.
    pub display_name: String,
    /// The business e-mail on both sides.
    pub email: String,
    /// The Genesys Cloud user.
    pub cloud_user: CloudUserId,
    /// The PureConnect workgroup that the person is a member of, one of [`WORKGROUPS`].
    pub workgroup: &'static str,
}

/// The workgroups, all with an ACD queue.
pub const WORKGROUPS: [&str; 3] = ["Sales", "Service", "Support"];

/// One more workgroup, whose phones all ring at once: its calls are not ACD.
pub const GROUP_RING: &str = "Reception";

/// Whether the person at this place in the list is also a member of [`GROUP_RING`].
#[must_use]
pub fn answers_group_ring(place: usize) -> bool {
    place.is_multiple_of(20)
}

const GIVEN: [&str; 24] = [
    "Ada", "Ben", "Clara", "David", "Elena", "Felix", "Grace", "Hugo", "Ines", "Jonas", "Karin", "Liam", "Mara",
    "Nils", "Olga", "Pablo", "Quinn", "Rosa", "Sven", "Tara", "Uwe", "Vera", "Wim", "Yara",
];

const SURNAME: [&str; 20] = [
    "Abel", "Brandt", "Costa", "Diaz", "Evans", "Fischer", "Garcia", "Hansen", "Ito", "Jansen", "Kowalski", "Lopez",
    "Moreau", "Novak", "Olsen", "Petrov", "Rossi", "Silva", "Tanaka", "Weber",
];

/// Makes `count` people. The number in each name keeps ids apart.
#[must_use]
pub fn people(count: usize, seed: u64) -> Vec<Person> {
    let mut random = fastrand::Rng::with_seed(seed ^ 0x5045_4f50_4c45);
    (1..=count)
        .map(|number| {
            let given = GIVEN[random.usize(..GIVEN.len())];
            let surname = SURNAME[random.usize(..SURNAME.len())];
            let user_id = format!("{}.{}{number}", given.to_lowercase(), surname.to_lowercase());
            Person {
                display_name: format!("{given} {surname} {number}"),
                email: format!("{user_id}@example.com"),
                cloud_user: CloudUserId(uuid::Builder::from_random_bytes(random.u128(..).to_be_bytes()).into_uuid()),
                workgroup: WORKGROUPS[random.usize(..WORKGROUPS.len())],
                user_id,
            }
        })
        .collect()
}

/// A seeded random UUID, version 4.
#[must_use]
pub fn random_uuid(random: &mut fastrand::Rng) -> Uuid {
    uuid::Builder::from_random_bytes(random.u128(..).to_be_bytes()).into_uuid()
}
