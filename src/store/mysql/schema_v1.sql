-- Version 1 of the store's tables in MariaDB and MySQL. Released: never edit it, add a version.
-- Texts are bytes of UTF-8, the limits those of limits.rs, and keys hashes of names, made by the program. Times are seconds
-- since the Unix epoch. These databases take no name for NOT NULL, and call every primary key PRIMARY. Each statement ends a
-- transaction, so each can be repeated, and the history, whose row comes last, says whether all was done.

CREATE TABLE IF NOT EXISTS oclm_history (
  version BIGINT NOT NULL,
  readable_by BIGINT NOT NULL, -- programs that know this version may read
  action VARBINARY(64) NOT NULL, -- 'installed' or 'upgraded'
  program VARBINARY(64) NOT NULL,
  time BIGINT NOT NULL DEFAULT (UNIX_TIMESTAMP()),
  PRIMARY KEY (version),
  CONSTRAINT oclm_history_version_valid CHECK (version BETWEEN 1 AND 4294967295),
  CONSTRAINT oclm_history_readable_by_valid CHECK (readable_by BETWEEN 1 AND version)
) ENGINE=InnoDB DEFAULT CHARSET=binary;

CREATE TABLE IF NOT EXISTS oclm_tenants (
  id BIGINT NOT NULL AUTO_INCREMENT,
  name_key VARBINARY(32) NOT NULL,
  name VARBINARY(4096) NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT oclm_tenants_name_unique UNIQUE (name_key),
  CONSTRAINT oclm_tenants_name_key_valid CHECK (octet_length(name_key) = 32),
  CONSTRAINT oclm_tenants_name_valid CHECK (octet_length(name) BETWEEN 0 AND 4096)
) ENGINE=InnoDB DEFAULT CHARSET=binary;

CREATE TABLE IF NOT EXISTS oclm_projects (
  id BIGINT NOT NULL AUTO_INCREMENT,
  tenant_id BIGINT NOT NULL,
  name_key VARBINARY(32) NOT NULL,
  name VARBINARY(4096) NOT NULL,
  version BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  CONSTRAINT oclm_projects_name_unique UNIQUE (tenant_id, name_key),
  CONSTRAINT oclm_projects_tenant_exists FOREIGN KEY (tenant_id) REFERENCES oclm_tenants (id),
  CONSTRAINT oclm_projects_name_key_valid CHECK (octet_length(name_key) = 32),
  CONSTRAINT oclm_projects_name_valid CHECK (octet_length(name) BETWEEN 1 AND 4096),
  CONSTRAINT oclm_projects_version_valid CHECK (version BETWEEN 0 AND 4294967295)
) ENGINE=InnoDB DEFAULT CHARSET=binary;

CREATE TABLE IF NOT EXISTS oclm_documents (
  project_id BIGINT NOT NULL,
  document_key VARBINARY(32) NOT NULL, -- of kind and slug
  kind VARBINARY(256) NOT NULL,
  slug VARBINARY(4096) NOT NULL, -- empty for a singleton
  content LONGBLOB NOT NULL,
  shape BIGINT NOT NULL,
  PRIMARY KEY (project_id, document_key),
  KEY oclm_documents_of_kind (project_id, kind),
  CONSTRAINT oclm_documents_project_exists FOREIGN KEY (project_id) REFERENCES oclm_projects (id),
  CONSTRAINT oclm_documents_document_key_valid CHECK (octet_length(document_key) = 32),
  CONSTRAINT oclm_documents_kind_valid CHECK (octet_length(kind) BETWEEN 1 AND 256),
  CONSTRAINT oclm_documents_slug_valid CHECK (octet_length(slug) BETWEEN 0 AND 4096),
  CONSTRAINT oclm_documents_content_valid CHECK (octet_length(content) <= 67108864),
  CONSTRAINT oclm_documents_shape_valid CHECK (shape BETWEEN 1 AND 4294967295)
) ENGINE=InnoDB DEFAULT CHARSET=binary;

