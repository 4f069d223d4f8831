-- Nothing but what reading needs: no entry is lost.
DROP VIEW told;
DROP VIEW gaps;
DROP VIEW attempts;
DROP VIEW changes;
DROP INDEX entry_agent_happened;
