//! pureconnect
