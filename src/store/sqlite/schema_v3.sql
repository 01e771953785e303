-- Version 3 of the store's tables. Released: never edit it, add a version.
PRAGMA user_version = 3;

-- What an import's effect said when it ran. Without an outcome, it may have run, and what it did may be lost.
CREATE TABLE effects (
  project_id INTEGER CONSTRAINT effects_project_given NOT NULL,
  kind TEXT CONSTRAINT effects_kind_given NOT NULL,
  import_version INTEGER CONSTRAINT effects_import_version_given NOT NULL,
  effect TEXT CONSTRAINT effects_effect_given NOT NULL,
  outcome TEXT,
  time INTEGER CONSTRAINT effects_time_given NOT NULL, -- of the outcome, else of the beginning; seconds since the Unix epoch
  CONSTRAINT effects_key PRIMARY KEY (project_id, kind, import_version),
  CONSTRAINT effects_project_exists FOREIGN KEY (project_id) REFERENCES projects (id),
  CONSTRAINT effects_kind_valid CHECK (length(CAST(kind AS BLOB)) BETWEEN 1 AND 256),
  CONSTRAINT effects_import_version_valid CHECK (import_version BETWEEN 1 AND 4294967295),
  CONSTRAINT effects_effect_valid CHECK (length(CAST(effect AS BLOB)) BETWEEN 1 AND 4096),
  CONSTRAINT effects_outcome_valid CHECK (length(CAST(outcome AS BLOB)) <= 1048576)
) STRICT;

CREATE TRIGGER effects_outcome_never_changes BEFORE UPDATE ON effects
WHEN OLD.outcome IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'effects_outcome_never_changes'); END;

CREATE TRIGGER effects_never_leave BEFORE DELETE ON effects
BEGIN SELECT RAISE(ABORT, 'effects_never_leave'); END;
