//! How an operator speaks to the running bridge: one line of JSON into a Unix socket, one line of JSON out.
//!
//! Knows the words and the socket. Does not know what the commands do: the loop that owns the engine answers them.

mod ask;
mod serve;

use std::time::Duration;

use serde_json::{Value, json};

pub use self::ask::confirm;
pub use self::serve::Listening;

/// The longest line that either side takes. A command is a few words; an answer a sentence or two.
const LINE: usize = 4_096;

/// How long either side waits for the other. Longer than the loop ever takes to come round.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the bridge is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    /// What PureConnect shows is right; deliver it.
    Confirm,
}

impl Request {
    fn line(self) -> String {
        match self {
            Self::Confirm => "{\"command\":\"confirm\"}\n".to_owned(),
        }
    }

    fn parse(line: &str) -> Result<Self, String> {
        let request: Value = serde_json::from_str(line).map_err(|error| format!("the request is not JSON: {error}"))?;
        match request.get("command").and_then(Value::as_str) {
            Some("confirm") => Ok(Self::Confirm),
            Some(_) => Err("unknown command; this bridge knows confirm".to_owned()),
            None => Err("the request names no command".to_owned()),
        }
    }
}

/// What the bridge answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Delivery is not frozen.
    NothingFrozen,
    /// Delivery was frozen by this doubt and goes on.
    Confirmed {
        /// What was doubted.
        doubt: String,
    },
    /// Delivery is frozen by this doubt and stays so.
    NotConfirmable {
        /// What is doubted.
        doubt: String,
        /// What ends it.
        advice: String,
    },
    /// The bridge did not do it.
    Failed {
        /// Why.
        error: String,
    },
}

impl Answer {
    /// As JSON, for the socket and for programs.
    pub fn json(&self) -> Value {
        match self {
            Self::NothingFrozen => json!({ "answer": "nothing-frozen" }),
            Self::Confirmed { doubt } => json!({ "answer": "confirmed", "doubt": doubt }),
            Self::NotConfirmable { doubt, advice } => {
                json!({ "answer": "not-confirmable", "doubt": doubt, "advice": advice })
            }
            Self::Failed { error } => json!({ "answer": "failed", "error": error }),
        }
    }

    fn parse(line: &str) -> Option<Self> {
        let answer: Value = serde_json::from_str(line).ok()?;
        let text = |key: &str| answer.get(key).and_then(Value::as_str).map(str::to_owned);
        match text("answer")?.as_str() {
            "nothing-frozen" => Some(Self::NothingFrozen),
            "confirmed" => Some(Self::Confirmed { doubt: text("doubt")? }),
            "not-confirmable" => Some(Self::NotConfirmable { doubt: text("doubt")?, advice: text("advice")? }),
            "failed" => Some(Self::Failed { error: text("error")? }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_understood_as_it_was_written() {
        assert_eq!(Request::parse(Request::Confirm.line().trim_end()), Ok(Request::Confirm));
        assert!(Request::parse("confirm").unwrap_err().contains("not JSON"));
        assert!(Request::parse("[]").unwrap_err().contains("no command"));
        assert!(Request::parse("{\"command\":\"stop\"}").unwrap_err().contains("unknown command"));
    }

    #[test]
    fn an_answer_is_understood_as_it_was_written() {
        let text = || "a \"quoted\"\nline".to_owned();
        let answers = [
            Answer::NothingFrozen,
            Answer::Confirmed { doubt: text() },
            Answer::NotConfirmable { doubt: text(), advice: text() },
            Answer::Failed { error: text() },
        ];
        for answer in answers {
            let line = answer.json().to_string();
            assert!(!line.contains('\n'), "{line}");
            assert_eq!(Answer::parse(&line), Some(answer));
        }
        assert_eq!(Answer::parse("{\"answer\":\"maybe\"}"), None);
        assert_eq!(Answer::parse("{\"answer\":\"confirmed\"}"), None);
    }
}
