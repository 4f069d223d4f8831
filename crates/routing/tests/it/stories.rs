//! A story for each thing that is said of the routing status.

use domain::source::Involvement;
use domain::target::RoutingStatus;
use routing::{AfterCallWork, Machine, Options, StatusInput};

use crate::scene::{AVAILABLE, Agent, FOLLOW_UP, LUNCH, NOT_ANSWERING, OPTIONS, interaction, pending, state};

const OFF_QUEUE: RoutingStatus = RoutingStatus::OffQueue;
const IDLE: RoutingStatus = RoutingStatus::Idle;
const INTERACTING: RoutingStatus = RoutingStatus::Interacting;
const COMMUNICATING: RoutingStatus = RoutingStatus::Communicating;
const NOT_RESPONDING: RoutingStatus = RoutingStatus::NotResponding;

#[test]
fn before_the_first_status_the_machine_says_off_queue_and_that_it_has_not_entered() {
    let mut agent = Agent::new();
    assert!(!agent.0.has_entered());
    assert_eq!(agent.answers("call"), state(OFF_QUEUE));
    assert_eq!(agent.enters(AVAILABLE), state(INTERACTING));
    assert!(agent.0.has_entered());
}

#[test]
fn off_queue_with_nothing_pending_is_off_queue_whatever_the_agent_is_connected_to() {
    let mut agent = Agent::in_status(LUNCH);
    assert_eq!(agent.0.state(), state(OFF_QUEUE));
    assert_eq!(agent.talks_directly("friend"), state(OFF_QUEUE));
    assert_eq!(agent.answers("call"), state(OFF_QUEUE));
}

#[test]
fn on_queue_and_not_connected_is_idle_and_alerting_changes_nothing() {
    let mut agent = Agent::in_status(AVAILABLE);
    assert_eq!(agent.0.state(), state(IDLE));
    assert_eq!(agent.is_offered("call"), state(IDLE));
    assert_eq!(agent.is_called_directly("friend"), state(IDLE));
    assert_eq!(agent.answers("call"), state(INTERACTING));
    assert_eq!(agent.hangs_up("call"), state(IDLE));
}

#[test]
fn acd_and_other_interactions_at_once_are_interacting() {
    let mut agent = Agent::in_status(AVAILABLE);
    assert_eq!(agent.talks_directly("friend"), state(COMMUNICATING));
    assert_eq!(agent.answers("call"), state(INTERACTING));
    assert_eq!(agent.loses("friend"), state(INTERACTING));
    assert_eq!(agent.talks_directly("colleague"), state(INTERACTING));
    assert_eq!(agent.loses("call"), state(COMMUNICATING));
    assert_eq!(agent.loses("colleague"), state(IDLE));
}

#[test]
fn an_interaction_that_turns_out_to_be_acd_counts_as_such_from_then_on() {
    let mut agent = Agent::in_status(AVAILABLE);
    assert_eq!(agent.talks_directly("call"), state(COMMUNICATING));
    assert_eq!(agent.answers("call"), state(INTERACTING));
    assert_eq!(agent.talks_directly("call"), state(COMMUNICATING));
}

#[test]
fn after_call_work_is_interacting_while_the_status_lasts() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.answers("call");
    assert_eq!(agent.enters(FOLLOW_UP), state(INTERACTING));
    assert_eq!(agent.loses("call"), state(INTERACTING));
    assert_eq!(agent.enters(AVAILABLE), state(IDLE));
}

#[test]
fn after_call_work_may_be_told_to_be_idle_and_calls_then_count_as_ever() {
    let mut agent = Agent::with(Options { after_call_work: AfterCallWork::Idle });
    assert_eq!(agent.enters(FOLLOW_UP), state(IDLE));
    assert_eq!(agent.talks_directly("friend"), state(COMMUNICATING));
    assert_eq!(agent.answers("call"), state(INTERACTING));
}

#[test]
fn who_does_not_answer_is_not_responding_until_the_next_status() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.is_offered("call");
    agent.loses("call");
    assert_eq!(agent.enters(NOT_ANSWERING), state(NOT_RESPONDING));
    assert_eq!(agent.is_called_directly("friend"), state(NOT_RESPONDING));
    assert_eq!(agent.enters(AVAILABLE), state(IDLE));
}

