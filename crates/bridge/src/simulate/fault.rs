//! The command `simulate fault`: lets something go wrong with simulators that run already, says what should come of it, and
//! ends it in time.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};
use simulator::faults::{Asked, NAMED, Named, Side, Span};
use simulator::remote::{Remote, RemoteFailure};
use tokio_util::sync::CancellationToken;

use crate::arguments::{self, CLEAR, CLOUD, ICWS, url};
use crate::exit::{Exit, Failed};
use crate::problem::Problem;
use crate::{durations, signals};

/// The command.
pub fn fault(arguments: &arguments::Fault) -> Result<Exit, Failed> {
    if arguments.list {
        print(&if arguments.json { format!("{:#}\n", list_json()) } else { list() })?;
        return Ok(Exit::Success);
    }
    let name = arguments.name.as_deref().unwrap_or_default();
    let remote = Remote { icws: arguments.icws.clone(), cloud: arguments.cloud.clone() };
    if name == CLEAR {
        if arguments.lasts.is_some() {
            return Err(usage("`clear` ends every fault at once", "leave --for out"));
        }
        return signals::run_until_told(|_| clear(remote));
    }
    // The arguments know the same names.
    let fault = Named::find(name).ok_or_else(|| usage("there is no such fault", "`--list` shows them"))?;
    let lasts = arguments.lasts;
    if lasts.is_some() && fault.span == Span::Moment {
        return Err(usage(&format!("{name} happens in a moment"), "leave --for out: there is nothing to end"));
    }
    signals::run_until_told(|shutdown| make(remote, fault, lasts, shutdown))
}

async fn make(
    remote: Remote,
    fault: &'static Named,
    lasts: Option<Duration>,
    shutdown: CancellationToken,
) -> Result<Exit, Failed> {
    let speed = remote.speed(fault.side()).await.map_err(failed)?;
    for asked in fault.begin(seconds(fault.span, lasts, speed)) {
        remote.ask(&asked).await.map_err(failed)?;
    }
    let Named { name, breaks, expected, .. } = fault;
    print(&format!("{name}: {breaks}.\nExpected: {expected}\n{}\n", ends(&remote, fault.span, lasts, speed)))?;
    let Some(lasts) = lasts else { return Ok(Exit::Success) };
    // Whichever it is, the fault ends.
    let _ = tokio::time::timeout(lasts, shutdown.cancelled()).await;
    for asked in fault.end() {
        remote.ask(&asked).await.map_err(failed)?;
    }
    print(&format!("{name} is over.\n"))?;
    Ok(Exit::Success)
}

async fn clear(remote: Remote) -> Result<Exit, Failed> {
    for side in [Side::Icws, Side::Cloud] {
        // That a simulator is there is asked before anything of it is changed.
        remote.speed(side).await.map_err(failed)?;
    }
    for asked in [Side::Icws, Side::Cloud].into_iter().flat_map(Asked::everything_over) {
        remote.ask(&asked).await.map_err(failed)?;
    }
    print("Every fault is over.\n")?;
    Ok(Exit::Success)
}

/// How long it lasts on the simulated clock, in seconds: as long as is asked for, else as long as it says of itself.
fn seconds(span: Span, lasts: Option<Duration>, speed: f64) -> u64 {
    match (lasts, span) {
        (Some(lasts), _) => lasts.mul_f64(speed).as_secs().max(1),
        (None, Span::Seconds(seconds)) => seconds,
        (None, Span::Lasting | Span::Moment) => 0,
    }
}

/// When it ends, in a sentence.
fn ends(remote: &Remote, span: Span, lasts: Option<Duration>, speed: f64) -> String {
    match (lasts, span) {
        (_, Span::Moment) => "It has happened, and is over.".to_owned(),
        (Some(lasts), Span::Lasting | Span::Seconds(_)) => {
            let simulated = durations::words(Duration::from_secs(lasts.mul_f64(speed).as_secs()));
            let lasts = durations::words(lasts);
            format!("It lasts {lasts} here, which is {simulated} of the simulated day. Ctrl-C ends it sooner.")
        }
        (None, Span::Seconds(seconds)) => {
            format!("It lasts {} of the simulated day.", durations::words(Duration::from_secs(seconds)))
        }
        (None, Span::Lasting) => format!("It lasts until `{}`.", command(remote, CLEAR)),
    }
}

