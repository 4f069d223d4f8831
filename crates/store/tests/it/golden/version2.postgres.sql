-- A journal as version 2 of the schema left it. Made once; never to be made again.
CREATE SCHEMA presence_bridge;
CREATE TABLE presence_bridge._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);
CREATE TABLE presence_bridge.agent (
    link bigint NOT NULL,
    agent bigint NOT NULL,
    key text NOT NULL,
    name text NOT NULL
);
CREATE TABLE presence_bridge.entry (
    link bigint NOT NULL,
    number bigint NOT NULL,
    epoch bigint NOT NULL,
    at bigint NOT NULL,
    kind text NOT NULL,
    subject bytea,
    agent bigint,
    facet text,
    from_value text,
    to_value text,
    happened bigint,
    seen bigint,
    detail text,
    attempt bigint,
    request bigint,
    sent bigint,
    answered bigint,
    cause text,
    retry_after bigint,
    maybe_applied bigint,
    correlation text,
    chain bytea NOT NULL
);
CREATE TABLE presence_bridge.link (
    link bigint NOT NULL,
    name text NOT NULL,
    epoch bigint NOT NULL,
    opened bigint,
    alive bigint,
    head bigint NOT NULL,
    chain bytea NOT NULL,
    anchor bigint NOT NULL,
    anchor_chain bytea NOT NULL,
    kept_chain bytea NOT NULL
);
ALTER TABLE presence_bridge.link ALTER COLUMN link ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME presence_bridge.link_link_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE presence_bridge.standing (
    link bigint NOT NULL,
    agent bigint NOT NULL,
    facet text NOT NULL,
    told text,
    happened bigint,
    newest bigint
);
CREATE TABLE presence_bridge.unsettled (
    link bigint NOT NULL,
    subject bytea NOT NULL,
    number bigint NOT NULL
);
INSERT INTO presence_bridge._sqlx_migrations VALUES (1, 'journal', '2026-11-22 21:56:26.280444+00', true, '\x57723f42ebe666438e272397e27bc583785a2608bbf805cb2b6fb5ae9e81c750a44258a8ec3c19d3d2323211a8b65b85', 49720997);
INSERT INTO presence_bridge.agent VALUES (1, 1, 'jane', 'jane');
INSERT INTO presence_bridge.entry VALUES (1, 1, 1, 1790000000123456789, 'recorded', '\x00000000000000000000000000000001', 1, 'presence', NULL, 'On Queue', 1790000000000000000, 1790000000123456789, 'rule 1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x5a5b546ac86c4c4afaa09331ace329bf');
INSERT INTO presence_bridge.entry VALUES (1, 2, 1, 1790000002000000000, 'accepted', '\x00000000000000000000000000000001', 1, NULL, NULL, NULL, NULL, NULL, NULL, 1, 1, 1790000001000000000, 1790000002000000000, NULL, NULL, NULL, 'correlation-1', '\x98253887059d5f8a44049b2633ac95a8');
INSERT INTO presence_bridge.entry VALUES (1, 3, 1, 1790000005123456789, 'recorded', '\x00000000000000000000000000000003', 1, 'routing status', NULL, 'IDLE', 1790000005000000000, 1790000005123456789, 'rule 1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x12a06c04d45ce13441d26869a2b03e4a');
INSERT INTO presence_bridge.entry VALUES (1, 4, 1, 1790000007000000000, 'accepted', '\x00000000000000000000000000000003', 1, NULL, NULL, NULL, NULL, NULL, NULL, 1, 2, 1790000006000000000, 1790000007000000000, NULL, NULL, NULL, 'correlation-2', '\x2bf08c23a2109919a788691cdd4f41b0');
INSERT INTO presence_bridge.entry VALUES (1, 5, 1, 1790000010123456789, 'recorded', '\x00000000000000000000000000000002', 1, 'presence', NULL, 'Meal', 1790000010000000000, 1790000010123456789, 'rule 1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x13f3b38044dc7e391984854d99bd1b54');
INSERT INTO presence_bridge.entry VALUES (1, 6, 1, 1790000012000000000, 'failed', '\x00000000000000000000000000000002', 1, NULL, NULL, NULL, NULL, NULL, '503', 1, 3, 1790000011000000000, 1790000012000000000, 'unavailable', NULL, 1, 'correlation-3', '\xdb3d9eae16244e1ef17d956b12d8e6ad');
INSERT INTO presence_bridge.entry VALUES (1, 7, 1, 1790000012000000000, 'gap began', '\x00000000000000000000000000000009', NULL, NULL, NULL, NULL, 1790000012000000000, NULL, 'the line was cut', NULL, NULL, NULL, NULL, 'target down', NULL, NULL, NULL, '\x335b34489e9f4f01ef4cbb452cb45085');
INSERT INTO presence_bridge.entry VALUES (1, 8, 1, 1790000013000000000, 'alive', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x6434b08aa8a6df9453f74a34d02ab0fc');
INSERT INTO presence_bridge.link OVERRIDING SYSTEM VALUE VALUES (1, 'main', 1, 1790000000000000000, 1790000013000000000, 8, '\x6434b08aa8a6df9453f74a34d02ab0fc', 0, '\x00000000000000000000000000000000', '\x00000000000000000000000000000000');
INSERT INTO presence_bridge.standing VALUES (1, 1, 'presence', 'On Queue', 1790000000000000000, 1790000010000000000);
INSERT INTO presence_bridge.standing VALUES (1, 1, 'routing status', 'IDLE', 1790000005000000000, 1790000005000000000);
INSERT INTO presence_bridge.unsettled VALUES (1, '\x00000000000000000000000000000002', 5);
INSERT INTO presence_bridge.unsettled VALUES (1, '\x00000000000000000000000000000009', 7);
SELECT pg_catalog.setval('presence_bridge.link_link_seq', 1, true);
ALTER TABLE ONLY presence_bridge._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY presence_bridge.agent
    ADD CONSTRAINT agent_link_key_key UNIQUE (link, key);
ALTER TABLE ONLY presence_bridge.agent
    ADD CONSTRAINT agent_pkey PRIMARY KEY (link, agent);
ALTER TABLE ONLY presence_bridge.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (link, number);
ALTER TABLE ONLY presence_bridge.link
    ADD CONSTRAINT link_name_key UNIQUE (name);
ALTER TABLE ONLY presence_bridge.link
    ADD CONSTRAINT link_pkey PRIMARY KEY (link);
ALTER TABLE ONLY presence_bridge.standing
    ADD CONSTRAINT standing_pkey PRIMARY KEY (link, agent, facet);
ALTER TABLE ONLY presence_bridge.unsettled
    ADD CONSTRAINT unsettled_pkey PRIMARY KEY (link, subject);
CREATE INDEX entry_subject ON presence_bridge.entry USING btree (link, subject) WHERE (subject IS NOT NULL);
ALTER TABLE ONLY presence_bridge.agent
    ADD CONSTRAINT agent_link_fkey FOREIGN KEY (link) REFERENCES presence_bridge.link(link);
ALTER TABLE ONLY presence_bridge.entry
    ADD CONSTRAINT entry_link_fkey FOREIGN KEY (link) REFERENCES presence_bridge.link(link);
ALTER TABLE ONLY presence_bridge.standing
    ADD CONSTRAINT standing_link_fkey FOREIGN KEY (link) REFERENCES presence_bridge.link(link);
ALTER TABLE ONLY presence_bridge.unsettled
    ADD CONSTRAINT unsettled_link_fkey FOREIGN KEY (link) REFERENCES presence_bridge.link(link);
INSERT INTO presence_bridge._sqlx_migrations VALUES (2, 'views', '2026-11-22 21:56:26.331871+00', true, '\xa9e30ab1f37c2fe7c4a91e7760a8a1ed8194dc0f78e7cab9aa9e65a3e8d89dfd4eaec4f0192aa0858da81c706d33ad0c', 8120003);
SET search_path TO presence_bridge;
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
    to_char(to_timestamp(r.happened / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS happened,
    to_char(to_timestamp(r.seen / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS seen,
    to_char(to_timestamp(r.at / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS recorded,
    to_char(to_timestamp(s.answered / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS accepted,
    r.detail AS reason,
    CASE s.kind WHEN 'accepted' THEN 'delivered' WHEN 'dropped' THEN 'dropped' ELSE 'pending' END AS state,
    CASE WHEN s.kind = 'dropped' THEN s.detail END AS dropped_because,
    (SELECT count(*) FROM entry t
      WHERE t.link = r.link AND t.subject = r.subject AND t.kind IN ('accepted', 'failed')) AS attempts,
    (s.answered - r.happened) / 1000000 AS delay_ms,
    encode(r.subject, 'hex')::uuid::text AS change_id,
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
    encode(t.subject, 'hex')::uuid::text AS change_id,
    t.attempt AS attempt,
    to_char(to_timestamp(t.sent / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS sent,
    to_char(to_timestamp(t.answered / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS answered,
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
    to_char(to_timestamp(b.happened / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS since,
    to_char(to_timestamp(e.happened / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS until,
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
    to_char(to_timestamp(s.happened / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS happened
FROM standing s
JOIN link l ON l.link = s.link
JOIN agent a ON a.link = s.link AND a.agent = s.agent
WHERE s.told IS NOT NULL;
