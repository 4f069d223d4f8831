-- What these columns and entries said has been said in other words before, and the hashes with it.
DROP VIEW claims;
DROP VIEW statuses;
DROP VIEW changes;
DROP INDEX entry_gap;
DROP INDEX entry_entered;
DROP INDEX entry_released;
DROP INDEX entry_claimed;
ALTER TABLE entry DROP COLUMN status;

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
