DROP TABLE unsettled;
DROP TABLE standing;
DROP TABLE entry;
DROP TABLE agent;
DROP TABLE link;
