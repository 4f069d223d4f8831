//! The engine against a model of both sides, in virtual time.

mod cloud;
mod guard;
mod properties;
mod run;
mod stories;
mod world;
