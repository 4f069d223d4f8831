//! The rules as `mapping show` prints them.

use mapping::{Row, Rules};

use crate::scene::{PRINTED, rules};

fn printed(rows: impl Iterator<Item = Row>) -> String {
    rows.map(|row| {
        let routing = row.routing.map(|status| format!(", {status}")).unwrap_or_default();
        format!("{}. {} [{}]\n   {}\n   -> {}{routing}\n", row.number, row.name, row.from, row.when, row.presence)
    })
    .collect()
}

#[test]
fn the_vendors_rows() {
    insta::assert_snapshot!(printed(Rules::built_in(PRINTED).rows()));
}

#[test]
fn own_rows_come_first() {
    let rules = rules(
        r#"
        [[rule]]
        name = "chat only"
        when = [{ message = "Chat Only", dnd = false }, { not_group = "Break", acw = true }]
        presence = "On Queue"
        routing = "OFF_QUEUE"
        "#,
    );
    insta::assert_snapshot!(printed(rules.rows().take(2)));
}
