//! What a newcomer is told: where the console is, what to look at, how to break something, and what comes of it then.
//!
//! Every command that it prints can be pasted into another terminal as it is.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use simulator::faults::{NAMED, Named};
use simulator::remote::Remote;

use crate::arguments;
use crate::exit::{Exit, Failed};
use crate::logging;
use crate::simulate::{fault_command, program};

/// What is broken on the tour, in this order, and for how long.
const BREAK: [(&str, Option<&str>); 4] =
    [("cloud-down", Some("20s")), ("switchover", None), ("foreign-write", None), ("half-list", None)];

/// What the tour leads through.
pub struct Tour<'a> {
    /// The console's address, if there is one.
    pub console: Option<String>,
    /// Where the simulators are.
    pub simulators: Remote,
    /// The link's name.
    pub link: &'a str,
    /// Somebody to look at.
    pub agent: Option<&'a str>,
    /// Where everything is written down.
    pub journal: &'a Path,
    /// How the demo was started.
    pub arguments: &'a arguments::Demo,
}

/// Tells it, before the first line of the day.
pub fn tell(tour: &Tour<'_>) -> Result<(), Failed> {
    let mut stdout = io::stdout().lock();
    let text = text(tour, logging::colours(stdout.is_terminal()));
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| Failed::new(Exit::Internal, error))
}

/// Opens the console in the browser; says so where that does not go.
pub fn open(url: &str) -> Option<Child> {
    let opener =
        Command::new("xdg-open").arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    match opener {
        Ok(child) => Some(child),
        Err(error) => {
            // The demo goes on when nobody reads this.
            drop(writeln!(io::stderr().lock(), "no browser could be opened (xdg-open: {error}); the address is {url}"));
            None
        }
    }
}

fn text(tour: &Tour<'_>, clickable: bool) -> String {
    let arguments = tour.arguments;
    let shown = |url: &str| if clickable { linked(url) } else { url.to_owned() };
    let mut text = String::new();
    if let Some(console) = &tour.console {
        text.push_str(&format!("The console is at {}\n", shown(console)));
    }
    let end = match arguments.exit_after {
        Some(_) => "\n",
        None => " Day follows day until Ctrl-C.\n",
    };
    text.push_str(&format!(
        "PureConnect is simulated at {}, Genesys Cloud at {}.\n\
         The bridge replicates {} agents between them; an hour of their day takes {:.1} s here.{end}",
        tour.simulators.icws,
        tour.simulators.cloud,
        arguments.agents,
        3_600.0 / arguments.speed,
    ));
    if arguments.json {
        return text;
    }
    let mut steps = Steps::default();
    if let Some(console) = &tour.console {
        look(&mut steps, tour, &|path| shown(&format!("{console}{path}")));
    }
    break_something(&mut steps, tour);
    steps.part("Ask the journal");
    let journal = tour.journal.display();
    steps.step(
        &format!("{} report --journal {journal}", program()),
        "When the feed could be relied on, and how late changes were.",
    );
    text.push_str(&steps.text);
    text.push('\n');
    text
}

fn look(steps: &mut Steps, tour: &Tour<'_>, page: &dyn Fn(&str) -> String) {
    let link = tour.link;
    steps.part("Look");
    steps.step(
        &page(""),
        "Overview: how many agents are in step, how late changes are, since when the feed can be relied on.",
    );
    if let Some(agent) = tour.agent {
        steps.step(
            &page(&format!("links/{link}/agents/{agent}")),
            "An agent's day: PureConnect's band above Genesys Cloud's, and every change with its times and its rule.",
        );
    }
    steps.step(
        &page(&format!("links/{link}/mapping")),
        "Mapping: what every status message means, and why. Try one that does not exist yet.",
    );
}

