//! Pictures as SVG: the delays of the last hours, and an agent's day.
//!
//! Knows shapes, scales and words of a picture. Everything is an argument, also the zone and the time; colours are
//! classes of the style sheet, so that a picture is light or dark with the page and needs no style of its own. What is to
//! be seen is always there as a table, too.

mod axis;
mod day;
mod delays;
#[cfg(test)]
pub(crate) mod sample;
mod svg;
#[cfg(test)]
mod tests;

pub(crate) use day::day;
pub(crate) use delays::delays;
