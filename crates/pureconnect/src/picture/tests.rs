//! Merging: who is heard of, what is ACD, since when, and that updates add up.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{AgentId, InteractionId, WorkgroupId};
use domain::source::{Agent, Interaction, InteractionState, Involvement, Scope, Update, UserStatus, Workgroup};
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

fn user(id: &str) -> UserPatch {
    UserPatch { id: id.into(), display_name: None, business_email: None, mailbox_email: None, workgroups: None }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn picture(users: &[&str]) -> Picture {
    let mut picture = Picture::new(Scope::default());
    let set = users.iter().map(|id| user(id)).collect();
    picture.apply(true, Content::Users { set, removed: Vec::new() });
    picture.set_layout(&[("q".to_owned(), users.iter().map(|id| AgentId::new(id)).collect())].into());
    picture
}

fn call(picture: &mut Picture, attributes: Attributes) -> Interaction {
    let added = vec![(InteractionId::new("1"), attributes)];
    let content = Content::Queues { subscription: "q".to_owned(), added, changed: Vec::new(), removed: Vec::new() };
    picture.apply(true, content);
    picture.lists().interactions.remove(0).1
}

fn of(user: &str, state: InteractionState) -> Attributes {
    Attributes { state: Some(state), user: Some(Some(user.into())), ..Attributes::default() }
}

#[test]
fn a_connection_made_before_the_transfer_was_somebody_elses() {
    let mut picture = picture(&["anna"]);
    let mut attributes = of("anna", InteractionState::Connected);
    (attributes.connected, attributes.entered) = (Some(Some(at(100))), Some(Some(at(500))));
    assert_eq!(call(&mut picture, attributes.clone()).since, Some(at(500)));
    attributes.connected = Some(Some(at(700)));
    assert_eq!(call(&mut picture, attributes.clone()).since, Some(at(700)));
    attributes.state = Some(InteractionState::Alerting);
    assert_eq!(call(&mut picture, attributes.clone()).since, Some(at(500)));
    (attributes.state, attributes.ended) = (Some(InteractionState::ExternalDisconnect), Some(Some(at(900))));
    let ended = call(&mut picture, attributes);
    assert_eq!((ended.involvement, ended.since), (Involvement::None, Some(at(900))));
}

#[test]
fn what_a_user_dials_is_not_acd_even_for_a_workgroup() {
    let mut picture = picture(&["anna"]);
    let set = [("Sales", true, true), ("Closed", false, true), ("Round", true, false)];
    let set = set.map(|(id, has_queue, acd)| WorkgroupPatch {
        id: id.into(),
        has_queue: Some(has_queue),
        acd_queue: Some(acd),
        no_answer_status: None,
    });
    picture.apply(true, Content::Workgroups { set: set.into(), removed: Vec::new() });
    let mut acd = |workgroup: Option<&str>, outbound| {
        let attributes = Attributes {
            workgroup: Some(workgroup.map(WorkgroupId::new)),
            outbound,
            ..of("anna", InteractionState::Connected)
        };
        call(&mut picture, attributes).acd
    };
    assert!(acd(Some("sales"), Some(false)) && acd(Some("SALES"), None), "inbound, or a chat without direction");
    assert!(!acd(Some("Sales"), Some(true)) && !acd(None, Some(false)) && !acd(Some("Closed"), None));
    assert!(!acd(Some("Round"), None) && acd(Some("Unseen"), None));
}

#[test]
fn a_column_that_may_not_be_seen_logs_nobody_out() {
    let mut picture = picture(&["anna"]);
    let patch =
        StatusPatch { agent: "ANNA".into(), status: "Available".into(), since: None, logged_in: None, until: None };
    let updates = picture.apply(true, Content::Statuses(vec![patch]));
    let [Update::Status(agent, status)] = updates.as_slice() else { panic!("{updates:?}") };
    assert_eq!((agent.as_str(), status.logged_in, status.since), ("anna", true, None));
}

#[test]
fn another_status_does_not_take_over_the_time_of_the_one_before() {
    let mut picture = picture(&["anna"]);
    let mut told = |whole, status: &str, since| {
        let patch = StatusPatch { agent: "anna".into(), status: status.into(), since, logged_in: None, until: None };
        picture.apply(whole, Content::Statuses(vec![patch]));
        picture.lists().statuses.remove(0).1.since
    };
    assert_eq!(told(true, "Available", Some(at(5))), Some(at(5)));
    assert_eq!(told(false, "AVAILABLE", None), Some(at(5)), "the same status, unchanged");
    assert_eq!(told(false, "At Lunch", None), None);
}

#[test]
fn an_empty_whole_list_of_users_is_not_believed() {
    let mut picture = picture(&["anna"]);
    assert!(picture.apply(true, Content::Users { set: Vec::new(), removed: Vec::new() }).is_empty());
    assert_eq!(picture.population().len(), 1);
}

/// Somebody who only listens to updates.
#[derive(Debug, Default, PartialEq)]
struct Listener {
    agents: Vec<Agent>,
    workgroups: Vec<Workgroup>,
    catalogue: Catalogue,
    statuses: BTreeMap<AgentId, UserStatus>,
    interactions: BTreeMap<(AgentId, InteractionId), Interaction>,
}

impl Listener {
    fn hear(&mut self, update: Update) {
        match update {
            Update::Catalogue(catalogue) => self.catalogue = catalogue,
            Update::Workgroups(workgroups) => self.workgroups = workgroups,
            Update::Agents(agents) | Update::Rescoped(agents) => self.agents = agents,
            Update::Status(agent, status) => {
                self.statuses.insert(agent, status);
            }
            Update::Interaction(agent, interaction) => {
                self.interactions.insert((agent, interaction.id.clone()), interaction);
            }
            Update::InteractionLeft(agent, id) => {
                self.interactions.remove(&(agent, id)).expect("only what was there leaves");
            }
        }
    }
}

fn agent() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["anna", "ben", "carl", "stranger", ""])
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let state = prop::sample::select(vec!["A", "C", "H", "I", "E", "O", "", "?"]);
    let workgroup = prop::sample::select(vec!["Sales", "Support", ""]);
    (prop::option::of(state), prop::option::of(agent()), prop::option::of(workgroup), prop::option::of(any::<bool>()))
        .prop_map(|(state, user, workgroup, outbound)| Attributes {
            state: state.map(InteractionState::from_code),
            user: user.map(|id| (!id.is_empty()).then(|| id.into())),
            workgroup: workgroup.map(|id| (!id.is_empty()).then(|| id.into())),
            outbound,
            ..Attributes::default()
        })
}