fn break_something(steps: &mut Steps, tour: &Tour<'_>) {
    let see = if tour.console.is_some() { ", and watch the Overview" } else { "" };
    steps.part(&format!("Break something: paste a command into another terminal{see}"));
    for (name, lasts) in BREAK {
        let what = lasts.map_or_else(|| name.to_owned(), |lasts| format!("{name} --for {lasts}"));
        let story = Named::find(name)
            .map_or_else(String::new, |fault| format!("{}. {}", capital(fault.breaks), fault.expected));
        steps.step(&fault_command(&tour.simulators, &what), &story);
    }
    let all = format!("All {} of them.", NAMED.len());
    steps.step(&format!("{} simulate fault --list", program()), &all);
}

/// Numbered steps.
#[derive(Default)]
struct Steps {
    text: String,
    count: usize,
}

/// How wide what is told of a step may be.
const WIDTH: usize = 112;

impl Steps {
    fn part(&mut self, heading: &str) {
        self.text.push_str(&format!("\n{heading}\n"));
    }

    fn step(&mut self, what: &str, about: &str) {
        self.count += 1;
        self.text.push_str(&format!(" {:>2}  {what}\n", self.count));
        for line in wrapped(about) {
            self.text.push_str(&format!("     {line}\n"));
        }
    }
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A link that terminals can open: OSC 8.
fn linked(url: &str) -> String {
    format!("\u{1b}]8;;{url}\u{1b}\\{url}\u{1b}]8;;\u{1b}\\")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::{Arguments, Command as Asked};

    fn demo(words: &str) -> arguments::Demo {
        match Arguments::try_parse_from(words.split(' ')).unwrap().command {
            Asked::Demo(demo) => demo,
            other => panic!("{other:?}"),
        }
    }

    fn told(arguments: &arguments::Demo, cloud: &str, clickable: bool) -> String {
        let simulators = Remote { icws: "http://127.0.0.1:8018".to_owned(), cloud: cloud.to_owned() };
        let console = (!arguments.no_console).then(|| "http://127.0.0.1:8090/".to_owned());
        let journal = Path::new("/tmp/demo.journal");
        let tour = Tour { console, simulators, link: "default", agent: Some("ada.abel1"), journal, arguments };
        text(&tour, clickable).replace(&program(), "presence-bridge")
    }

    #[test]
    fn the_tour_leads_through_the_console_and_breaks_something() {
        let text = told(&demo("presence-bridge demo"), "http://127.0.0.1:8080", false);
        let steps: Vec<&str> =
            text.lines().filter(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit())).collect();
        assert_eq!(
            steps,
            [
                "  1  http://127.0.0.1:8090/",
                "  2  http://127.0.0.1:8090/links/default/agents/ada.abel1",
                "  3  http://127.0.0.1:8090/links/default/mapping",
                "  4  presence-bridge simulate fault cloud-down --for 20s",
                "  5  presence-bridge simulate fault switchover",
                "  6  presence-bridge simulate fault foreign-write",
                "  7  presence-bridge simulate fault half-list",
                "  8  presence-bridge simulate fault --list",
                "  9  presence-bridge report --journal /tmp/demo.journal",
            ],
            "{text}"
        );
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(WIDTH + 8), "{text}");
    }

    #[test]
    fn a_command_carries_the_address_that_it_needs_and_a_terminal_gets_links() {
        let text = told(&demo("presence-bridge demo"), "http://127.0.0.1:40001", true);
        let command = "simulate fault cloud-down --for 20s --cloud http://127.0.0.1:40001\n";
        assert!(text.contains(command) && !text.contains("--icws"), "{text}");
        assert!(text.starts_with("The console is at \u{1b}]8;;http://127.0.0.1:8090/\u{1b}\\http://127.0.0.1:8090/"));
    }

    #[test]
    fn programs_are_spared_the_tour_and_without_a_console_none_is_named() {
        let for_programs = told(&demo("presence-bridge demo --json --exit-after 8h"), "http://127.0.0.1:8080", false);
        assert_eq!(for_programs.lines().count(), 3, "{for_programs}");
        let without = told(&demo("presence-bridge demo --no-console"), "http://127.0.0.1:8080", false);
        assert!(!without.to_lowercase().contains("console") && without.contains("fault cloud-down"), "{without}");
    }
}
