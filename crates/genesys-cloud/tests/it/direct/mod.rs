//! Direct delivery: what is sent, and what is made of the answers.

mod bulk;
mod observing;
mod simulator;
mod single;
