//! The picture: a line for each link, what is to be known of the one that is looked at, and its agents who are not in step.
//!
//! Works from 80 columns and 24 lines on; below that it shows what fits, and says so where nothing does.

mod words;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, Paragraph, Row, Table, Wrap};

use super::state::State;
use crate::control::told::{Severity, State as Sync};

/// The least that makes sense.
const LEAST: (u16, u16) = (44, 10);

/// Links that are listed before they have to be scrolled.
const LINKS: usize = 8;

/// Alarms of a link that are listed.
const ALARMS: usize = 4;

const KEYS: &str = "q ends   Tab next link   ↑↓ agents   / find   p pause   ? help";

const HELP: [&str; 9] = [
    "q, Ctrl-C            end",
    "Tab, Shift-Tab, ← →  next link, link before",
    "↑ ↓ PgUp PgDn        through the agents",
    "Home, End            first, last agent",
    "/                    find agents by id, name, e-mail, error",
    "Enter, Esc           keep, forget what is looked for",
    "p                    pause, go on",
    "?                    this help",
    "Delays are those of the last minute; bars: one for each look.",
];

/// How many lines everything takes, for a picture that nobody scrolls.
pub fn height_of_all(state: &State) -> u16 {
    let lines = links(state).0 + facts(state).len() + state.agents().len().max(1) + 6;
    u16::try_from(lines).unwrap_or(u16::MAX).max(LEAST.1)
}

/// Draws all of it.
pub fn draw(frame: &mut Frame<'_>, state: &State, coloured: bool) {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return tiny(frame, state, area);
    }
    let look = Look { coloured };
    let (listed, _) = links(state);
    let facts = facts(state);
    // The agents keep a few lines, whatever there is to say of the link.
    let room = usize::from(area.height).saturating_sub(listed + 6);
    let shown_facts = facts.len().min(room.max(1));
    let parts = [
        Constraint::Length(1),
        Constraint::Length(height(listed + 1)),
        Constraint::Length(height(shown_facts)),
        Constraint::Min(3),
        Constraint::Length(1),
    ];
    let [head, links_area, facts_area, agents_area, foot] = Layout::vertical(parts).areas(area);
    frame.render_widget(Paragraph::new(heading(state, look)), head);
    draw_links(frame, state, look, links_area);
    let styled = facts.into_iter().map(|(severity, text)| Line::styled(text, look.of(severity)));
    frame.render_widget(Paragraph::new(styled.collect::<Vec<_>>()), facts_area);
    draw_agents(frame, state, look, agents_area);
    frame.render_widget(Paragraph::new(footing(state, look)), foot);
    if state.help {
        draw_help(frame, area);
    }
}

/// Colours, where the terminal may have them; what they say is in words, too.
#[derive(Clone, Copy)]
struct Look {
    coloured: bool,
}

impl Look {
    fn colour(self, colour: Color) -> Style {
        if self.coloured { Style::new().fg(colour) } else { Style::new() }
    }

    fn of(self, severity: Option<Severity>) -> Style {
        match severity {
            Some(Severity::Critical) => self.colour(Color::Red).add_modifier(Modifier::BOLD),
            Some(Severity::Warning) => self.colour(Color::Yellow),
            Some(Severity::Notice) => self.colour(Color::Cyan),
            None => Style::new(),
        }
    }

    fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    fn reversed(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}

fn height(lines: usize) -> u16 {
    u16::try_from(lines).unwrap_or(u16::MAX)
}

/// How many links are listed, and from which on.
fn links(state: &State) -> (usize, usize) {
    let listed = state.links.len().clamp(1, LINKS);
    (listed, (state.selected + 1).saturating_sub(listed))
}

fn heading(state: &State, look: Look) -> Line<'static> {
    let at = state.at().map(|at| format!("  {} UTC", at.strftime("%H:%M:%S"))).unwrap_or_default();
    let mut spans = vec![Span::styled("Presence Bridge", look.strong()), Span::raw(at)];
    if state.paused {
        spans.push(Span::styled("  paused", look.of(Some(Severity::Notice))));
    }
    if state.lost.is_some() {
        spans.push(Span::styled(
            "  no bridge answers: this is of then, asking again",
            look.of(Some(Severity::Critical)),
        ));
    }
    Line::from(spans)
}

