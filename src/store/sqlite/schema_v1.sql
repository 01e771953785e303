-- Version 1 of the store's tables. Released: never edit it, add a version.
-- Names and slugs hold no control characters; sizes are bytes of UTF-8; the limits are those of limits.rs.
PRAGMA application_id = 1329810509; -- 'OCLM'
PRAGMA user_version = 1;

CREATE TABLE tenants (
  id INTEGER CONSTRAINT tenants_key PRIMARY KEY,
  name TEXT CONSTRAINT tenants_name_given NOT NULL,
  CONSTRAINT tenants_name_unique UNIQUE (name),
  CONSTRAINT tenants_name_valid CHECK (
    length(CAST(name AS BLOB)) BETWEEN 0 AND 4096
    AND instr(name, char(0)) = 0
    AND name NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*'
  )
) STRICT;

CREATE TABLE projects (
  id INTEGER CONSTRAINT projects_key PRIMARY KEY,
  tenant_id INTEGER CONSTRAINT projects_tenant_given NOT NULL,
  name TEXT CONSTRAINT projects_name_given NOT NULL,
  version INTEGER CONSTRAINT projects_version_given NOT NULL DEFAULT 0,
  CONSTRAINT projects_tenant_exists FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  CONSTRAINT projects_name_unique UNIQUE (tenant_id, name),
  CONSTRAINT projects_name_valid CHECK (
    length(CAST(name AS BLOB)) BETWEEN 1 AND 4096
    AND instr(name, char(0)) = 0
    AND name NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*'
  ),
  CONSTRAINT projects_version_valid CHECK (version BETWEEN 0 AND 4294967295)
) STRICT;

CREATE TRIGGER projects_version_never_falls BEFORE UPDATE OF version ON projects
WHEN NEW.version < OLD.version
BEGIN SELECT RAISE(ABORT, 'projects_version_never_falls'); END;

CREATE TABLE documents (
  project_id INTEGER CONSTRAINT documents_project_given NOT NULL,
  kind TEXT CONSTRAINT documents_kind_given NOT NULL,
  slug TEXT CONSTRAINT documents_slug_given NOT NULL, -- empty for a singleton
  content TEXT CONSTRAINT documents_content_given NOT NULL,
  shape INTEGER CONSTRAINT documents_shape_given NOT NULL,
  CONSTRAINT documents_key PRIMARY KEY (project_id, kind, slug),
  CONSTRAINT documents_project_exists FOREIGN KEY (project_id) REFERENCES projects (id),
  CONSTRAINT documents_kind_valid CHECK (
    length(CAST(kind AS BLOB)) BETWEEN 1 AND 256
    AND instr(kind, char(0)) = 0
    AND kind NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*'
  ),
  CONSTRAINT documents_slug_valid CHECK (
    length(CAST(slug AS BLOB)) BETWEEN 0 AND 4096
    AND instr(slug, char(0)) = 0
    AND slug NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*'
  ),
  CONSTRAINT documents_content_valid CHECK (length(CAST(content AS BLOB)) <= 67108864),
  CONSTRAINT documents_shape_valid CHECK (shape BETWEEN 1 AND 4294967295)
) STRICT;

-- A row without content says that the import was recorded and there was nothing.
CREATE TABLE snapshots (
  project_id INTEGER CONSTRAINT snapshots_project_given NOT NULL,
  kind TEXT CONSTRAINT snapshots_kind_given NOT NULL,
  import_version INTEGER CONSTRAINT snapshots_import_version_given NOT NULL,
  slug TEXT CONSTRAINT snapshots_slug_given NOT NULL,
  content TEXT,
  shape INTEGER,
  time INTEGER CONSTRAINT snapshots_time_given NOT NULL, -- seconds since the Unix epoch
  CONSTRAINT snapshots_key PRIMARY KEY (project_id, kind, import_version, slug),
  CONSTRAINT snapshots_project_exists FOREIGN KEY (project_id) REFERENCES projects (id),
  CONSTRAINT snapshots_kind_valid CHECK (
    length(CAST(kind AS BLOB)) BETWEEN 1 AND 256
    AND instr(kind, char(0)) = 0
    AND kind NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*'
  ),
  CONSTRAINT snapshots_import_version_valid CHECK (import_version BETWEEN 1 AND 4294967295),
  CONSTRAINT snapshots_slug_valid CHECK (
    length(CAST(slug AS BLOB)) BETWEEN 0 AND 4096
    AND instr(slug, char(0)) = 0
    AND slug NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*'
  ),
  CONSTRAINT snapshots_content_valid CHECK (length(CAST(content AS BLOB)) <= 67108864),
  CONSTRAINT snapshots_shape_valid CHECK (shape BETWEEN 1 AND 4294967295),
  CONSTRAINT snapshots_nothing_has_no_shape CHECK ((content IS NULL) = (shape IS NULL)),
  CONSTRAINT snapshots_nothing_has_no_slug CHECK (content IS NOT NULL OR slug = '')
) STRICT;

