//! What the mapping promises: the vendor's whole table against a second one, the operator's rules, and every mistake.

mod catalogue;
mod errors;
mod explain;
mod rules;
mod scene;
mod show;
mod vendor_table;
