//! The console with made-up data, for work on its looks: `cargo run -p console --example made-up -- [agents] [trouble]`.
//!
//! `trouble` is one of `frozen`, `lost`, `down`, `connecting`, `standby`, `empty`. Two links with other names are beside it when
//! `several` is said. The administrator's token is `made-up-admin-token`. Nothing is replicated.

#[path = "../src/made_up.rs"]
mod made_up;

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use console::{About, Access, Console, Link, Options};
use domain::trust::GapKind;
use jiff::{SignedDuration, Timestamp};
use made_up::Hand;
use replicator::Command;
use replicator::engine::{AgentReport, Confirmation, Doubt, Report, SourceState, Standings};
use tokio_util::sync::CancellationToken;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let count = words.iter().find_map(|word| word.parse().ok()).unwrap_or(5_000);
    let says = |what: &str| words.iter().any(|word| word == what);
    let port = words.iter().find_map(|word| word.strip_prefix("port=")?.parse().ok()).unwrap_or(8090);
    let mode = ["frozen", "lost", "down", "connecting", "standby", "empty"]
        .into_iter()
        .find(|mode| says(mode))
        .unwrap_or("good");
    let names: &[&str] = if says("several") { &["vienna", "graz", "linz"] } else { &["main"] };
    let journal = std::env::temp_dir().join(format!("made-up-console-{}.db", std::process::id()));

    let access = Access {
        viewer_tokens: Vec::new(),
        admin_tokens: vec!["made-up-admin-token".into()],
        trusted_header: None,
        hosts: Vec::new(),
    };
    let listen = SocketAddr::from(([127, 0, 0, 1], port));
    let listening = Console::bind(Options { listen, access, version: "0.0.0 (made up)" }).await?;
    writeln!(std::io::stdout(), "http://{}", listening.address())?;

    let (links, hands): (Vec<_>, Vec<_>) =
        names.iter().map(|name| made_up::link(name, store::Location::Sqlite(journal.clone()))).unzip();
    let stop = CancellationToken::new();
    let playing = hands.into_iter().enumerate().map(|(place, hand)| {
        let mode = if place == 0 { mode } else { "good" };
        play(hand, if mode == "empty" { 0 } else { count }, mode.to_owned())
    });
    tokio::select! {
        () = listening.serve(links, stop.clone(), stop.clone()) => {}
        _ = futures_util::future::join_all(playing) => {}
        _ = tokio::signal::ctrl_c() => stop.cancel(),
    }
    Ok(())
}

/// A link's life: six hours of figures at once, then a few agents a second.
async fn play(mut hand: Hand, count: usize, mode: String) {
    let mut now: Timestamp = made_up::NOON.parse().expect("it is a time");
    if matches!(mode.as_str(), "connecting" | "standby") {
        hand.standby.send_replace(mode == "standby");
        return std::future::pending().await;
    }
    if mode == "down" {
        hand.trouble.send_replace(Some("the journal's disk is full".to_owned()));
        return std::future::pending().await;
    }
    let mut agents = made_up::agents(count, now);
    hand.epoch.send_replace(Some(4));
    for portion in agents.chunks(2_000) {
        let first = portion.first().map(|agent| agent.agent.clone()) == agents.first().map(|agent| agent.agent.clone());
        let mut standings = made_up::standings(portion.to_vec());
        standings.anew = first;
        let _ = hand.standings.send(standings).await;
    }
    let mut report = made_up::report(now, &agents);
    let from = now - SignedDuration::from_mins(361);
    for minute in 0..360 {
        report.at = from + SignedDuration::from_mins(minute);
        made_up::grow(&mut report.figures, usize::try_from(minute).unwrap_or_default());
        hand.report.send_replace(Some(report.clone()));
        // The board looks at one after the other.
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    trouble(&mut report, &mode, now);
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    let mut turn = 0_usize;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            command = hand.commands.recv() => if !answer(command, &mut report, &agents) { return },
        }
        now += SignedDuration::from_millis(250);
        turn += 1;
        report.at = now;
        if turn.is_multiple_of(60) {
            made_up::grow(&mut report.figures, turn / 60);
        }
        hand.report.send_replace(Some(report.clone()));
        if turn.is_multiple_of(4) && count > 0 {
            let _ = hand.standings.send(step(&mut agents, turn, now)).await;
        }
    }
}

/// Somebody changes status.
fn step(agents: &mut [AgentReport], turn: usize, now: Timestamp) -> Standings {
    let place = turn % agents.len();
    let other = made_up::agent(place + turn * 7, now);
    let agent = &mut agents[place];
    (agent.message, agent.wanted, agent.told) = (other.message, other.wanted, other.told);
    (agent.entered, agent.last_success) = (Some(now), Some(now));
    Standings { anew: false, agents: vec![agent.clone()], gone: Vec::new(), catalogue: None }
}

fn trouble(report: &mut Report, mode: &str, now: Timestamp) {
    let since = now - SignedDuration::from_secs(312);
    match mode {
        "frozen" => {
            report.frozen = Some(Doubt::FewerAgents { before: report.agents, now: 3 });
            report.gaps =
                vec![made_up::gap(GapKind::Frozen, "the snapshot shows 3 agents where there were 5000", since)];
        }
        "lost" => {
            report.source = SourceState::Lost { reason: "connection refused".to_owned(), since };
            report.gaps = vec![made_up::gap(GapKind::SourceDown, "connection refused", since)];
        }
        _ => {}
    }
}

/// What a link answers; `false` when nobody asks any more.
fn answer(command: Option<Command>, report: &mut Report, agents: &[AgentReport]) -> bool {
    match command {
        None => return false,
        Some(Command::Confirm(told)) => {
            let frozen = report.frozen.take();
            let _ = told.send(frozen.map_or(Confirmation::NothingFrozen, Confirmation::Confirmed));
        }
        Some(Command::Report(told)) => drop(told.send(report.clone())),
        Some(Command::Agents(_, told)) => drop(told.send(agents.to_vec())),
        Some(Command::Catalogue(told)) => drop(told.send(made_up::catalogue())),
        Some(Command::Renew(_, told)) => drop(told.send(replicator::engine::Renewal::Begun)),
        // Rules are not made up.
        Some(Command::Rules(_) | Command::Reload(..)) => {}
    }
    true
}
