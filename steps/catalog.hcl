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

  contract "14" { json_schema = "contracts/deployment_process_14.json" }
}

document "deployment_settings" {
  path   = "deployment_settings.ocl"
  single = ["connectivity_policy", "versioning_strategy", "versioning_strategy.donor_package"]

  contract "14" { json_schema = "contracts/deployment_settings_14.json" }
}

document "variables" {
  path   = "variables.ocl"
  single = ["variable.value.prompt"]

  contract "14" { json_schema = "contracts/variables_14.json" }

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

  contract "14" { json_schema = "contracts/runbook_14.json" }

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

# What refers to what. Things that no document defines live in the server.

thing "variable" {
  defined_in  = "variables"
  at          = "variable"
  ignore_case = true
  built_in    = ["Octopus", "env"]

  # Library variable sets, tenants and whatever is sensitive live in the server.
  elsewhere = true

  # Step templates, and the files of packages and Git repositories, use variables that no document names.
  used_by = [
    "**.action.packages.package_id",
    "**.git_dependencies.repository_uri",
    "**.properties[\"Octopus.Action.Package.PackageId\"]",
    "**.properties[\"Octopus.Action.GitRepository.Source\"]",
    "**.properties[\"Octopus.Action.Template.Id\"]",
    "**.process_template.process_template_slug",
  ]
}

thing "runbook" {
  defined_in = "runbook"
  name       = [slug, "name"]
  standalone = true
  elsewhere  = true # steps run those of other projects too
}

thing "step" {
  defined_in = ["deployment_process", "runbook"]
  at         = "**.step"
  name       = [label, "name"]
  standalone = true
}

# Without a name of its own, an action has that of its step.
thing "action" {
  defined_in  = ["deployment_process", "runbook"]
  at          = "**.step.action"
  name        = [label, "name"]
  ignore_case = true
  standalone  = true
}

thing "package_reference" {
  defined_in = ["deployment_process", "runbook"]
  at         = "**.action.packages"
  standalone = true
}

thing "feed" { aliases = { "feeds-builtin-releases" = "octopus-server-built-in" } }
thing "account" {}
thing "channel" {}
thing "container_image" {}
thing "environment" {}
thing "git_credential" {}
thing "git_repository" {}
thing "package" {}
thing "role" { ignore_case = true }
thing "step_template" {}
thing "team" {}
thing "tenant_tag" {}
thing "worker_pool" {}

template "octostache" {
  at        = "**"
  refers_to = "variable"
  scripts = [
    "**.properties[\"Octopus.Action.Script.ScriptBody\"]",
    "**.properties[\"Octopus.Action.CustomScripts.PreDeploy.ps1\"]",
    "**.properties[\"Octopus.Action.CustomScripts.Deploy.ps1\"]",
    "**.properties[\"Octopus.Action.CustomScripts.PostDeploy.ps1\"]",
    "**.properties[\"Octopus.Action.CustomScripts.PreDeploy.sh\"]",
    "**.properties[\"Octopus.Action.CustomScripts.Deploy.sh\"]",
    "**.properties[\"Octopus.Action.CustomScripts.PostDeploy.sh\"]",
  ]
  # Packages of the same action, by their labels.
  indexes = {
    "Octopus.Action"         = "action"
    "Octopus.Action.Package" = "package_reference"
  }
}

reference "variable" {
  at = [
    "**.action.worker_pool_variable",
    "**.properties[\"Octopus.Action.AwsAccount.Variable\"]",
    "**.properties[\"Octopus.Action.AzureAccount.Variable\"]",
    "**.properties[\"Octopus.Action.GoogleCloudAccount.Variable\"]",
  ]
}

reference "environment" {
  at = ["**.environments", "**.excluded_environments", "variable.value.environment"]
}

reference "channel" { at = ["**.action.channels", "variable.value.channel"] }
reference "tenant_tag" { at = ["**.tenant_tags", "variable.value.tenant_tag"] }

reference "role" { at = "variable.value.role" }
reference "role" {
  at    = "**.properties[\"Octopus.Action.TargetRoles\"]"
  split = ","
}

reference "team" {
  at = [
    "**.properties[\"Octopus.Action.Manual.ResponsibleTeamIds\"]",
    "**.properties[\"Octopus.Action.Email.ToTeamIds\"]",
  ]
  split = ","
}

reference "worker_pool" { at = "**.action.worker_pool" }
reference "worker_pool" {
  at   = "variable.value"
  when = parent.type == "WorkerPool"
}

reference "feed" {
  at = [
    "**.action.container.feed",
    "**.action.packages.feed",
    "**.properties[\"Octopus.Action.Package.FeedId\"]",
  ]
}

reference "container_image" { at = "**.action.container.image" }

reference "package" {
  at = ["**.action.packages.package_id", "**.properties[\"Octopus.Action.Package.PackageId\"]"]
}

reference "git_repository" { at = "**.git_dependencies.repository_uri" }

reference "git_credential" {
  at = [
    "**.git_dependencies.git_credential_id",
    "**.properties[\"Octopus.Action.GitRepository.GitCredentialId\"]",
  ]
}

reference "account" {
  at   = "variable.value"
  when = contains(["AzureAccount", "AmazonWebServicesAccount", "GoogleCloudAccount"], parent.type)
}

reference "account" { at = "**.properties[\"Octopus.Action.Azure.AccountId\"]" }

reference "step_template" { at = "**.properties[\"Octopus.Action.Template.Id\"]" }

reference "runbook" { at = "**.properties[\"Run.Runbook.Name\"]" }
reference "runbook" {
  at     = "variable.value.process"
  prefix = "runbook/"
}

reference "step" { at = "versioning_strategy.donor_package.step" }
reference "action" { at = "variable.value.action" }
