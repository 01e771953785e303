//! The example of the catalog's blocks.

/// A `catalog.hcl` with all blocks and attributes.
pub(super) const CATALOG_FILE: &str = r#"catalog "bellhop" {
  base_path        = ".bellhop"
  unknown_versions = [4, 5]
  baseline         = 1
  last_release     = "2026.4"
}

marker {
  path         = "schema_version.ocl"
  attribute    = "version"
  legacy_paths = ["version.ocl"]
}

version "2" { deprecated = "2027-01-01: the last server that writes it is gone" }

document "settings" {
  path   = "settings.ocl"
  single = ["retention", "window.pause"]
}
document "job" {
  path     = "jobs/**/*.ocl"
  defaults = "job_defaults"
}
document "job_defaults" {
  path = "job_defaults.ocl"

  contract "3" { json_schema = "contracts/job_defaults_3.json" }
  contract "7" {
    protobuf = "contracts/job_defaults_7.proto"
    message  = "bellhop.v7.JobDefaults"
    labels   = { Task = "name" }

    compatibility = "none"
  }
}

document "lists" {
  path = "lists.ocl"

  key "list.entry" {
    by         = ["host", "room"]
    as_set     = true
    value      = [label, "text"]
    precedence = ["room", "host"]
  }
}

key "**.task" {
  by          = label
  else        = "name"
  ignore_case = true
  ordered     = true
}

set "**.hosts" { ignore_case = true }

thing "setting" {
  defined_in  = "settings"
  at          = "setting"
  name        = [label, "name"]
  ignore_case = true
  built_in    = ["Building"]
  standalone  = true
  elsewhere   = true
  used_by     = ["**.task.package"]
}

thing "room" { aliases = { "the cellar" = "cellar" } }

reference "room" {
  at     = ["**.task.rooms", "**.options[\"cleaned.rooms\"]"]
  when   = parent.kind == "clean"
  split  = ","
  prefix = "room/"
}

template "octostache" {
  at        = ["**"]
  refers_to = "setting"
  scripts   = ["**.task.script"]
  indexes   = { "Hotel.Room" = "room" }
}
"#;
