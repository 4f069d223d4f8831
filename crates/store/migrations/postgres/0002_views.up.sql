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
