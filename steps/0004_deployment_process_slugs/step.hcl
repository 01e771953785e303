description = "Steps, actions and what they refer to go by slugs; their labels become names"
document    = "deployment_process"

modify {
  in "step" {
    # The old label is the name, unless the step has one: then it goes by its slug already, as in projects that were
    # converted to Git by a newer server than their version says.
    in "" {
      when = length(self["$labels"]) > 0 && self.name == null

      in "action" {
        # A step's only action goes by the step's own name and says none.
        when = (
          length(self["$labels"]) > 0
          && !(length(parent.action) == 1 && self["$labels"][0] == parent["$labels"][0])
        )
        default = { name = self["$labels"][0] }
      }

      in "" {
        default = { name = self["$labels"][0] }
      }
    }

    # One set of slugs for steps and actions, in document order. The server's own are up to 56 characters long; those
    # of other things are said to end at 50.
    in "" {
      when  = length(self["$labels"]) > 0
      label = unique(slugify(value, "blue-ring"))
    }

    in "action" {
      when  = length(self["$labels"]) > 0
      label = unique(slugify(value, "blue-ring"))
    }
  }

  # What holds `#{` is an expression, and what is empty refers to nothing: both stay.
  in "step.action" {
    convert = {
      environments = [
        for name in value :
        name == "" || strcontains(name, "#{") ? name : lookup("environments", name, slugify(name, "blue-ring", 50))
      ]
      excluded_environments = [
        for name in value :
        name == "" || strcontains(name, "#{") ? name : lookup("environments", name, slugify(name, "blue-ring", 50))
      ]
      channels = [
        for name in value :
        name == "" || strcontains(name, "#{") ? name : lookup("channels", name, slugify(name, "blue-ring", 50))
      ]
      worker_pool = (
        value == "" || strcontains(value, "#{") ? value : lookup("worker_pools", value, slugify(value, "blue-ring", 50))
      )
    }

    in "container" {
      convert = {
        feed = value == "" || strcontains(value, "#{") ? value : lookup("feeds", value, slugify(value, "blue-ring", 50))
      }
    }

    in "packages" {
      default = { acquisition_location = "" }
      convert = {
        feed = value == "" || strcontains(value, "#{") ? value : lookup("feeds", value, slugify(value, "blue-ring", 50))
      }
    }

    in "properties" {
      convert = {
        "Octopus.Action.Package.FeedId" = (
          value == "" || strcontains(value, "#{") ? value : lookup("feeds", value, slugify(value, "blue-ring", 50))
        )
        "Octopus.Action.Azure.AccountId" = (
          value == "" || strcontains(value, "#{") ? value : lookup("accounts", value, slugify(value, "blue-ring", 50))
        )
        "Octopus.Action.DeployRelease.ProjectId" = (
          value == "" || strcontains(value, "#{") ? value : lookup("projects", value, slugify(value, "blue-ring", 50))
        )
      }

      # A package parameter is JSON in a string: `{"PackageId":"Tools","FeedId":"Octopus Server (built-in)"}`.
      set = {
        for key, text in self :
        key => jsonencode(merge(jsondecode(text), {
          FeedId = lookup("feeds", jsondecode(text).FeedId, slugify(jsondecode(text).FeedId, "blue-ring", 50))
        }))
        if (
          try(startswith(trimspace(text), "{") && strcontains(text, "\"PackageId\""), false) # mutant false: text that isn't a string holds no feed either, which the next condition asks
          && try(jsondecode(text).FeedId != null && jsondecode(text).FeedId != "", false)
          && !strcontains(try(jsondecode(text).FeedId, ""), "#{") # mutant "": what has no feed has left at the condition before
        )
      }
    }

    # `RunOnServer` says where an action without a worker pool runs. AWS and Kubernetes actions never say it.
    in "" {
      when = (
        !startswith(coalesce(self.action_type, "-"), "Octopus.Aws") # mutant "-": no type is spelt so
        && !startswith(coalesce(self.action_type, "-"), "Octopus.Kubernetes") # mutant "-": no type is spelt so
      )

      in "" {
        when = (
          self.worker_pool == null && (self.worker_pool_variable == null || self.worker_pool_variable == "")
          && self.properties["Octopus.Action.RunOnServer"] == null # mutant "Octopus.Action.RunOnServer": `default` looks for it too
        )
        default = { properties = {} }

        in "properties" {
          default = { "Octopus.Action.RunOnServer" = "false" }
        }
      }

      in "" {
        when = (
          (self.worker_pool != null || (self.worker_pool_variable != null && self.worker_pool_variable != ""))
          && self.properties["Octopus.Action.RunOnServer"] == "true"
        )

        in "properties" {
          remove = ["Octopus.Action.RunOnServer"]
        }
      }
    }
  }
}

# Names become labels again where going up gives the same slug, number and all: `unique` counts here as it does there.
# Elsewhere, as after a rename, both stay as they are: a step with a name goes by its slug in this shape too. References
# become names again where the server knows whose slug they are, and stay slugs elsewhere. What was added or taken away
# of `RunOnServer` and `acquisition_location` stays so: versions before know them as well.
down {
  in "step" {
    when = (
      self.name != null && length(self["$labels"]) > 0
      && self["$labels"][0] == unique(slugify(self.name, "blue-ring"))
    )

    in "action" {
      in "" {
        when = (
          self.name == null && length(self["$labels"]) > 0 && length(parent.action) == 1
          && self["$labels"][0] == unique(slugify(parent.name, "blue-ring"))
        )
        label = parent.name
      }

      in "" {
        when = (
          self.name != null && length(self["$labels"]) > 0
          && self["$labels"][0] == unique(slugify(self.name, "blue-ring"))
        )
        label  = self.name
        remove = ["name"]
      }
    }

    label  = self.name
    remove = ["name"]
  }

  in "step.action" {
    convert = {
      environments          = [for slug in value : lookup("environment_names", slug, slug)]
      excluded_environments = [for slug in value : lookup("environment_names", slug, slug)]
      channels              = [for slug in value : lookup("channel_names", slug, slug)]
      worker_pool           = lookup("worker_pool_names", value, value)
    }

    in "container" {
      convert = { feed = lookup("feed_names", value, value) }
    }

    in "packages" {
      convert = { feed = lookup("feed_names", value, value) }
    }

    in "properties" {
      convert = {
        "Octopus.Action.Package.FeedId"          = lookup("feed_names", value, value)
        "Octopus.Action.Azure.AccountId"         = lookup("account_names", value, value)
        "Octopus.Action.DeployRelease.ProjectId" = lookup("project_names", value, value)
      }

      set = {
        for key, text in self :
        key => jsonencode(merge(jsondecode(text), { FeedId = lookup("feed_names", jsondecode(text).FeedId) }))
        if (
          try(startswith(trimspace(text), "{") && strcontains(text, "\"PackageId\""), false) # mutant false: text that isn't a string holds no feed either, which the next condition asks
          && try(lookup("feed_names", jsondecode(text).FeedId, null) != null, false)
        )
      }
    }
  }
}
