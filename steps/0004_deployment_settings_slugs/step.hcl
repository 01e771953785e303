description = "The package that a release takes its version from is found by its action's slug"
document    = "deployment_settings"
reads       = ["deployment_process"]

# Runs after `deployment_process_slugs` (within a version, by folder name), so the actions have their slugs. An action
# without a name goes by its step's, one without a slug too. What names no action refers to nothing, and stays.
modify {
  in "versioning_strategy.donor_package" {
    convert = {
      step = coalesce(concat(flatten([
        for step in documents.deployment_process.step : [
          for action in step.action :
          coalesce(action["$labels"][0], step["$labels"][0], value)
          if value != "" && coalesce(action.name, step.name, "-") == value # mutant "": no action has an empty name; mutant "-": no name is spelt so
        ]
      ]), [value], [""])...) # mutant "": it stands in for a value that is there
    }
  }
}

# Undone before `deployment_process_slugs` is, so the actions still have both their slugs and their names.
down {
  in "versioning_strategy.donor_package" {
    convert = {
      step = coalesce(concat(flatten([
        for step in documents.deployment_process.step : [
          for action in step.action :
          coalesce(action.name, step.name, value)
          if value != "" && coalesce(action["$labels"][0], step["$labels"][0], "-") == value # mutant "": no action has an empty name; mutant "-": no name is spelt so
        ]
      ]), [value], [""])...) # mutant "": it stands in for a value that is there
    }
  }
}