CREATE TRIGGER snapshots_nothing_stands_alone BEFORE INSERT ON snapshots
WHEN EXISTS (
  SELECT 1 FROM snapshots
  WHERE project_id = NEW.project_id AND kind = NEW.kind AND import_version = NEW.import_version
    AND (content IS NULL OR NEW.content IS NULL)
)
BEGIN SELECT RAISE(ABORT, 'snapshots_nothing_stands_alone'); END;

CREATE TRIGGER snapshots_never_change BEFORE UPDATE ON snapshots
BEGIN SELECT RAISE(ABORT, 'snapshots_never_change'); END;

CREATE TRIGGER snapshots_never_leave BEFORE DELETE ON snapshots
BEGIN SELECT RAISE(ABORT, 'snapshots_never_leave'); END;

-- An entry is a project's or a tenant's.
CREATE TABLE lookups (
  tenant_id INTEGER,
  project_id INTEGER,
  lookup_table TEXT CONSTRAINT lookups_table_given NOT NULL,
  key TEXT CONSTRAINT lookups_key_given NOT NULL,
  value TEXT CONSTRAINT lookups_value_given NOT NULL, -- JSON
  CONSTRAINT lookups_tenant_exists FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  CONSTRAINT lookups_project_exists FOREIGN KEY (project_id) REFERENCES projects (id),
  CONSTRAINT lookups_one_owner CHECK ((tenant_id IS NULL) <> (project_id IS NULL)),
  CONSTRAINT lookups_table_valid CHECK (
    length(CAST(lookup_table AS BLOB)) BETWEEN 1 AND 4096
    AND instr(lookup_table, char(0)) = 0
    AND lookup_table NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*'
  ),
  CONSTRAINT lookups_key_valid CHECK (
    length(CAST(key AS BLOB)) BETWEEN 0 AND 4096
    AND instr(key, char(0)) = 0
    AND key NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*'
  ),
  CONSTRAINT lookups_value_valid CHECK (json_valid(value) AND length(CAST(value AS BLOB)) <= 1048576)
) STRICT;

CREATE UNIQUE INDEX lookups_of_project ON lookups (project_id, lookup_table, key) WHERE project_id IS NOT NULL;
CREATE UNIQUE INDEX lookups_of_tenant ON lookups (tenant_id, lookup_table, key) WHERE tenant_id IS NOT NULL;

CREATE TABLE intents (
  id INTEGER CONSTRAINT intents_key PRIMARY KEY AUTOINCREMENT, -- an id is never given twice
  project_id INTEGER CONSTRAINT intents_project_given NOT NULL,
  ref_name TEXT CONSTRAINT intents_ref_name_given NOT NULL,
  old_commit TEXT, -- none for a ref that doesn't exist yet
  new_commit TEXT CONSTRAINT intents_new_commit_given NOT NULL,
  target INTEGER CONSTRAINT intents_target_given NOT NULL,
  imports TEXT CONSTRAINT intents_imports_given NOT NULL, -- JSON, an array: kind, import_version, rows, hash
  time INTEGER CONSTRAINT intents_time_given NOT NULL, -- seconds since the Unix epoch
  CONSTRAINT intents_project_exists FOREIGN KEY (project_id) REFERENCES projects (id),
  CONSTRAINT intents_ref_name_valid CHECK (
    length(CAST(ref_name AS BLOB)) BETWEEN 1 AND 4096
    AND instr(ref_name, char(0)) = 0
    AND ref_name NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*'
  ),
  CONSTRAINT intents_old_commit_valid CHECK (
    length(CAST(old_commit AS BLOB)) BETWEEN 1 AND 4096
    AND instr(old_commit, char(0)) = 0
    AND old_commit NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*'
  ),
  CONSTRAINT intents_new_commit_valid CHECK (
    length(CAST(new_commit AS BLOB)) BETWEEN 1 AND 4096
    AND instr(new_commit, char(0)) = 0
    AND new_commit NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*'
  ),
  CONSTRAINT intents_target_valid CHECK (target BETWEEN 1 AND 4294967295),
  CONSTRAINT intents_imports_valid CHECK (json_valid(imports) AND json_type(imports) = 'array')
) STRICT;

CREATE INDEX intents_of_project ON intents (project_id);
