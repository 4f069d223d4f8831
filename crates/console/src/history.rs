//! What the journal says of an agent, a day, the feed.
