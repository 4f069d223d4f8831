-- The status message of each change, statuses that made no difference, and whose primary presence source is ours.

ALTER TABLE entry ADD COLUMN status TEXT;  -- recorded: the status message that the agent was in, where it was known; entered: the one that was

-- Claims and releases have the agent, and the user as their subject. They are few: no change pays for these indexes.
CREATE INDEX entry_claimed ON entry (link, agent, subject, number) WHERE kind = 'claimed';
CREATE INDEX entry_released ON entry (link, agent, subject, number) WHERE kind = 'released';

-- Of a status that made no difference to the presence.
CREATE INDEX entry_entered ON entry (link, agent, happened) WHERE kind = 'entered';

-- As few as claims.
CREATE INDEX entry_gap ON entry (link, happened) WHERE kind = 'gap began';

-- One row a change.
DROP VIEW changes;
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
    r.number AS number,
    r.status AS status
FROM entry r
JOIN link l ON l.link = r.link
JOIN agent a ON a.link = r.link AND a.agent = r.agent
LEFT JOIN entry s ON s.link = r.link AND s.subject = r.subject AND s.kind IN ('accepted', 'dropped')
WHERE r.kind = 'recorded';

-- One row a status that an agent entered, and each presence that was decided.
CREATE VIEW statuses AS
SELECT
    l.name AS link,
    a.name AS agent,
    e.status AS status,
    e.to_value AS presence,
    e.detail AS rule,
    strftime('%Y-%m-%dT%H:%M:%fZ', e.happened / 1000000 / 1000.0, 'unixepoch') AS since,
    strftime('%Y-%m-%dT%H:%M:%fZ', e.seen / 1000000 / 1000.0, 'unixepoch') AS seen,
    e.epoch AS epoch,
    e.number AS number
FROM entry e
JOIN link l ON l.link = e.link
JOIN agent a ON a.link = e.link AND a.agent = e.agent
WHERE e.kind = 'recorded' AND e.facet = 'presence'
UNION ALL
SELECT
    l.name,
    a.name,
    e.status,
    -- Of the change before; or the value before the change after; or what was told before.
    coalesce(
        (SELECT h.to_value FROM entry h
          WHERE h.link = e.link AND h.agent = e.agent AND h.kind = 'recorded' AND h.facet = 'presence'
            AND h.happened <= e.happened AND NOT (h.happened = e.happened AND h.number > e.number)
          ORDER BY h.happened DESC, h.number DESC LIMIT 1),
        (SELECT h.from_value FROM entry h
          WHERE h.link = e.link AND h.agent = e.agent AND h.kind = 'recorded' AND h.facet = 'presence'
            AND h.happened >= e.happened
          ORDER BY h.happened, h.number LIMIT 1),
        (SELECT s.told FROM standing s
          WHERE s.link = e.link AND s.agent = e.agent AND s.facet = 'presence' AND s.happened <= e.happened)),
    NULL,
    strftime('%Y-%m-%dT%H:%M:%fZ', e.happened / 1000000 / 1000.0, 'unixepoch'),
    strftime('%Y-%m-%dT%H:%M:%fZ', e.seen / 1000000 / 1000.0, 'unixepoch'),
    e.epoch,
    e.number
FROM entry e
JOIN link l ON l.link = e.link
JOIN agent a ON a.link = e.link AND a.agent = e.agent
WHERE e.kind = 'entered';

-- One row a claim: a user whose primary presence source became ours, and when it was given back.
CREATE VIEW claims AS
SELECT
    l.name AS link,
    a.name AS agent,
    lower(substr(hex(c.subject), 1, 8) || '-' || substr(hex(c.subject), 9, 4) || '-' || substr(hex(c.subject), 13, 4)
        || '-' || substr(hex(c.subject), 17, 4) || '-' || substr(hex(c.subject), 21)) AS user_id,
    strftime('%Y-%m-%dT%H:%M:%fZ', c.at / 1000000 / 1000.0, 'unixepoch') AS claimed,
    (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', min(r.at) / 1000000 / 1000.0, 'unixepoch') FROM entry r
      WHERE r.link = c.link AND r.agent = c.agent AND r.subject = c.subject AND r.number > c.number AND r.kind = 'released') AS released,
    c.epoch AS epoch,
    c.number AS number
FROM entry c
JOIN link l ON l.link = c.link
JOIN agent a ON a.link = c.link AND a.agent = c.agent
WHERE c.kind = 'claimed';

-- What a journal of a year looks like, for SQLite to choose by (<https://www.sqlite.org/fileformat2.html#stat1tab>).
-- Nothing is counted for it. Without figures SQLite supposes ten entries a link, and reads all of them for each change
-- where an index would lead to two.
ANALYZE sqlite_schema;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('entry', 'entry', '20000000 20000000 1'),
    ('entry', 'entry_subject', '20000000 20000000 3'),
    ('entry', 'entry_agent_happened', '8000000 8000000 8000 1'),
    ('entry', 'entry_entered', '2000000 2000000 2000 1'),
    ('entry', 'entry_claimed', '10000 10000 10 5 1'),
    ('entry', 'entry_released', '10000 10000 10 5 1'),
    ('entry', 'entry_gap', '10000 10000 1'),
    ('agent', 'agent', '1000 1000 1'),
    ('agent', 'sqlite_autoindex_agent_2', '1000 1000 1'),
    ('standing', 'standing', '3000 3000 3 1'),
    ('unsettled', 'unsettled', '100 100 1'),
    ('link', 'sqlite_autoindex_link_1', '1 1');
ANALYZE sqlite_schema;
