//! The console's pages.