#[test]
fn who_does_not_answer_is_not_responding_until_connected_and_does_not_become_so_again() {
    let mut agent = Agent::in_status(NOT_ANSWERING);
    assert_eq!(agent.0.state(), state(NOT_RESPONDING));
    assert_eq!(agent.talks_directly("friend"), state(OFF_QUEUE));
    assert_eq!(agent.loses("friend"), state(OFF_QUEUE));
    assert_eq!(agent.enters(NOT_ANSWERING), state(NOT_RESPONDING));
}

#[test]
fn who_is_connected_when_put_in_a_no_answer_status_responds_all_the_same() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.talks_directly("friend");
    agent.is_offered("call");
    agent.loses("call");
    assert_eq!(agent.enters(NOT_ANSWERING), pending(COMMUNICATING));
    assert_eq!(agent.loses("friend"), state(OFF_QUEUE));
}

#[test]
fn not_responding_may_be_shown_with_an_on_queue_presence() {
    let on_queue = StatusInput { on_queue: true, ..NOT_ANSWERING };
    let mut agent = Agent::in_status(on_queue);
    assert_eq!(agent.0.state(), state(NOT_RESPONDING));
    assert_eq!(agent.answers("call"), state(INTERACTING));
    assert_eq!(agent.loses("call"), state(IDLE));
}

#[test]
fn the_flag_is_kept_beside_not_responding_while_the_call_still_rings() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.is_offered("call");
    assert_eq!(agent.enters(NOT_ANSWERING), pending(NOT_RESPONDING));
    assert_eq!(agent.loses("call"), state(NOT_RESPONDING));
}

#[test]
fn a_status_that_becomes_a_no_answer_status_counts_from_when_it_was_entered() {
    let mut quiet = Agent::in_status(LUNCH);
    assert_eq!(quiet.finds_status_changed(NOT_ANSWERING), state(NOT_RESPONDING));
    assert_eq!(quiet.finds_status_changed(LUNCH), state(OFF_QUEUE));
    let mut talked = Agent::in_status(NOT_ANSWERING);
    talked.talks_directly("friend");
    talked.loses("friend");
    assert_eq!(talked.finds_status_changed(NOT_ANSWERING), state(OFF_QUEUE));
}

#[test]
fn a_changed_catalogue_does_not_end_not_responding() {
    let mut agent = Agent::in_status(NOT_ANSWERING);
    let on_queue = StatusInput { on_queue: true, ..NOT_ANSWERING };
    assert_eq!(agent.finds_status_changed(on_queue), state(NOT_RESPONDING));
}

#[test]
fn going_to_lunch_on_a_call_is_pending_until_that_call_has_ended() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.answers("call");
    assert_eq!(agent.enters(LUNCH), pending(INTERACTING));
    assert_eq!(agent.hangs_up("call"), state(OFF_QUEUE));
    assert_eq!(agent.loses("call"), state(OFF_QUEUE));
}

#[test]
fn leaving_while_alerting_is_pending_and_idle_and_follows_the_call_when_it_is_answered() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.is_offered("call");
    assert_eq!(agent.enters(LUNCH), pending(IDLE));
    assert_eq!(agent.answers("call"), pending(INTERACTING));
    assert_eq!(agent.loses("call"), state(OFF_QUEUE));
}

#[test]
fn what_began_after_leaving_neither_prolongs_nor_colours_what_is_pending() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.talks_directly("friend");
    assert_eq!(agent.enters(LUNCH), pending(COMMUNICATING));
    assert_eq!(agent.answers("late call"), pending(COMMUNICATING));
    assert_eq!(agent.loses("friend"), state(OFF_QUEUE));
}

#[test]
fn all_that_the_agent_had_must_have_ended() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.answers("call");
    agent.talks_directly("friend");
    assert_eq!(agent.enters(LUNCH), pending(INTERACTING));
    assert_eq!(agent.loses("call"), pending(COMMUNICATING));
    assert_eq!(agent.loses("friend"), state(OFF_QUEUE));
}

