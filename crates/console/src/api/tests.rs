//! The API as a program finds it: what is answered is what the document says, whatever is asked for.

mod answers;
mod document;
mod problems;
mod stage;
mod stream;
