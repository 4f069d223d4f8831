//! What the routing machine promises: stories, a decision table to read, and every short history against a second
//! model.

mod batch;
mod decision_table;
mod exhaustive;
mod model;
mod scene;
mod stories;
