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