/// A command to paste: with the addresses where they are not the usual ones.
pub fn command(remote: &Remote, what: &str) -> String {
    let named = |option: &str, address: &str, usual: &str| {
        if address == url(usual) { String::new() } else { format!(" {option} {address}") }
    };
    let (icws, cloud) = (named("--icws", &remote.icws, ICWS), named("--cloud", &remote.cloud, CLOUD));
    format!("{} simulate fault {what}{icws}{cloud}", program())
}

/// How this program was called, so that a command that is printed works where it was started.
pub fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "presence-bridge".to_owned())
}

fn list() -> String {
    let widest = NAMED.iter().map(|fault| fault.name.len()).max().unwrap_or(0);
    let heading = |side| match side {
        Side::Cloud => "Genesys Cloud",
        Side::Icws => "PureConnect",
    };
    let mut text = String::new();
    for side in [Side::Cloud, Side::Icws] {
        text.push_str(&format!("{}\n", heading(side)));
        for Named { name, breaks, expected, .. } in NAMED.iter().filter(|fault| fault.side() == side) {
            text.push_str(&format!("  {name:widest$}  {breaks}\n  {:widest$}  → {expected}\n", ""));
        }
    }
    text.push_str("Any\n");
    text.push_str(&format!("  {CLEAR:widest$}  ends every fault\n"));
    text
}

fn list_json() -> Value {
    let side = |fault: &Named| match fault.side() {
        Side::Cloud => "genesys-cloud",
        Side::Icws => "pureconnect",
    };
    let lasting = |span| match span {
        Span::Lasting | Span::Seconds(_) => true,
        Span::Moment => false,
    };
    let one = |fault: &Named| {
        json!({
            "name": fault.name, "side": side(fault), "lasting": lasting(fault.span), "breaks": fault.breaks,
            "expected": fault.expected,
        })
    };
    NAMED.iter().map(one).collect()
}

fn usage(problem: &str, help: &str) -> Failed {
    Failed::diagnosed(Exit::Usage, Problem::new(problem).help(help))
}

fn failed(failure: RemoteFailure) -> Failed {
    let (exit, help) = match &failure {
        RemoteFailure::Address { .. } => (Exit::Usage, "write it as http://127.0.0.1:8080"),
        RemoteFailure::Unreachable { .. } | RemoteFailure::SomebodyElse { .. } => (
            Exit::Unreachable,
            "`presence-bridge demo` and `presence-bridge simulate` start simulators and say where they are: --icws URL and \
             --cloud URL name them",
        ),
        RemoteFailure::Refused { .. } => (Exit::Unsupported, "is it of another version than this program?"),
    };
    Failed::diagnosed(exit, Problem::new("nothing was broken").because(failure).help(help))
}

fn print(text: &str) -> Result<(), Failed> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| Failed::new(Exit::Internal, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_every_fault_with_what_breaks_and_what_comes_of_it() {
        let text = list();
        for fault in &NAMED {
            assert!(text.contains(fault.name) && text.contains(fault.breaks) && text.contains(fault.expected));
        }
        assert_eq!(list_json().as_array().unwrap().len(), NAMED.len());
        let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 240).collect();
        assert_eq!(long, Vec::<&str>::new());
    }

    #[test]
    fn a_fault_says_when_it_ends_on_both_clocks() {
        let remote = Remote { icws: url(ICWS), cloud: "http://127.0.0.1:9090".to_owned() };
        let minute = Some(Duration::from_secs(60));
        let told = ends(&remote, Span::Lasting, minute, 120.0);
        assert!(told.starts_with("It lasts 1m here, which is 2h of the simulated day."), "{told}");
        let clear = ends(&remote, Span::Lasting, None, 120.0);
        assert!(clear.ends_with("simulate fault clear --cloud http://127.0.0.1:9090`."), "{clear}");
        assert_eq!(ends(&remote, Span::Seconds(120), None, 120.0), "It lasts 2m of the simulated day.");
        assert_eq!(ends(&remote, Span::Moment, None, 120.0), "It has happened, and is over.");
        assert_eq!(seconds(Span::Seconds(120), minute, 60.0), 3_600);
        assert_eq!(seconds(Span::Seconds(120), None, 60.0), 120);
        assert_eq!(seconds(Span::Seconds(120), Some(Duration::from_millis(100)), 1.0), 1, "0 would be none");
    }
}
