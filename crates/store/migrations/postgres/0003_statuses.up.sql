-- The status message of each change, statuses that made no difference, and whose primary presence source is ours.

ALTER TABLE entry ADD COLUMN status TEXT;  -- recorded: the status message that the agent was in, where it was known; entered: the one that was

-- Claims and releases have the agent, and the user as their subject. They are few: no change pays for these indexes.
CREATE INDEX entry_claimed ON entry (link, agent, subject, number) WHERE kind = 'claimed';
CREATE INDEX entry_released ON entry (link, agent, subject, number) WHERE kind = 'released';

-- Of a status that made no difference to the presence.
CREATE INDEX entry_entered ON entry (link, agent, happened) WHERE kind = 'entered';

-- As few as claims.
CREATE INDEX entry_gap ON entry (link, happened) WHERE kind = 'gap began';

-- One row a change. Not made anew: whoever was granted the view keeps it.
CREATE OR REPLACE VIEW changes AS
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
    to_char(to_timestamp(e.happened / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS since,
    to_char(to_timestamp(e.seen / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS seen,
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
    to_char(to_timestamp(e.happened / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    to_char(to_timestamp(e.seen / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
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
    encode(c.subject, 'hex')::uuid::text AS user_id,
    to_char(to_timestamp(c.at / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS claimed,
    (SELECT to_char(to_timestamp(min(r.at) / 1000000 / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') FROM entry r
      WHERE r.link = c.link AND r.agent = c.agent AND r.subject = c.subject AND r.number > c.number AND r.kind = 'released') AS released,
    c.epoch AS epoch,
    c.number AS number
FROM entry c
JOIN link l ON l.link = c.link
JOIN agent a ON a.link = c.link AND a.agent = c.agent
WHERE c.kind = 'claimed';
