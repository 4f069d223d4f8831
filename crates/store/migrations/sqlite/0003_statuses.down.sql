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
