//! Users whose primary presence source is ours: remembered until they are given back, whatever happens meanwhile.

use std::time::Duration;

use domain::ids::{AgentId, CloudUserId};
use store::{Flaw, Retention};

use crate::entries::*;
use crate::place::{FOR_EVER, Place, on_both};

on_both! {
    what_was_claimed_is_known_until_it_is_given_back,
    claims_outlive_what_retention_removes,
    a_claim_and_its_release_go_together,
    a_claim_that_was_kept_cannot_be_removed_unnoticed,
    claims_are_moved_with_the_journal,
    claims_are_for_people_to_read,
}

/// What the next start would know to be ours.
async fn ours(place: &Place) -> Vec<(AgentId, CloudUserId)> {
    place.memory().await.claimed
}

fn claim(agent: &str, id: u128) -> (AgentId, CloudUserId) {
    (AgentId::new(agent), user(id))
}

const BRIEFLY: Retention = Retention { age: Duration::from_secs(10), ..FOR_EVER };

async fn what_was_claimed_is_known_until_it_is_given_back(place: Place) {
    place.record(vec![claimed("jane", 7, 0), claimed("joe", 8, 1), claimed("jim", 7, 2)]).await;
    assert_eq!(ours(&place).await, [claim("jane", 7), claim("joe", 8), claim("jim", 7)]);
    // Jane has another user now; the one before is still ours, until it is given back.
    place.record(vec![claimed("JANE", 9, 10), released("joe", 8, 11)]).await;
    assert_eq!(ours(&place).await, [claim("jane", 7), claim("jim", 7), claim("jane", 9)]);
    place.record(vec![released("jane", 7, 20)]).await;
    assert_eq!(ours(&place).await, [claim("jim", 7), claim("jane", 9)]);
    // Claimed once more after that, and twice.
    place.record(vec![claimed("jane", 7, 30), claimed("jane", 7, 31)]).await;
    assert_eq!(ours(&place).await, [claim("jim", 7), claim("jane", 9), claim("jane", 7)]);
    place.record(vec![released("jane", 7, 40)]).await;
    assert_eq!(ours(&place).await, [claim("jim", 7), claim("jane", 9)]);
    assert_eq!(crate::verify::flaws(&place).await, []);
}

async fn claims_outlive_what_retention_removes(place: Place) {
    // Given back and claimed again, both long ago: it is ours.
    place
        .record(vec![claimed("jane", 7, 0), released("jane", 7, 1), claimed("jane", 7, 2), claimed("joe", 8, 3)])
        .await;
    place.record(busy_morning(1_200)).await;
    crate::retention::retained(&place, BRIEFLY, vec![alive(5_000), alive(5_001)]).await;
    assert_eq!(place.number("SELECT count(*) FROM entry WHERE number < 1000").await, 2);
    assert_eq!(ours(&place).await, [claim("jane", 7), claim("joe", 8)]);
    assert_eq!(crate::verify::flaws(&place).await, []);
    // Claimed once more: the older entry is of no more use.
    crate::retention::retained(&place, BRIEFLY, vec![claimed("jane", 7, 5_010), alive(6_000), alive(6_001)]).await;
    assert_eq!(place.number("SELECT count(*) FROM entry WHERE kind = 'claimed'").await, 2);
    assert_eq!(ours(&place).await, [claim("joe", 8), claim("jane", 7)]);
    assert_eq!(crate::verify::flaws(&place).await, []);
}

async fn a_claim_and_its_release_go_together(place: Place) {
    place.record(vec![claimed("jane", 7, 0), alive(1_000)]).await;
    // The claim is old, and its release is not.
    crate::retention::retained(&place, BRIEFLY, vec![released("jane", 7, 1_001), alive(1_002)]).await;
    assert_eq!(place.number("SELECT count(*) FROM entry WHERE kind = 'claimed'").await, 1);
    assert_eq!(ours(&place).await, []);
    assert_eq!(crate::verify::flaws(&place).await, []);
    crate::retention::retained(&place, BRIEFLY, vec![alive(2_000)]).await;
    assert_eq!(place.number("SELECT count(*) FROM entry").await, 1);
    assert_eq!(ours(&place).await, []);
    assert_eq!(crate::verify::flaws(&place).await, []);
}

async fn a_claim_that_was_kept_cannot_be_removed_unnoticed(place: Place) {
    place.record(vec![claimed("jane", 7, 0)]).await;
    crate::retention::retained(&place, BRIEFLY, vec![alive(1_000), alive(1_001)]).await;
    assert_eq!(crate::verify::flaws(&place).await, []);
    place.tamper("DELETE FROM entry WHERE number = 1").await;
    assert_eq!(crate::verify::flaws(&place).await, [(None, Flaw::Edited)]);
}

async fn claims_are_moved_with_the_journal(place: Place) {
    place.record(vec![claimed("jane", 7, 0), claimed("joe", 8, 1), alive(900)]).await;
    crate::retention::retained(&place, BRIEFLY, vec![alive(1_000), released("joe", 8, 1_001)]).await;
    let mut lines = Vec::new();
    store::export(&place.location, "main", &mut lines).await.unwrap();
    let there = if place.is_postgres() { Place::sqlite() } else { Place::postgres().await };
    store::import(&there.location, "main", lines.as_slice()).await.unwrap();
    assert_eq!(ours(&there).await, [claim("jane", 7)]);
    assert_eq!(crate::verify::flaws(&there).await, []);
}

async fn claims_are_for_people_to_read(place: Place) {
    place.record(vec![claimed("jane", 7, 0), claimed("joe", 8, 1), released("jane", 7, 2)]).await;
    let shown = "SELECT link, agent, user_id, claimed, released FROM claims ORDER BY number LIMIT 1";
    let expected = [
        "main",
        "jane",
        "aaaaaaaa-0000-0000-0000-000000000007",
        "2026-09-21T14:13:20.000Z",
        "2026-09-21T14:13:22.000Z",
    ];
    assert_eq!(place.texts(shown).await, expected);
    assert_eq!(place.texts("SELECT agent FROM claims WHERE released IS NULL").await, ["joe"]);
}