fn draw_links(frame: &mut Frame<'_>, state: &State, look: Look, area: Rect) {
    let (listed, from) = links(state);
    let rows = state.links.iter().enumerate().skip(from).take(listed).map(|(place, shown)| {
        let (severity, standing) = words::standing(&shown.link);
        let marked = if place == state.selected { "▸" } else { " " };
        let style = if place == state.selected { look.strong().patch(look.of(severity)) } else { look.of(severity) };
        let cells = [
            format!("{marked}{}", shown.link.name),
            standing,
            words::in_step(&shown.link),
            words::waiting(&shown.link),
            words::delays(shown),
            words::budget(&shown.link),
            shown.trail.line(),
        ];
        Row::new(cells).style(style)
    });
    let widths = [
        Constraint::Fill(2),
        Constraint::Fill(3),
        Constraint::Length(13),
        Constraint::Length(7),
        Constraint::Length(15),
        Constraint::Length(9),
        Constraint::Fill(2),
    ];
    let head = Row::new([" Link", "State", "In step", "Waiting", "p50 / p99", "Requests", "Delay"]);
    let rows: Vec<Row<'_>> = rows.collect();
    let table = if rows.is_empty() {
        Table::new([Row::new(["  no link runs"])], [Constraint::Fill(1)])
    } else {
        Table::new(rows, widths).header(head.style(look.colour(Color::DarkGray)))
    };
    frame.render_widget(table, area);
}

/// What is to be known of the link that is looked at.
fn facts(state: &State) -> Vec<(Option<Severity>, String)> {
    let Some(shown) = state.shown() else { return Vec::new() };
    let mut facts = vec![(None, String::new())];
    facts.extend(words::facts(shown).into_iter().map(|fact| (None, fact)));
    for alarm in shown.link.alarms.iter().take(ALARMS) {
        facts.push((Some(alarm.severity), format!("! {}", words::plain(&alarm.what))));
    }
    if let Some(lost) = &state.lost {
        facts.push((Some(Severity::Critical), format!("! {}", words::plain(lost))));
    }
    facts
}

fn draw_agents(frame: &mut Frame<'_>, state: &State, look: Look, area: Rect) {
    let agents = state.agents();
    let title = words::agents_title(state, agents.len());
    let block = Block::new().borders(Borders::TOP).title(title);
    let Some(shown) = state.shown().filter(|_| !agents.is_empty()) else {
        let nothing = Paragraph::new(words::nobody(state)).block(block);
        return frame.render_widget(nothing, area);
    };
    let at = shown.link.report.as_ref().map(|report| report.at);
    let rows = agents.iter().skip(state.first).map(|agent| {
        let style = match agent.state {
            Sync::Error => look.colour(Color::Red),
            Sync::NotSynced | Sync::Pending | Sync::Synced => Style::new(),
        };
        Row::new(words::agent(agent, at)).style(style)
    });
    let widths = [
        Constraint::Fill(3),
        Constraint::Length(8),
        Constraint::Fill(3),
        Constraint::Fill(4),
        Constraint::Fill(4),
        Constraint::Length(8),
    ];
    let head = Row::new(["Agent", "State", "In PureConnect", "Genesys Cloud", "Why", "Since"]);
    let table = Table::new(rows, widths).header(head.style(look.colour(Color::DarkGray))).block(block);
    frame.render_widget(table, area);
}

fn footing(state: &State, look: Look) -> Line<'static> {
    if state.writing {
        return Line::styled(format!("/{}▏  Enter keeps, Esc forgets", words::plain(&state.filter)), look.reversed());
    }
    Line::styled(KEYS, look.colour(Color::DarkGray))
}

fn draw_help(frame: &mut Frame<'_>, area: Rect) {
    let (width, height) = (66.min(area.width), height(HELP.len() + 2).min(area.height));
    let place = Rect { x: (area.width - width) / 2, y: (area.height - height) / 2, width, height };
    let text: Vec<Line<'_>> = HELP.iter().map(|line| Line::from(*line)).collect();
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(text).block(Block::bordered().title(" Keys ")), place);
}

/// Where no table fits: a line for each link.
fn tiny(frame: &mut Frame<'_>, state: &State, area: Rect) {
    let lines = state.links.iter().map(|shown| {
        let (_, standing) = words::standing(&shown.link);
        Line::from(format!("{}: {standing}, {}", shown.link.name, words::in_step(&shown.link)))
    });
    let hint = format!("({}×{} and more shows all)", LEAST.0, LEAST.1);
    let lines: Vec<Line<'_>> = lines.chain([Line::from(hint)]).collect();
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: true }), area);
}
