//! What the mapping promises: the vendor's whole table against a second one, the operator's rules, every mistake,
//! and what other rules would change.

mod catalogue;
mod errors;
mod explain;
mod lint;
mod preview;
mod rules;
mod saved;
mod scene;
mod show;
mod vendor_table;
