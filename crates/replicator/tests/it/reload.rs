//! Stories of rules that change while the link runs.

use std::time::Duration;

use domain::change::{Facet, Value};
use domain::target::{Presence, SystemPresence};
use mapping::{Known, Rules, Source};

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
