//! What arrives together, in either order.

use domain::ids::InteractionId;
use domain::source::{Interaction, Involvement};
use domain::target::RoutingStatus;
use routing::{Input, Machine, RoutingState, declined_first};

use crate::scene::{AVAILABLE, Agent, LUNCH, interaction, pending, state};

fn states(machine: &Machine, inputs: Vec<Input<'_>>) -> Vec<RoutingState> {
    let ordered = declined_first(machine, inputs);
    let mut machine = machine.clone();
    ordered.into_iter().map(|input| machine.apply(input)).collect()
}

fn call(involvement: Involvement) -> Interaction {
    interaction("call", involvement, true)
}

#[test]
fn declining_and_leaving_is_never_pending_whichever_message_comes_first() {
    let id = InteractionId::new("call");
    let mut agent = Agent::in_status(AVAILABLE);
    agent.is_offered("call");
    let entered = Input::Entered(LUNCH);
    let ended = call(Involvement::None);
    let never_pending = vec![state(RoutingStatus::Idle), state(RoutingStatus::OffQueue)];
    for leaves in [Input::Left(&id), Input::Interaction(&ended)] {
        assert_eq!(states(&agent.0, vec![leaves, entered]), never_pending);
        assert_eq!(states(&agent.0, vec![entered, leaves]), never_pending);
    }
}

#[test]
fn a_call_that_ends_before_it_is_removed_is_declined_once() {
    let (id, ended) = (InteractionId::new("call"), call(Involvement::None));
    let mut agent = Agent::in_status(AVAILABLE);
    agent.is_offered("call");
    let inputs = vec![Input::Entered(LUNCH), Input::Interaction(&ended), Input::Left(&id)];
    let ordered = declined_first(&agent.0, inputs);
    assert_eq!(ordered, [Input::Interaction(&ended), Input::Entered(LUNCH), Input::Left(&id)]);
}

#[test]
fn a_call_offered_and_declined_within_the_batch_goes_between_offer_and_status() {
    let (id, offered) = (InteractionId::new("call"), call(Involvement::Alerting));
    let agent = Agent::in_status(AVAILABLE);
    let inputs = vec![Input::Interaction(&offered), Input::Entered(LUNCH), Input::Left(&id)];
    let ordered = declined_first(&agent.0, inputs);
    assert_eq!(ordered, [Input::Interaction(&offered), Input::Left(&id), Input::Entered(LUNCH)]);
}

#[test]
fn a_call_offered_after_the_status_stays_after_it() {
    let (id, offered) = (InteractionId::new("call"), call(Involvement::Alerting));
    let agent = Agent::in_status(AVAILABLE);
    let inputs = vec![Input::Entered(LUNCH), Input::Interaction(&offered), Input::Left(&id)];
    assert_eq!(declined_first(&agent.0, inputs.clone()), inputs);
}

#[test]
fn what_was_connected_is_pending_for_the_moment_between_status_and_end() {
    let id = InteractionId::new("call");
    let mut agent = Agent::in_status(AVAILABLE);
    agent.answers("call");
    assert_eq!(
        states(&agent.0, vec![Input::Entered(LUNCH), Input::Left(&id)]),
        [pending(RoutingStatus::Interacting), state(RoutingStatus::OffQueue)]
    );
}

#[test]
fn what_was_answered_within_the_batch_was_not_declined() {
    let (id, answered) = (InteractionId::new("call"), call(Involvement::Connected));
    let mut agent = Agent::in_status(AVAILABLE);
    agent.is_offered("call");
    let inputs = vec![Input::Entered(LUNCH), Input::Interaction(&answered), Input::Left(&id)];
    assert_eq!(declined_first(&agent.0, inputs.clone()), inputs);
}

#[test]
fn another_call_and_another_whole_list_are_left_in_place() {
    let (id, other) = (InteractionId::new("call"), InteractionId::new("other"));
    let list = [call(Involvement::Alerting)];
    let mut agent = Agent::in_status(AVAILABLE);
    agent.is_offered("call");
    let unrelated = vec![Input::Entered(LUNCH), Input::Left(&other)];
    assert_eq!(declined_first(&agent.0, unrelated.clone()), unrelated);
    let listed = vec![Input::Snapshot(&list), Input::Entered(LUNCH), Input::Left(&id)];
    assert_eq!(declined_first(&agent.0, listed), [Input::Snapshot(&list), Input::Left(&id), Input::Entered(LUNCH)]);
}
