-- Version 2 of the store's tables. Released: never edit it, add a version.
PRAGMA user_version = 2;

-- The steps of the servers that wrote here, for servers that know less.
CREATE TABLE catalogs (
  digest TEXT CONSTRAINT catalogs_digest_given NOT NULL,
  version INTEGER CONSTRAINT catalogs_version_given NOT NULL,
  content TEXT CONSTRAINT catalogs_content_given NOT NULL,
  CONSTRAINT catalogs_key PRIMARY KEY (digest),
  CONSTRAINT catalogs_digest_valid CHECK (length(digest) = 64 AND digest NOT GLOB '*[^0-9a-f]*'),
  CONSTRAINT catalogs_version_valid CHECK (version BETWEEN 1 AND 4294967295),
  CONSTRAINT catalogs_content_valid CHECK (length(CAST(content AS BLOB)) <= 67108864)
) STRICT;

CREATE TRIGGER catalogs_never_change BEFORE UPDATE ON catalogs
BEGIN SELECT RAISE(ABORT, 'catalogs_never_change'); END;