#[test]
fn another_off_queue_status_keeps_what_is_pending_and_adds_nothing() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.answers("call");
    agent.enters(LUNCH);
    agent.talks_directly("friend");
    assert_eq!(agent.enters(LUNCH), pending(INTERACTING));
    assert_eq!(agent.loses("call"), state(OFF_QUEUE));
}

#[test]
fn going_back_on_queue_clears_the_flag_and_leaving_again_takes_what_there_is_then() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.answers("call");
    agent.enters(LUNCH);
    agent.talks_directly("friend");
    assert_eq!(agent.enters(AVAILABLE), state(INTERACTING));
    agent.loses("call");
    assert_eq!(agent.enters(LUNCH), pending(COMMUNICATING));
}

#[test]
fn an_interaction_that_ended_and_comes_again_is_a_new_one() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.is_offered("call");
    agent.enters(LUNCH);
    assert_eq!(agent.loses("call"), state(OFF_QUEUE));
    assert_eq!(agent.is_offered("call"), state(OFF_QUEUE));
}

#[test]
fn who_declines_first_and_leaves_then_is_not_pending() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.is_offered("call");
    agent.loses("call");
    assert_eq!(agent.enters(LUNCH), state(OFF_QUEUE));
}

#[test]
fn a_tick_box_that_takes_the_status_off_queue_is_leaving_too() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.answers("call");
    assert_eq!(agent.finds_status_changed(LUNCH), pending(INTERACTING));
    assert_eq!(agent.finds_status_changed(AVAILABLE), state(INTERACTING));
}

#[test]
fn what_left_while_the_connection_was_down_is_noticed_in_the_fresh_list() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.answers("call");
    agent.talks_directly("friend");
    agent.enters(LUNCH);
    let still = [interaction("friend", Involvement::Connected, false)];
    assert_eq!(agent.reconnects_with(&still), pending(COMMUNICATING));
    assert_eq!(agent.reconnects_with(&[]), state(OFF_QUEUE));
}

#[test]
fn what_began_and_was_left_with_while_the_connection_was_down_is_pending() {
    let mut agent = Agent::in_status(AVAILABLE);
    let fresh = [interaction("call", Involvement::Connected, true)];
    assert_eq!(agent.reconnects_with(&fresh), state(INTERACTING));
    assert_eq!(agent.enters(LUNCH), pending(INTERACTING));
}

#[test]
fn a_connection_found_in_a_fresh_list_ends_not_responding() {
    let mut agent = Agent::in_status(NOT_ANSWERING);
    let fresh = [interaction("call", Involvement::Connected, true)];
    assert_eq!(agent.reconnects_with(&fresh), state(OFF_QUEUE));
}

#[test]
fn at_the_start_an_acd_call_off_queue_was_begun_on_queue_and_a_direct_one_says_nothing() {
    let mut agent = Agent::new();
    agent.reconnects_with(&[
        interaction("call", Involvement::Connected, true),
        interaction("friend", Involvement::Connected, false),
    ]);
    assert_eq!(agent.enters(LUNCH), pending(INTERACTING));
    assert_eq!(agent.loses("call"), state(OFF_QUEUE));
}

#[test]
fn a_rule_prescribes_what_stands_while_not_connected() {
    let not_for_calls = StatusInput { routing: Some(OFF_QUEUE), ..AVAILABLE };
    let mut agent = Agent::in_status(not_for_calls);
    assert_eq!(agent.0.state(), state(OFF_QUEUE));
    assert_eq!(agent.talks_directly("friend"), state(COMMUNICATING));
    let at_hand = StatusInput { routing: Some(IDLE), ..LUNCH };
    assert_eq!(agent.enters(at_hand), pending(COMMUNICATING));
    assert_eq!(agent.loses("friend"), state(IDLE));
}

#[test]
fn ids_of_interactions_have_no_case() {
    let mut agent = Agent::in_status(AVAILABLE);
    agent.answers("Call-A");
    assert_eq!(agent.loses("call-a"), state(IDLE));
}

#[test]
fn what_a_machine_never_heard_of_may_leave() {
    let mut agent = Agent(Machine::new(OPTIONS));
    agent.loses("call");
    assert_eq!(agent.0, Machine::new(OPTIONS));
}
