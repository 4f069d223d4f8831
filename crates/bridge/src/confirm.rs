//! The command `confirm`: tells the running bridge that what PureConnect shows is right, and says what came of it.

use crate::arguments;
use crate::config;
use crate::control::{self, Answer};
use crate::exit::{Exit, Failed};

/// What came of it, to be printed, and how the program ends.
pub fn confirm(arguments: &arguments::Confirm) -> Result<(String, Exit), Failed> {
    let local = config::load_local(&arguments.config)?;
    let answer = control::confirm(&local.control, arguments.link.as_deref())?;
    let told = if arguments.json { json(&answer)? } else { sentence(&answer) };
    Ok((told, exit(&answer)))
}

fn exit(answer: &Answer) -> Exit {
    match answer {
        Answer::NothingFrozen | Answer::Confirmed { .. } => Exit::Success,
        Answer::NotConfirmable { .. } => Exit::NotConfirmable,
        Answer::Failed { .. } => Exit::Unreachable,
    }
}

fn json(answer: &Answer) -> Result<String, Failed> {
    let text = serde_json::to_string(answer).map_err(|error| Failed::new(Exit::Internal, error))?;
    Ok(format!("{text}\n"))
}

fn sentence(answer: &Answer) -> String {
    match answer {
        Answer::NothingFrozen => "Nothing is frozen: there is nothing to confirm.\n".to_owned(),
        Answer::Confirmed { doubt } => {
            format!(
                "Confirmed: delivery goes on with a fresh snapshot, which is asked for now. What was doubted: {doubt}.\n"
            )
        }
        Answer::NotConfirmable { doubt, advice } => {
            format!("This cannot be confirmed, and delivery stays frozen: {doubt}.\nWhat to do: {advice}.\n")
        }
        Answer::Failed { error } => format!("Not confirmed: {error}.\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_it_is_a_sentence_and_an_exit_code() {
        let doubt = || "the snapshot shows 3 agents where there were 40".to_owned();
        let cases = [
            (Answer::NothingFrozen, "nothing to confirm", 0),
            (Answer::Confirmed { doubt: doubt() }, "What was doubted: the snapshot shows 3", 0),
            (Answer::NotConfirmable { doubt: doubt(), advice: "wait".to_owned() }, "What to do: wait.", 3),
            (Answer::Failed { error: "the bridge is stopping".to_owned() }, "Not confirmed: the bridge is", 69),
        ];
        for (answer, words, code) in cases {
            assert!(sentence(&answer).contains(words), "{}", sentence(&answer));
            assert_eq!(exit(&answer).code(), code, "{answer:?}");
        }
    }
}
