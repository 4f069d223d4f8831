//! Which agent is meant: by the user id, or by what the running bridge knows of people.
//!
//! The journal has user ids only. Names and e-mail addresses are told by a bridge that runs, if there is one.

use domain::ids::AgentId;
use store::Reader;

use crate::control::LinkAgents;
use crate::exit::{Exit, Failed};
use crate::problem::{Problem, nearest_first};

/// How many others are named.
const OTHERS: usize = 5;

/// The agent of the journal with this user id, without case.
pub async fn known(reader: &mut Reader, asked: &str) -> Result<AgentId, Failed> {
    let known = reader.names().await?;
    find(asked, &known, &[]).map_err(|problem| Failed::diagnosed(Exit::Usage, problem))
}

/// The same, or the only one with this display name or e-mail address among those that the bridge tells of.
pub async fn known_or_told(reader: &mut Reader, asked: &str, told: &[LinkAgents]) -> Result<AgentId, Failed> {
    let known = reader.names().await?;
    let people: Vec<Person<'_>> = told
        .iter()
        .flat_map(|link| &link.agents)
        .map(|agent| Person { id: &agent.agent, name: &agent.name, email: agent.email.as_deref() })
        .collect();
    find(asked, &known, &people).map_err(|problem| Failed::diagnosed(Exit::Usage, problem))
}

/// An agent as the bridge tells of them.
struct Person<'a> {
    id: &'a str,
    name: &'a str,
    email: Option<&'a str>,
}

impl Person<'_> {
    fn is_called(&self, wanted: &str) -> bool {
        self.name.to_lowercase() == wanted || self.email.is_some_and(|email| email.to_lowercase() == wanted)
    }
}

fn find(asked: &str, known: &[AgentId], people: &[Person<'_>]) -> Result<AgentId, Problem> {
    let wanted = asked.trim().to_lowercase();
    let with_id = |id: &str| known.iter().find(|agent| agent.as_str().to_lowercase() == id.to_lowercase());
    if let Some(agent) = with_id(&wanted) {
        return Ok(agent.clone());
    }
    let called: Vec<&Person<'_>> = people.iter().filter(|person| person.is_called(&wanted)).collect();
    match called.as_slice() {
        [one] => match with_id(one.id) {
            Some(agent) => Ok(agent.clone()),
            None => Err(Problem::new(format!("nothing is in the journal of the agent {}", one.id))),
        },
        [_, _, ..] => {
            let ids: Vec<&str> = called.iter().map(|person| person.id).collect();
            let problem = Problem::new(format!("{} agents are called {asked:?}", ids.len()));
            Err(problem.help(format!("which one? {}", ids.join(", "))))
        }
        [] => {
            let names = people.iter().flat_map(|person| [Some(person.name), person.email]).flatten();
            let candidates = known.iter().map(AgentId::as_str).chain(names.filter(|name| !name.is_empty()));
            let mut near = nearest_first(asked.trim(), candidates);
            near.dedup();
            near.truncate(OTHERS);
            let problem = Problem::new(format!("the journal knows no agent {asked:?}"));
            Err(match near.as_slice() {
                [] if people.is_empty() => {
                    problem.help("give the PureConnect user id; names are known while the bridge runs")
                }
                [] => problem.help("give the PureConnect user id, the display name or the e-mail address"),
                near => problem.help(format!("did you mean {}?", near.join(", "))),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JANE: Person<'_> = Person { id: "Jane.Doe", name: "Jane Doe", email: Some("jane@example.com") };

    fn found(asked: &str, people: &[Person<'_>]) -> Result<String, String> {
        let known = ["jane.doe", "joe.bloggs", "joan.roe"].map(AgentId::new);
        let found = find(asked, &known, people);
        found.map(|agent| agent.as_str().to_owned()).map_err(|problem| {
            let help = miette::Diagnostic::help(&problem).map(|help| help.to_string()).unwrap_or_default();
            format!("{problem}; {help}")
        })
    }

    #[test]
    fn the_user_id_names_an_agent_without_case_and_so_do_name_and_address_while_the_bridge_runs() {
        assert_eq!(found("JANE.DOE", &[]).as_deref(), Ok("jane.doe"));
        assert_eq!(found(" jane doe ", &[JANE]).as_deref(), Ok("jane.doe"));
        assert_eq!(found("Jane@Example.com", &[JANE]).as_deref(), Ok("jane.doe"));
    }

    #[test]
    fn a_name_of_several_is_nobody_s() {
        let other = Person { id: "joan.roe", ..JANE };
        let told = found("Jane Doe", &[JANE, other]).unwrap_err();
        assert!(told.contains("2 agents are called") && told.contains("Jane.Doe, joan.roe"), "{told}");
    }

    #[test]
    fn whoever_is_not_known_may_have_been_mistyped() {
        let told = found("jane.do", &[]).unwrap_err();
        assert!(
            told.contains("the journal knows no agent \"jane.do\"") && told.contains("did you mean jane.doe"),
            "{told}"
        );
        assert!(found("Jane Do", &[JANE]).unwrap_err().contains("Jane Doe"));
        assert!(found("zzz", &[]).unwrap_err().contains("names are known while the bridge runs"));
    }

    #[test]
    fn an_agent_without_entries_is_said_to_have_none() {
        let new = Person { id: "new.one", name: "New One", email: None };
        assert!(found("new one", &[new]).unwrap_err().contains("nothing is in the journal of the agent new.one"));
    }
}