fn content() -> impl Strategy<Value = Content> {
    let id = || prop::sample::select(vec!["1", "2", "3"]).prop_map(InteractionId::new);
    let calls = || prop::collection::vec((id(), attributes()), 0..3);
    let queues = (prop::sample::select(vec!["q", "r", "x"]), calls(), calls(), prop::collection::vec(id(), 0..2));
    let status = (agent(), prop::sample::select(vec!["Available", "Lunch"]), prop::option::of(any::<bool>()));
    let workgroup = (prop::sample::select(vec!["Sales", "Support"]), any::<bool>());
    prop_oneof![
        4 => queues.prop_map(|(subscription, added, changed, removed)| Content::Queues {
            subscription: subscription.to_owned(),
            added,
            changed,
            removed,
        }),
        2 => prop::collection::vec(status, 0..3).prop_map(|list| Content::Statuses(
            list.into_iter()
                .map(|(agent, status, logged_in)| StatusPatch {
                    agent: agent.into(),
                    status: status.into(),
                    since: None,
                    logged_in,
                    until: None,
                })
                .collect()
        )),
        1 => prop::collection::vec(workgroup, 0..3).prop_map(|list| Content::Workgroups {
            set: list
                .into_iter()
                .map(|(id, acd)| WorkgroupPatch {
                    id: id.into(),
                    has_queue: None,
                    acd_queue: Some(acd),
                    no_answer_status: None,
                })
                .collect(),
            removed: Vec::new(),
        }),
    ]
}

