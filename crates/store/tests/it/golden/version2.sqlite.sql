-- A journal as version 2 of the schema left it. Made once; never to be made again.
PRAGMA application_id = 1347568210;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations VALUES(1,'journal','2026-11-22 21:56:26',1,X'06acb24b14c71e84791b81b2556364a2ffdf6943949cc1a0a35b22f007b1bb7fc2d129f6beec4fa16d5e24014624214c',1355660);
CREATE TABLE link (
    link         INTEGER PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    epoch        BIGINT NOT NULL,  -- counts the bridges that held it; only the newest may write
    opened       BIGINT,           -- when that one began
    alive        BIGINT,           -- when it last wrote anything
    head         BIGINT NOT NULL,  -- the number of the newest entry
    chain        BLOB NOT NULL,    -- the hash over all entries up to there
    anchor       BIGINT NOT NULL,  -- retention removed what was settled up to this number
    anchor_chain BLOB NOT NULL,    -- the hash over all entries up to there
    kept_chain   BLOB NOT NULL     -- the hash over those up to there that were not settled, and are still here
);
INSERT INTO link VALUES(1,'main',1,1790000000000000000,1790000013000000000,8,X'6434b08aa8a6df9453f74a34d02ab0fc',0,X'00000000000000000000000000000000',X'00000000000000000000000000000000');
CREATE TABLE agent (
    link  BIGINT NOT NULL REFERENCES link (link),
    agent BIGINT NOT NULL,
    key   TEXT NOT NULL,  -- the name in lower case
    name  TEXT NOT NULL,
    PRIMARY KEY (link, agent),
    UNIQUE (link, key)
) WITHOUT ROWID;
INSERT INTO agent VALUES(1,1,'jane','jane');
CREATE TABLE entry (
    link          BIGINT NOT NULL REFERENCES link (link),
    number        BIGINT NOT NULL,
    epoch         BIGINT NOT NULL,
    at            BIGINT NOT NULL,  -- when it was written
    kind          TEXT NOT NULL,    -- recorded, accepted, failed, resumed, dropped, gap began, gap ended, alive, confirmed
    subject       BLOB,             -- the id of the change (which is the event id) or of the gap
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
    chain         BLOB NOT NULL,    -- the hash over this entry and all before it
    PRIMARY KEY (link, number)
) WITHOUT ROWID;
INSERT INTO entry VALUES(1,1,1,1790000000123456789,'recorded',X'00000000000000000000000000000001',1,'presence',NULL,'On Queue',1790000000000000000,1790000000123456789,'rule 1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'5a5b546ac86c4c4afaa09331ace329bf');
INSERT INTO entry VALUES(1,2,1,1790000002000000000,'accepted',X'00000000000000000000000000000001',1,NULL,NULL,NULL,NULL,NULL,NULL,1,1,1790000001000000000,1790000002000000000,NULL,NULL,NULL,'correlation-1',X'98253887059d5f8a44049b2633ac95a8');
INSERT INTO entry VALUES(1,3,1,1790000005123456789,'recorded',X'00000000000000000000000000000003',1,'routing status',NULL,'IDLE',1790000005000000000,1790000005123456789,'rule 1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'12a06c04d45ce13441d26869a2b03e4a');
INSERT INTO entry VALUES(1,4,1,1790000007000000000,'accepted',X'00000000000000000000000000000003',1,NULL,NULL,NULL,NULL,NULL,NULL,1,2,1790000006000000000,1790000007000000000,NULL,NULL,NULL,'correlation-2',X'2bf08c23a2109919a788691cdd4f41b0');
INSERT INTO entry VALUES(1,5,1,1790000010123456789,'recorded',X'00000000000000000000000000000002',1,'presence',NULL,'Meal',1790000010000000000,1790000010123456789,'rule 1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'13f3b38044dc7e391984854d99bd1b54');
INSERT INTO entry VALUES(1,6,1,1790000012000000000,'failed',X'00000000000000000000000000000002',1,NULL,NULL,NULL,NULL,NULL,'503',1,3,1790000011000000000,1790000012000000000,'unavailable',NULL,1,'correlation-3',X'db3d9eae16244e1ef17d956b12d8e6ad');
INSERT INTO entry VALUES(1,7,1,1790000012000000000,'gap began',X'00000000000000000000000000000009',NULL,NULL,NULL,NULL,1790000012000000000,NULL,'the line was cut',NULL,NULL,NULL,NULL,'target down',NULL,NULL,NULL,X'335b34489e9f4f01ef4cbb452cb45085');
INSERT INTO entry VALUES(1,8,1,1790000013000000000,'alive',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'6434b08aa8a6df9453f74a34d02ab0fc');
CREATE TABLE standing (
    link     BIGINT NOT NULL REFERENCES link (link),
    agent    BIGINT NOT NULL,
    facet    TEXT NOT NULL,
    told     TEXT,    -- the accepted value that happened last
    happened BIGINT,  -- and when it happened
    newest   BIGINT,  -- when the newest change happened, delivered or not
    PRIMARY KEY (link, agent, facet)
) WITHOUT ROWID;
INSERT INTO standing VALUES(1,1,'presence','On Queue',1790000000000000000,1790000010000000000);
INSERT INTO standing VALUES(1,1,'routing status','IDLE',1790000005000000000,1790000005000000000);
CREATE TABLE unsettled (
    link    BIGINT NOT NULL REFERENCES link (link),
    subject BLOB NOT NULL,
    number  BIGINT NOT NULL,  -- of its first entry
    PRIMARY KEY (link, subject)
) WITHOUT ROWID;
INSERT INTO unsettled VALUES(1,X'00000000000000000000000000000002',5);
INSERT INTO unsettled VALUES(1,X'00000000000000000000000000000009',7);
CREATE INDEX entry_subject ON entry (link, subject) WHERE subject IS NOT NULL;
INSERT INTO _sqlx_migrations VALUES(2,'views','2026-11-22 21:56:26',1,X'0fa554001c45fd0cc95f29231b56ad80cbb53b25b2c7e453b060fa55a7104808d886ce1867a75fb843347d3f08f99f9e',612344);
-- For reading: what an analyst asks, in names and times that people read.

CREATE INDEX entry_agent_happened ON entry (link, agent, happened) WHERE kind = 'recorded';

-- One row a change.
CREATE VIEW changes AS
SELECT
    l.name AS link,
    a.name AS agent,
    r.facet AS facet,
    r.from_value AS from_value,
    r.to_value AS to_value,
    strftime('%Y-%m-%dT%H:%M:%fZ', r.happened / 1000000 / 1000.0, 'unixepoch') AS happened,
    strftime('%Y-%m-%dT%H:%M:%fZ', r.seen / 1000000 / 1000.0, 'unixepoch') AS seen,
    strftime('%Y-%m-%dT%H:%M:%fZ', r.at / 1000000 / 1000.0, 'unixepoch') AS recorded,
    strftime('%Y-%m-%dT%H:%M:%fZ', s.answered / 1000000 / 1000.0, 'unixepoch') AS accepted,
    r.detail AS reason,
    CASE s.kind WHEN 'accepted' THEN 'delivered' WHEN 'dropped' THEN 'dropped' ELSE 'pending' END AS state,
    CASE WHEN s.kind = 'dropped' THEN s.detail END AS dropped_because,
    (SELECT count(*) FROM entry t
      WHERE t.link = r.link AND t.subject = r.subject AND t.kind IN ('accepted', 'failed')) AS attempts,
    (s.answered - r.happened) / 1000000 AS delay_ms,
    lower(substr(hex(r.subject), 1, 8) || '-' || substr(hex(r.subject), 9, 4) || '-' || substr(hex(r.subject), 13, 4)
        || '-' || substr(hex(r.subject), 17, 4) || '-' || substr(hex(r.subject), 21)) AS change_id,
    r.epoch AS epoch,
    r.number AS number
FROM entry r
JOIN link l ON l.link = r.link
JOIN agent a ON a.link = r.link AND a.agent = r.agent
LEFT JOIN entry s ON s.link = r.link AND s.subject = r.subject AND s.kind IN ('accepted', 'dropped')
WHERE r.kind = 'recorded';

-- One row an attempt to deliver a change.
CREATE VIEW attempts AS
SELECT
    l.name AS link,
    a.name AS agent,
    lower(substr(hex(t.subject), 1, 8) || '-' || substr(hex(t.subject), 9, 4) || '-' || substr(hex(t.subject), 13, 4)
        || '-' || substr(hex(t.subject), 17, 4) || '-' || substr(hex(t.subject), 21)) AS change_id,
    t.attempt AS attempt,
    strftime('%Y-%m-%dT%H:%M:%fZ', t.sent / 1000000 / 1000.0, 'unixepoch') AS sent,
    strftime('%Y-%m-%dT%H:%M:%fZ', t.answered / 1000000 / 1000.0, 'unixepoch') AS answered,
    CASE t.kind WHEN 'accepted' THEN 'accepted' ELSE t.cause END AS outcome,
    t.detail AS reason,
    t.correlation AS correlation,
    t.request AS request,
    t.epoch AS epoch,
    t.number AS number
FROM entry t
JOIN link l ON l.link = t.link
JOIN agent a ON a.link = t.link AND a.agent = t.agent
WHERE t.kind IN ('accepted', 'failed');

-- One row an interval in which Genesys Cloud may not have shown what PureConnect showed.
CREATE VIEW gaps AS
SELECT
    l.name AS link,
    b.cause AS kind,
    b.detail AS reason,
    strftime('%Y-%m-%dT%H:%M:%fZ', b.happened / 1000000 / 1000.0, 'unixepoch') AS since,
    strftime('%Y-%m-%dT%H:%M:%fZ', e.happened / 1000000 / 1000.0, 'unixepoch') AS until,
    (e.happened - b.happened) / 1000000 AS duration_ms,
    b.number AS number
FROM entry b
JOIN link l ON l.link = b.link
LEFT JOIN entry e ON e.link = b.link AND e.subject = b.subject AND e.kind = 'gap ended'
WHERE b.kind = 'gap began';

-- One row a facet of an agent: what Genesys Cloud was told last.
CREATE VIEW told AS
SELECT
    l.name AS link,
    a.name AS agent,
    s.facet AS facet,
    s.told AS value,
    strftime('%Y-%m-%dT%H:%M:%fZ', s.happened / 1000000 / 1000.0, 'unixepoch') AS happened
FROM standing s
JOIN link l ON l.link = s.link
JOIN agent a ON a.link = s.link AND a.agent = s.agent
WHERE s.told IS NOT NULL;
COMMIT;
