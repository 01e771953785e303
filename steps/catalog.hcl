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
}

# Drafts lie below in `migrated-drafts`.
document "runbook" {
  path   = "runbooks/**/*.ocl"
  single = ["connectivity_policy", "process", "process.step.action.container", "run_retention_policy"]
}
