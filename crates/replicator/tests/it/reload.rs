//! Stories of rules that change while the link runs.

use std::time::Duration;

use domain::change::{Facet, Value};
use domain::target::{Presence, SystemPresence};
use mapping::{Known, Rules, Source};
use replicator::ports::Fact;

use crate::world::{World, catalogue, options};

fn rules(text: &str) -> Rules {
    let options = mapping::Options { precedence: mapping::Precedence::Printed };
    let known = Known { catalogue: Some(&catalogue()), definitions: None };
    Rules::compile(options, &[Source { name: "rules.toml", text }], known).unwrap()
}

#[test]
fn other_rules_move_exactly_those_whom_they_concern() {
    let mut world = World::in_step(4, options());
    world.status(0, "At Lunch");
    world.status(1, "In a meeting");
    world.run_for(Duration::from_secs(10));
    world.cloud.events.clear();
    let text = "[[rule]]\nname = \"lunch\"\nwhen = { message = \"At Lunch\" }\npresence = \"Break\"\n";
    world.engine.handle_reload(world.now, rules(text), options().matching, false);
    let reloaded = world.now.utc;
    world.run_for(Duration::from_secs(10));
    let told: Vec<(usize, Value)> = (0..4)
        .flat_map(|number| world.told(number, Facet::Presence).into_iter().map(move |value| (number, value)))
        .collect();
    assert_eq!(told, [(0, Value::Presence(Presence::of(SystemPresence::Break)))]);
    let change = &world.changes(0, Facet::Presence)[0];
    assert_eq!((change.why.as_str(), change.happened >= reloaded), ("lunch", true), "it means that from now on");
    assert_eq!(change.status, Some("At Lunch".into()));
    let agent = world.engine.agents().next().unwrap();
    assert_eq!(agent.rule.as_deref(), Some("lunch"));
}

#[test]
fn each_change_names_the_status_that_it_came_from_also_within_a_batch() {
    let mut world = World::in_step(1, options());
    let (lunch, meeting) = (world.entered(0, "At Lunch"), world.entered(0, "In a meeting"));
    world.batch(vec![lunch, meeting]);
    world.run_for(Duration::from_secs(5));
    let statuses: Vec<_> = world
        .changes(0, Facet::Presence)
        .into_iter()
        .map(|change| change.status.unwrap().as_str().to_owned())
        .collect();
    assert_eq!(statuses, ["At Lunch", "In a meeting"]);
}

#[test]
fn a_status_that_means_the_same_is_written_down_without_a_change() {
    let mut world = World::in_step(1, options());
    world.status(0, "Gone Home");
    world.run_for(Duration::from_secs(5));
    world.status(0, "AcdAgentNotAnswering");
    world.run_for(Duration::from_secs(5));
    let entered = |entry: &replicator::ports::Entry| match &entry.fact {
        Fact::Entered { status, .. } => Some(status.as_str().to_owned()),
        _ => None,
    };
    let entered: Vec<String> = world.cloud.journal.entries.iter().filter_map(entered).collect();
    assert_eq!(entered, ["AcdAgentNotAnswering"], "both are Away");
}