#[test]
fn a_picture_weighs_what_it_holds_and_no_more() {
    let mut picture = picture(&["anna"]);
    let empty = picture.weight();
    let many = |what: fn(String) -> StatusPatch| (0..1000).map(|n| what(format!("stranger{n}"))).collect();
    let stranger = |agent: String| StatusPatch {
        agent: AgentId::new(&agent),
        status: "Available".into(),
        since: None,
        logged_in: None,
        until: None,
    };
    picture.apply(false, Content::Statuses(many(stranger)));
    let full = picture.weight();
    assert!(full > empty + 1000 * 100, "those who are not watched weigh too");
    picture.apply(false, Content::Statuses(many(stranger)));
    assert_eq!(picture.weight(), full, "the same again weighs nothing");
    picture.apply(true, Content::Statuses(Vec::new()));
    assert_eq!(picture.weight(), empty);
    let calls = (0..100).map(|n| (InteractionId::new(&n.to_string()), of("anna", InteractionState::Connected)));
    let (added, changed, removed) = (calls.collect(), Vec::new(), Vec::new());
    picture.apply(false, Content::Queues { subscription: "x".repeat(1000), added, changed, removed });
    assert!(picture.weight() > empty + 100 * 100 + 1000);
}

#[test]
fn a_message_that_comes_again_is_told_from_one_that_leads_back() {
    let mut picture = picture(&["anna"]);
    let mut hear = |status: &str, second: i64| {
        let (status, since) = (status.into(), Some(at(second)));
        let patch = StatusPatch { agent: "anna".into(), status, since, logged_in: None, until: None };
        !picture.apply(false, Content::Statuses(vec![patch])).is_empty()
    };
    assert!(hear("Available", 100) && hear("Lunch", 200) && hear("Available", 300));
    assert!(!hear("Available", 300) && !hear("Lunch", 200) && !hear("Available", 100), "all of them were told before");
    assert!(hear("Lunch", 250), "a time that was not told");
    assert!(hear("Meeting", 250) && hear("Lunch", 250), "there and back within a second");
}

proptest! {
    /// Whoever hears all updates knows what a snapshot would say, except that statuses are never taken back.
    #[test]
    fn updates_add_up_to_the_snapshot(news in prop::collection::vec((any::<bool>(), content()), 0..40)) {
        let mut picture = Picture::new(Scope::default());
        let mut listener = Listener::default();
        let users: Vec<_> = ["anna", "ben", "carl"].map(user).into();
        let mut updates = picture.apply(true, Content::Users { set: users, removed: Vec::new() });
        let layout = [("q", vec!["anna", "ben"]), ("r", vec!["carl"])];
        let agents = |list: Vec<&str>| list.into_iter().map(AgentId::new).collect::<BTreeSet<_>>();
        updates.extend(picture.set_layout(&layout.map(|(id, users)| (id.to_owned(), agents(users))).into()));
        for (whole, content) in news {
            updates.extend(picture.apply(whole, content));
        }
        updates.into_iter().for_each(|update| listener.hear(update));
        let lists = picture.lists();
        prop_assert_eq!(&listener.agents, &lists.agents);
        prop_assert_eq!(&listener.workgroups, &lists.workgroups);
        let interactions: BTreeMap<_, _> =
            lists.interactions.into_iter().map(|(agent, call)| ((agent, call.id.clone()), call)).collect();
        prop_assert_eq!(&listener.interactions, &interactions);
        for (agent, status) in lists.statuses {
            prop_assert_eq!(listener.statuses.get(&agent), Some(&status));
        }
    }
}
