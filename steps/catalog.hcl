# Octopus Deploy's Config as Code: its document kinds, and what each schema version changed.

# What steps ask of the server (`lookup`): tables from the name of a thing to its slug. Where a table doesn't know a name,
# the slug of the name stands in, as it was the right one in every migration seen.
#
#   environments, channels, worker_pools, feeds, accounts, projects

catalog "octopus" {
  base_path        = ".octopus"
  unknown_versions = [11, 12] # they exist, but their changes are not public
}

marker {
  path         = "schema_version.ocl"
  attribute    = "version"
  legacy_paths = ["schema-version.ocl"]
}

document "deployment_process" {
  path   = "deployment_process.ocl"
  single = ["step.action.container"]
}

document "deployment_settings" {
  path   = "deployment_settings.ocl"
  single = ["connectivity_policy", "versioning_strategy", "versioning_strategy.donor_package"]
}

document "variables" {
  path   = "variables.ocl"
  single = ["variable.value.prompt"]

  key "variable" {
    by          = label
    ignore_case = true
  }

  # The label is the value, or its attribute `value` is, where it has several lines. Its scope is what it is known by; which
  # of several applies is decided by the most specific type of scope.
  key "variable.value" {
    by         = ["environment", "channel", "role", "machine", "action", "process", "tenant", "tenant_tag"]
    as_set     = true
    value      = [label, "value"]
    precedence = ["action", "machine", "role", "tenant", "tenant_tag", "environment", "channel", "process"]
  }
}

# Drafts lie below in `migrated-drafts`.
document "runbook" {
  path   = "runbooks/**/*.ocl"
  single = ["connectivity_policy", "process", "process.step.action.container", "run_retention_policy"]

  set "tags" {}
}

# What processes hold, of deployments and of runbooks. Steps run in their order, and process templates among them.
key "**.step" {
  by      = label
  else    = "name"
  ordered = true
}

key "**.process_template" {
  by      = label
  ordered = true
}

# A step's only action has the step's label, and is written without.
key "**.step.action" {
  by      = label
  else    = parent
  ordered = true
}

# The one without a label is the main one.
key "**.action.packages" { by = label }
key "**.action.git_dependencies" { by = label }

# Inputs of step packages.
key "**.inputs.parameters" { by = "Key" }
key "**.inputs.containers" { by = "containerName" }
key "**.inputs.containers.environmentVariables" { by = "key" }

# Where steps run, and which files they watch: the order means nothing.
set "**.environments" {}
set "**.excluded_environments" {}
set "**.channels" {}
set "**.tenant_tags" {}
set "**.file_path_filters" {}
