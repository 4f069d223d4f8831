-- The journal itself. Times are nanoseconds since 1970 in UTC; the views of version 2 show them as text.

-- One row a link: who holds it, and where its log begins and ends.
CREATE TABLE link (
    link         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    epoch        BIGINT NOT NULL,  -- counts the bridges that held it; only the newest may write
    opened       BIGINT,           -- when that one began
    alive        BIGINT,           -- when it last wrote anything
    head         BIGINT NOT NULL,  -- the number of the newest entry
    chain        BYTEA NOT NULL,   -- the hash over all entries up to there
    anchor       BIGINT NOT NULL,  -- retention removed what was settled up to this number
    anchor_chain BYTEA NOT NULL,   -- the hash over all entries up to there
    kept_chain   BYTEA NOT NULL     -- the hash over those up to there that were not settled, and are still here
);

-- The agents, by a number of our own: names are long, and compare without case.
CREATE TABLE agent (
    link  BIGINT NOT NULL REFERENCES link (link),
    agent BIGINT NOT NULL,
    key   TEXT NOT NULL,  -- the name in lower case
    name  TEXT NOT NULL,
    PRIMARY KEY (link, agent),
    UNIQUE (link, key)
);

-- The log: everything that was decided and sent, never changed.
CREATE TABLE entry (
    link          BIGINT NOT NULL REFERENCES link (link),
    number        BIGINT NOT NULL,
    epoch         BIGINT NOT NULL,
    at            BIGINT NOT NULL,  -- when it was written
    kind          TEXT NOT NULL,    -- recorded, accepted, failed, resumed, dropped, gap began, gap ended, alive, confirmed
    subject       BYTEA,            -- the id of the change (which is the event id) or of the gap
    agent         BIGINT,
    facet         TEXT,             -- recorded: presence, routing status, out of office
    from_value    TEXT,
    to_value      TEXT,
    happened      BIGINT,           -- recorded: in PureConnect; gap: its beginning or its end
    seen          BIGINT,
    detail        TEXT,             -- the rule, or the reason
    attempt       BIGINT,           -- accepted, failed: the how-manieth
    request       BIGINT,           -- accepted, failed: which request carried it
    sent          BIGINT,
    answered      BIGINT,
    cause         TEXT,             -- the kind of failure, or of gap
    retry_after   BIGINT,           -- nanoseconds
    maybe_applied BIGINT,           -- 1: may have had effect all the same
    correlation   TEXT,             -- Genesys Cloud's id of the request, for its support
    chain         BYTEA NOT NULL,   -- the hash over this entry and all before it
    PRIMARY KEY (link, number)
);

CREATE INDEX entry_subject ON entry (link, subject) WHERE subject IS NOT NULL;

-- What each facet of each agent was told last; stays when retention removes the entry that says so.
CREATE TABLE standing (
    link     BIGINT NOT NULL REFERENCES link (link),
    agent    BIGINT NOT NULL,
    facet    TEXT NOT NULL,
    told     TEXT,    -- the accepted value that happened last
    happened BIGINT,  -- and when it happened
    newest   BIGINT,  -- when the newest change happened, delivered or not
    PRIMARY KEY (link, agent, facet)
);

-- Changes neither accepted nor dropped, and gaps without an end.
CREATE TABLE unsettled (
    link    BIGINT NOT NULL REFERENCES link (link),
    subject BYTEA NOT NULL,
    number  BIGINT NOT NULL,  -- of its first entry
    PRIMARY KEY (link, subject)
);
