//! How SQLite goes about reading: through the indexes, and never through all entries for each of something.

use sqlx::{AssertSqlSafe, Row as _};

use super::*;
use crate::changes::TIMELINES;
use crate::course::read::COURSES;
use crate::intervals::{REACHING, REACHING_ONE};
use crate::load::{CLAIMS, UNSETTLED};
use crate::presences::{DECIDED, LATEST};
use crate::timeline::{BEFORE, CHANGES, LAST_ACCEPTED};

const OF_AN_AGENT: &str = "USING INDEX entry_agent_happened (link=? AND agent=?";
const ENTERED: &str = "USING INDEX entry_entered (link=? AND agent=?";
const OF_A_SUBJECT: &str = "USING INDEX entry_subject (link=? AND subject=?";

/// The steps by which SQLite answers a query in a journal of this version.
async fn plan(sql: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::Sqlite(folder.path().join("journal.db"));
    let mut connection = connect(&location, Purpose::Write).await.unwrap();
    migrate(&mut connection, &location).await.unwrap();
    // At once: the program that makes a journal goes on with this connection.
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
    let steps = sqlx::query(explain).fetch_all(&mut connection).await.unwrap();
    steps.iter().map(|step| step.get::<String, _>(3)).collect()
}

/// Each of these is in so many steps, and no step reads all entries.
async fn check(sql: &str, expected: &[(&str, usize)]) {
    let steps = plan(sql).await;
    for (what, times) in expected {
        assert_eq!(steps.iter().filter(|step| step.contains(what)).count(), *times, "{what}: {steps:#?}");
    }
    let all = |step: &String| {
        let of_entries = ["e", "r", "s", "t", "h", "l", "b", "d"].iter().any(|name| {
            step.contains(&format!("SEARCH {name} USING PRIMARY KEY (link=?)"))
                || step.contains(&format!("SCAN {name} "))
        });
        of_entries && !step.starts_with("SCAN l USING COVERING INDEX sqlite_autoindex_link_1")
    };
    assert!(!steps.iter().any(all), "{steps:#?}");
}

#[tokio::test]
async fn a_day_is_found_through_the_index_of_times() {
    check(DECIDED, &[(OF_AN_AGENT, 1)]).await;
    check(LATEST, &[(OF_AN_AGENT, 1)]).await;
    // What was decided and what was entered since what held at the beginning; and what each entered status comes to.
    let by_time = "(link=? AND agent=? AND happened>? AND happened<?)";
    check(REACHING, &[(OF_AN_AGENT, 6), (ENTERED, 1), (by_time, 2)]).await;
    check(TIMELINES, &[(OF_AN_AGENT, 1), (OF_A_SUBJECT, 1)]).await;
    // The changes of the period and those before it, where those begin, and how each of them ended.
    check(COURSES, &[(OF_AN_AGENT, 3), (OF_A_SUBJECT, 3), (by_time, 2)]).await;
}

#[tokio::test]
async fn one_agent_is_read_without_the_others() {
    let by_time = "(link=? AND agent=? AND happened>? AND happened<?)";
    check(CHANGES, &[(OF_AN_AGENT, 1), (by_time, 1), (OF_A_SUBJECT, 1)]).await;
    check(BEFORE, &[(OF_AN_AGENT, 1), (by_time, 1), (OF_A_SUBJECT, 1)]).await;
    check(LAST_ACCEPTED, &[(OF_AN_AGENT, 1), (OF_A_SUBJECT, 1)]).await;
    let one = "USING INDEX sqlite_autoindex_agent_2 (link=? AND key=?)";
    check(REACHING_ONE, &[(OF_AN_AGENT, 6), (ENTERED, 1), (by_time, 2), (one, 3)]).await;
}

#[tokio::test]
async fn a_start_reads_what_is_open_and_no_more() {
    check(UNSETTLED, &[(OF_A_SUBJECT, 1)]).await;
    check(CLAIMS, &[("INDEX entry_claimed (link=? AND agent=?", 2), ("INDEX entry_released (link=?", 1)]).await;
}

#[tokio::test]
async fn an_analyst_s_questions_go_through_the_indexes_too() {
    let of_an_agent = "SELECT * FROM changes WHERE agent = 'jane' ORDER BY number";
    check(of_an_agent, &[(OF_AN_AGENT, 1), (OF_A_SUBJECT, 2)]).await;
    check("SELECT * FROM gaps", &[(OF_A_SUBJECT, 1)]).await;
    let statuses = "SELECT * FROM statuses WHERE agent = 'jane' AND since >= '2026-03-02' ORDER BY since, number";
    check(statuses, &[(OF_AN_AGENT, 3), (ENTERED, 1)]).await;
}
