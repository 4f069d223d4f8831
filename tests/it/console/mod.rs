//! The console in a real browser: headless Chromium, the real binary, both simulators.
//!
//! Each test is a story with several steps, because a browser takes a second to start. At the end of each, the browser
//! had nothing to complain of and spoke to nobody but the console.

mod access;
mod accessible;
mod axe;
mod browser;
mod day;
mod driver;
mod keyboard;
mod live;
mod pages;
mod pictures;
mod self_check;
mod setting;
mod try_out;
