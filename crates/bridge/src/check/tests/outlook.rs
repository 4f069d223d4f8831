//! What is predicted of a shift change.

use domain::source::UserStatus;
use genesys_cloud::Delivery;
use genesys_cloud::survey::Survey;
use mapping::{Options as MappingOptions, Precedence, Rules};
use replicator::options::{BudgetOptions, ModeChoice, Options};

use super::super::forecast::{Outlook, forecast, on_queue_now};
use super::organisation::survey;
use super::{marks, read};

fn options(tokens: usize) -> Options {
    let imagined = "[pureconnect]\nhosts = [\"cic1\"]\nuser = \"bridge\"\npassword = { env = \"P\" }\n\
                    [genesys_cloud]\nregion = \"mypurecloud.de\"\nclient_id = \"c\"\nclient_secret = { env = \"S\" }\n";
    let options = crate::config::imagine(imagined).unwrap().links.remove(0).options;
    Options { budget: BudgetOptions { tokens, ..options.budget }, ..options }
}

fn outlook(options: &Options, agents: usize, on_queue: Option<f64>, delivery: Delivery) -> Outlook<'_> {
    Outlook { options, mode: ModeChoice::WorkforceEngagement, agents, on_queue, delivery }
}

#[test]
fn five_thousand_agents_are_in_time_by_events_and_late_one_by_one() {
    let options = options(1);
    let by_events = forecast(&outlook(&options, 5_000, None, Delivery::Events), &survey(Delivery::Events));
    let directly = forecast(&outlook(&options, 5_000, None, Delivery::Direct), &survey(Delivery::Direct));
    assert_eq!(marks(&directly)[1], "warning load-shift-change-late");
    assert_eq!(directly[1].facts["tokens_needed"], 6);
    insta::assert_snapshot!(read([by_events, directly].concat()));
}

#[test]
fn with_enough_tokens_it_is_in_time() {
    let options = options(6);
    let found = forecast(&outlook(&options, 5_000, Some(0.4), Delivery::Direct), &survey(Delivery::Direct));
    assert_eq!(marks(&found)[1], "ok load-shift-change", "{}", found[1].fact);
    assert!(found[1].fact.contains("40 % to On Queue as now"), "{}", found[1].fact);
}

#[test]
fn the_limit_is_that_of_the_answers_before_that_of_the_configuration() {
    let options = options(1);
    let mut slow = survey(Delivery::Events);
    slow.clients[0].limit = Some(60);
    let told = |survey: &Survey| forecast(&outlook(&options, 10, None, Delivery::Events), survey).remove(0).facts;
    assert_eq!(told(&slow)["requests_per_minute"], 60);
    slow.clients[0].limit = None;
    assert_eq!(told(&slow)["requests_per_minute"], 300);
}

#[test]
fn who_is_on_queue_now_is_counted_among_those_at_work() {
    let rules = Rules::built_in(MappingOptions { precedence: Precedence::Printed });
    let catalogue = mapping::default_catalogue();
    let status = |id: &str, logged_in| {
        let status = UserStatus { status: id.into(), since: None, logged_in, until: None };
        ("ada".into(), status)
    };
    let statuses = [
        status("Available", true),
        status("At Lunch", true),
        status("At Lunch", true),
        status("Nowhere", true),
        status("Available", false),
    ];
    assert_eq!(on_queue_now(&rules, &catalogue, &statuses), Some(0.25));
    assert_eq!(on_queue_now(&rules, &catalogue, &statuses[4..]), None);
}
