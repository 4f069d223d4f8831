//! What is known of the links at this moment: one task owns it, everybody else gets pictures of it.
