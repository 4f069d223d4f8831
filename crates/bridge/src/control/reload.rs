//! The command `reload`: tells the running bridge to read its configuration again, and says what came of it.

use super::{Reloaded, ask};
use crate::arguments;
use crate::config;
use crate::exit::{Exit, Failed};

/// What came of it, to be printed, and how the program ends.
pub fn reload(arguments: &arguments::Reload) -> Result<(String, Exit), Failed> {
    let local = config::load_local(&arguments.config)?;
    let reloaded = ask::reload(&local.control)?;
    let told = if arguments.json { json(&reloaded)? } else { sentences(&reloaded) };
    let exit = if reloaded.refused.is_some() { Exit::Configuration } else { Exit::Success };
    Ok((told, exit))
}

fn json(reloaded: &Reloaded) -> Result<String, Failed> {
    let text = serde_json::to_string_pretty(reloaded).map_err(|error| Failed::new(Exit::Internal, error))?;
    Ok(format!("{text}\n"))
}

fn sentences(reloaded: &Reloaded) -> String {
    if let Some(problem) = &reloaded.refused {
        return format!(
            "Refused: nothing was changed, the bridge goes on with the configuration that it has.\n{}\n",
            problem.trim_end()
        );
    }
    let mut told = match reloaded.applied.as_slice() {
        [] => "Read: nothing differs that can be applied while the bridge runs.\n".to_owned(),
        applied => listed("Applied:", applied),
    };
    if !reloaded.needs_restart.is_empty() {
        told += &listed("Differs, and needs a restart:", &reloaded.needs_restart);
    }
    told
}

fn listed(head: &str, items: &[String]) -> String {
    let items: String = items.iter().map(|item| format!("  {item}\n")).collect();
    format!("{head}\n{items}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn what_was_applied_and_what_waits_for_a_restart_is_listed() {
        let reloaded = Reloaded {
            refused: None,
            applied: words(&["the mapping rules", "the scope"]),
            needs_restart: words(&["[journal] location"]),
        };
        let told = sentences(&reloaded);
        assert_eq!(
            told,
            "Applied:\n  the mapping rules\n  the scope\nDiffers, and needs a restart:\n  [journal] location\n"
        );
        assert!(sentences(&Reloaded::default()).contains("nothing differs"));
    }

    #[test]
    fn a_refusal_says_that_nothing_was_changed_and_why() {
        let reloaded = Reloaded { refused: Some("bridge.toml:3: unknown key\n".to_owned()), ..Reloaded::default() };
        let told = sentences(&reloaded);
        assert!(told.contains("nothing was changed") && told.ends_with("unknown key\n"), "{told}");
        assert!(json(&reloaded).unwrap().contains("\"refused\""));
    }
}
