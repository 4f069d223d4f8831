//! What would move: on a saved catalogue as people read it, among agents, and in the past.

use std::time::Duration;

use clap::Parser;
use domain::ids::{AgentId, StatusId};
use domain::source::StatusMessage;
use domain::target::{Presence, SystemPresence};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mapping::{Known, Options, Precedence, Rules, SavedCatalogue, Source, default_catalogue};
use store::Interval;

use super::past::{Past, Span};
use super::{present, show, yesterday};
use crate::arguments::{Arguments, Command, Mapping};
use crate::catalogue::{LiveAgent, Origin, Statuses};
use crate::config::{self, Deciding};
use crate::control::told;
use crate::exit::Failed;

const NEW: &str = r#"
[[rule]]
name = "lunch"
when = { message = "At Lunch" }
presence = "Meal"

[[rule]]
name = "home"
when = { message = "Gone Home" }
presence = "Out of Office"

[[rule]]
name = "play"
when = { message = "At Play" }
presence = "Table Football"
"#;

fn rules(text: &str) -> Rules {
    let options = Options { precedence: Precedence::Printed };
    let known = Known { catalogue: None, definitions: None };
    Rules::compile(options, &[Source { name: "rules.toml", text }], known).unwrap()
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

/// The answer with these new rules and the shipped statuses in a file, in a folder that does not show.
fn answer(words: &[&str], new: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let saved = SavedCatalogue { host: None, release: None, saved: at(0), catalogue: default_catalogue() }.write();
    let (saved, new) = (file("saved.json", &saved), file("new.toml", new));
    let given = ["presence-bridge", "mapping", "preview", "-m", &new, "--catalogue", &saved];
    let words = given.into_iter().chain(words.iter().copied());
    let told: Result<String, Failed> = match Arguments::try_parse_from(words).unwrap().command {
        Command::Mapping(Mapping::Preview(arguments)) => crate::complete(show(&arguments, at(60))),
        other => panic!("{other:?}"),
    };
    let hidden = |text: String| text.replace(&format!("{}/", folder.path().display()), "");
    told.map(hidden).map_err(|failed| hidden(failed.story(false)))
}

#[test]
fn people_read_which_statuses_would_mean_something_else() {
    insta::assert_snapshot!(answer(&[], NEW).unwrap());
}

#[test]
fn programs_get_the_same() {
    let told: serde_json::Value = serde_json::from_str(&answer(&["--json"], NEW).unwrap()).unwrap();
    let moves: Vec<&str> =
        told["statuses"].as_array().unwrap().iter().map(|found| found["status"].as_str().unwrap()).collect();
    assert_eq!(moves, ["At Lunch", "At Play", "Gone Home"]);
    assert_eq!((&told["now"], &told["past"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    assert_eq!(told["statuses"][1]["then"]["unresolved"], true);
}

#[test]
fn nothing_moves_by_the_same_rules_and_another_precedence_is_told_by_name() {
    let text = answer(&[], "# none\n").unwrap();
    assert!(text.contains("None of 18 status messages would mean something else."), "{text}");
    let text = answer(&["--precedence", "message-first"], "# none\n").unwrap();
    assert!(text.contains("new.toml (message-first)") && text.contains("1 of 18"), "{text}");
}

#[test]
fn rules_that_the_bridge_would_refuse_are_refused_here() {
    let story = answer(&[], "[[rule]]\nname = 'x'\nwhen = { message = 'Nowhere' }\npresence = 'Meal'\n").unwrap_err();
    assert!(story.contains("new.toml:3:") && story.contains("Nowhere"), "{story}");
    let story = answer(&["--journal", "/nowhere.journal"], "# none\n").unwrap_err();
    assert!(story.contains("/nowhere.journal"), "{story}");
    let story = answer(&["--from", "2026-03-02", "--to", "2026-03-01"], "# none\n").unwrap_err();
    assert!(story.contains("nothing between"), "{story}");
}

#[test]
fn yesterday_is_a_day_of_this_computer_also_when_the_clocks_change() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let day = |now: &str| {
        let span = yesterday(now.parse().unwrap(), zone.clone()).unwrap();
        (span.from.to_string(), span.to.to_string())
    };
    assert_eq!(day("2026-03-02T23:30:00Z"), ("2026-03-01T23:00:00Z".to_owned(), "2026-03-02T23:00:00Z".to_owned()));
    assert_eq!(day("2026-03-30T10:00:00Z"), ("2026-03-28T23:00:00Z".to_owned(), "2026-03-29T22:00:00Z".to_owned()));
}

fn live(id: &str, status: Option<&str>, logged_in: bool) -> LiveAgent {
    let status = status.map(|id| told::Status { id: id.to_owned(), since: None, until: None, logged_in });
    LiveAgent {
        id: AgentId::new(id),
        name: id.to_uppercase(),
        email: None,
        workgroups: Vec::new(),
        status,
        logged_in,
        replicated: None,
    }
}

/// What this configuration decides.
fn deciding(replication: &str) -> Deciding {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bridge.toml");
    std::fs::write(&path, format!("[replication]\n{replication}\n")).unwrap();
    config::load_deciding(&path, None).unwrap()
}

#[test]
fn whoever_the_configuration_decides_about_does_not_move() {
    let statuses = Statuses {
        origin: Origin::Bridge { host: None, release: None },
        catalogue: default_catalogue(),
        agents: vec![
            live("sue", Some("At Lunch"), true),
            live("ann", Some("at lunch"), true),
            live("joe", Some("At Lunch"), false),
            live("kim", Some("Available"), true),
            live("lee", Some("Deleted"), true),
            live("max", None, false),
            live("ned", Some("AcdAgentNotAnswering"), true),
            live("pia", Some("Gone Home"), false),
        ],
        no_answer: mapping::default_no_answer(),
    };
    let new = rules(&format!(
        "{NEW}[[rule]]\nname = 'no answer'\nwhen = {{ message = 'AcdAgentNotAnswering' }}\npresence = 'Busy'"
    ));
    let old = Rules::built_in(Options { precedence: Precedence::Printed });
    let look = |replication: &str| {
        let present = present::look(&old, &new, &statuses, Some(&deciding(replication)));
        let who: Vec<String> = present.moves.iter().map(|found| found.agent.to_string()).collect();
        assert_eq!(present.agents, 8);
        assert_eq!((present.unmoved, present.unknown.len(), present.without_status.len()), (1, 1, 1));
        (who.join(" "), present.fixed)
    };
    // Out of office is told of whoever is logged out, too.
    assert_eq!(look(""), ("ann ned pia sue".to_owned(), 1));
    assert_eq!(look("logged_out = \"map-status\""), ("ann joe ned pia sue".to_owned(), 0));
    assert_eq!(look("not_responding_presence = \"on-queue\""), ("ann pia sue".to_owned(), 2));
}

/// An interval as the journal tells it.
fn interval(agent: &str, status: Option<&str>, to: SystemPresence, minutes: (i64, Option<i64>), why: &str) -> Interval {
    Interval {
        agent: AgentId::new(agent),
        status: status.map(StatusId::new),
        presence: Some(Presence::of(to)),
        rule: Some(why.to_owned()),
        from: at(minutes.0),
        until: minutes.1.map(at),
    }
}

#[test]
fn the_past_is_counted_in_minutes_by_status_and_by_agent_as_far_as_it_is_known() {
    let old = Rules::built_in(Options { precedence: Precedence::Printed });
    let catalogue = default_catalogue();
    let span = Span { from: at(100), to: at(200), is_yesterday: true };
    let mut past = Past::new(&old, &rules(NEW), &catalogue, span);
    let row3 = "vendor row 3: Break";
    for interval in [
        // From before the period, and into it.
        interval("ann", Some("At Lunch"), SystemPresence::Break, (50, Some(130)), row3),
        interval("ann", Some("Available"), SystemPresence::OnQueue, (130, Some(190)), "vendor row 1: On Queue"),
        // As far as the journal goes.
        interval("ann", Some("At Lunch"), SystemPresence::Break, (190, None), row3),
        // Rules do not decide about who is logged out; older journals do not say the status.
        interval("joe", Some("At Lunch"), SystemPresence::Offline, (100, Some(110)), "logged out"),
        interval("joe", None, SystemPresence::Break, (110, Some(140)), row3),
        interval("joe", Some("Deleted"), SystemPresence::Busy, (140, Some(150)), "some rule"),
        // Out of office is another presence to whoever reads it, and Away below it.
        interval("joe", Some("Gone Home"), SystemPresence::Away, (150, Some(170)), "vendor row 8: Away"),
        // The rules of that day said so already.
        interval("kim", Some("At Lunch"), SystemPresence::Meal, (120, Some(125)), "lunch"),
        // And here something that neither says.
        interval("kim", Some("At Lunch"), SystemPresence::Busy, (125, Some(126)), "an old rule"),
        // Not of this period.
        interval("kim", Some("At Lunch"), SystemPresence::Break, (200, None), row3),
    ] {
        past.add(&interval, at(195));
    }
    let minutes = |time: Duration| time.as_secs() / 60;
    assert_eq!(minutes(past.all.time), 30 + 60 + 5 + 10 + 30 + 10 + 20 + 5 + 1);
    assert_eq!(past.all.changes, 9);
    let different: Vec<(String, u64, usize)> = past
        .different
        .iter()
        .map(|(found, (amount, agents))| {
            (format!("{}: {} -> {}", found.status, found.was, found.then), minutes(amount.time), agents.len())
        })
        .collect();
    assert_eq!(
        different,
        [
            ("At Lunch: Break -> Meal".to_owned(), 35, 1),
            ("At Lunch: Busy -> Meal".to_owned(), 1, 1),
            ("Gone Home: Away -> Out of Office".to_owned(), 20, 1),
        ]
    );
    assert_eq!(minutes(past.total().time), 56);
    let ann = &past.agents[&AgentId::new("ann")];
    assert_eq!((minutes(ann.total().time), minutes(ann.all.time), ann.total().changes), (35, 95, 2));
    assert_eq!((minutes(past.fixed.time), minutes(past.unrecorded.time), minutes(past.unknown.time)), (10, 30, 10));
    assert_eq!(past.unknown_statuses.iter().map(StatusId::as_str).collect::<Vec<_>>(), ["Deleted"]);
}

#[test]
fn the_past_of_a_presence_that_could_not_be_looked_up_is_known_by_its_rule() {
    let old = rules("[[rule]]\nname = 'late'\nwhen = { message = 'At Lunch' }\npresence = 'Late Lunch'");
    let catalogue =
        [StatusMessage { id: StatusId::new("At Lunch"), ..default_catalogue().iter().next().unwrap().clone() }];
    let catalogue =
        catalogue.into_iter().map(|status| StatusMessage { text: "At Lunch".to_owned(), ..status }).collect();
    let span = Span { from: at(0), to: at(10), is_yesterday: false };
    let late = interval("ann", Some("At Lunch"), SystemPresence::Meal, (0, Some(10)), "late");
    let mut same = Past::new(&old, &old, &catalogue, span);
    same.add(&late, at(10));
    assert_eq!(same.total().changes, 0);
    let mut other = Past::new(&old, &rules(NEW), &catalogue, span);
    other.add(&late, at(10));
    let was: Vec<&str> = other.different.keys().map(|found| found.was.as_str()).collect();
    assert_eq!(was, ["Late Lunch"]);
}

#[test]
fn a_status_that_made_no_difference_then_may_make_one_by_other_rules() {
    let old = Rules::built_in(Options { precedence: Precedence::Printed });
    let span = Span { from: at(0), to: at(100), is_yesterday: false };
    let mut past = Past::new(&old, &rules(NEW), &default_catalogue(), span);
    let entered = |agent: &str, status: &str, presence: Option<SystemPresence>, minutes: (i64, i64)| Interval {
        presence: presence.map(Presence::of),
        rule: None,
        ..interval(agent, Some(status), SystemPresence::Break, (minutes.0, Some(minutes.1)), "")
    };
    past.add(&entered("ann", "At Lunch", Some(SystemPresence::Break), (0, 30)), at(100));
    past.add(&entered("joe", "At Lunch", Some(SystemPresence::Busy), (0, 5)), at(100));
    past.add(&entered("joe", "At Lunch", Some(SystemPresence::Offline), (5, 7)), at(100));
    past.add(&entered("joe", "At Lunch", None, (7, 8)), at(100));
    let different: Vec<_> =
        past.different.keys().map(|found| format!("{} by {} -> {}", found.was, found.was_by, found.then)).collect();
    assert_eq!(different, ["Break by vendor row 3: Break -> Meal", "Busy by not recorded -> Meal"]);
    assert_eq!((past.fixed.time.as_secs(), past.unrecorded.time.as_secs()), (120, 60));
}
