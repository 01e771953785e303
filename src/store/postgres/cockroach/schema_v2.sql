
-- Version 2 of the store's tables in CockroachDB, on top of version 1. Released: never edit it, add a version.

-- What an import's effect said when it ran. Without an outcome, it may have run, and what it did may be lost.
CREATE TABLE IF NOT EXISTS oclm_effects (
  project_id BIGINT NOT NULL,
  kind BYTEA NOT NULL,
  import_version BIGINT NOT NULL,
  effect BYTEA NOT NULL,
  outcome BYTEA,
  time BIGINT NOT NULL, -- of the outcome, else of the beginning
  CONSTRAINT oclm_effects_key PRIMARY KEY (project_id, kind, import_version),
  CONSTRAINT oclm_effects_project_exists FOREIGN KEY (project_id) REFERENCES oclm_projects (id),
  CONSTRAINT oclm_effects_kind_valid CHECK (octet_length(kind) BETWEEN 1 AND 256),
  CONSTRAINT oclm_effects_import_version_valid CHECK (import_version BETWEEN 1 AND 4294967295),
  CONSTRAINT oclm_effects_effect_valid CHECK (octet_length(effect) BETWEEN 1 AND 4096),
  CONSTRAINT oclm_effects_outcome_valid CHECK (octet_length(outcome) <= 1048576)
);