-- A row without content says that the import was recorded and there was nothing.
CREATE TABLE IF NOT EXISTS oclm_snapshots (
  project_id BIGINT NOT NULL,
  kind VARBINARY(256) NOT NULL,
  import_version BIGINT NOT NULL,
  document_key VARBINARY(32) NOT NULL, -- of kind and slug
  slug VARBINARY(4096) NOT NULL,
  content LONGBLOB,
  shape BIGINT,
  time BIGINT NOT NULL,
  PRIMARY KEY (project_id, kind, import_version, document_key),
  CONSTRAINT oclm_snapshots_project_exists FOREIGN KEY (project_id) REFERENCES oclm_projects (id),
  CONSTRAINT oclm_snapshots_kind_valid CHECK (octet_length(kind) BETWEEN 1 AND 256),
  CONSTRAINT oclm_snapshots_import_version_valid CHECK (import_version BETWEEN 1 AND 4294967295),
  CONSTRAINT oclm_snapshots_document_key_valid CHECK (octet_length(document_key) = 32),
  CONSTRAINT oclm_snapshots_slug_valid CHECK (octet_length(slug) BETWEEN 0 AND 4096),
  CONSTRAINT oclm_snapshots_content_valid CHECK (octet_length(content) <= 67108864),
  CONSTRAINT oclm_snapshots_shape_valid CHECK (shape BETWEEN 1 AND 4294967295),
  CONSTRAINT oclm_snapshots_nothing_has_no_shape CHECK ((content IS NULL) = (shape IS NULL)),
  CONSTRAINT oclm_snapshots_nothing_has_no_slug CHECK (content IS NOT NULL OR octet_length(slug) = 0)
) ENGINE=InnoDB DEFAULT CHARSET=binary;

-- An entry is a project's or a tenant's.
CREATE TABLE IF NOT EXISTS oclm_lookups (
  id BIGINT NOT NULL AUTO_INCREMENT,
  tenant_id BIGINT,
  project_id BIGINT,
  entry_key VARBINARY(32) NOT NULL, -- of table and key
  lookup_table VARBINARY(4096) NOT NULL,
  lookup_key VARBINARY(4096) NOT NULL,
  value LONGBLOB NOT NULL, -- JSON
  PRIMARY KEY (id),
  CONSTRAINT oclm_lookups_of_project UNIQUE (project_id, entry_key),
  CONSTRAINT oclm_lookups_of_tenant UNIQUE (tenant_id, entry_key),
  CONSTRAINT oclm_lookups_tenant_exists FOREIGN KEY (tenant_id) REFERENCES oclm_tenants (id),
  CONSTRAINT oclm_lookups_project_exists FOREIGN KEY (project_id) REFERENCES oclm_projects (id),
  CONSTRAINT oclm_lookups_one_owner CHECK ((tenant_id IS NULL) <> (project_id IS NULL)),
  CONSTRAINT oclm_lookups_entry_key_valid CHECK (octet_length(entry_key) = 32),
  CONSTRAINT oclm_lookups_lookup_table_valid CHECK (octet_length(lookup_table) BETWEEN 1 AND 4096),
  CONSTRAINT oclm_lookups_lookup_key_valid CHECK (octet_length(lookup_key) BETWEEN 0 AND 4096),
  CONSTRAINT oclm_lookups_value_valid CHECK (octet_length(value) <= 1048576)
) ENGINE=InnoDB DEFAULT CHARSET=binary;

CREATE TABLE IF NOT EXISTS oclm_intents (
  id BIGINT NOT NULL AUTO_INCREMENT, -- never given twice
  project_id BIGINT NOT NULL,
  ref_name VARBINARY(4096) NOT NULL,
  old_commit VARBINARY(4096), -- none for a ref that doesn't exist yet
  new_commit VARBINARY(4096) NOT NULL,
  target BIGINT NOT NULL,
  imports LONGBLOB NOT NULL, -- JSON, an array: kind, import_version, rows, hash
  time BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY oclm_intents_of_project (project_id),
  CONSTRAINT oclm_intents_project_exists FOREIGN KEY (project_id) REFERENCES oclm_projects (id),
  CONSTRAINT oclm_intents_ref_name_valid CHECK (octet_length(ref_name) BETWEEN 1 AND 4096),
  CONSTRAINT oclm_intents_old_commit_valid CHECK (octet_length(old_commit) BETWEEN 1 AND 4096),
  CONSTRAINT oclm_intents_new_commit_valid CHECK (octet_length(new_commit) BETWEEN 1 AND 4096),
  CONSTRAINT oclm_intents_target_valid CHECK (target BETWEEN 1 AND 4294967295)
) ENGINE=InnoDB DEFAULT CHARSET=binary;

-- The steps of the servers that wrote here, for servers that know less.
CREATE TABLE IF NOT EXISTS oclm_catalogs (
  digest VARBINARY(64) NOT NULL,
  version BIGINT NOT NULL,
  content LONGBLOB NOT NULL,
  PRIMARY KEY (digest),
  CONSTRAINT oclm_catalogs_digest_valid CHECK (octet_length(digest) = 64),
  CONSTRAINT oclm_catalogs_version_valid CHECK (version BETWEEN 1 AND 4294967295),
  CONSTRAINT oclm_catalogs_content_valid CHECK (octet_length(content) <= 67108864)
) ENGINE=InnoDB DEFAULT CHARSET=binary;
