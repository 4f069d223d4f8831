//! The source against a small ICWS server on a real socket, which follows the vendor's documentation and nothing else.

mod agents;
mod bridge;
mod lists;
mod logon;
mod loss;
mod secrets;
mod stub;
