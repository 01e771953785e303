description = "Kubernetes server-side apply is off unless asked for, and so is running on the server without a worker pool"
document    = "deployment_process"

modify {
  in "step.action" {
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

    in "" {
      when = contains([
        "Octopus.KubernetesDeployRawYaml",
        "Octopus.KubernetesDeployContainers",
        "Octopus.KubernetesDeployService",
        "Octopus.Kubernetes.Kustomize",
      ], self.action_type)
      default = { properties = {} }

      in "properties" {
        default = {
          "Octopus.Action.Kubernetes.ServerSideApply.Enabled"        = "False"
          "Octopus.Action.Kubernetes.ServerSideApply.ForceConflicts" = "False"
        }
      }
    }
  }
}

# Versions before know `RunOnServer` as well, so what was written of it stays.
down {
  in "step.action" {
    when = contains([
      "Octopus.KubernetesDeployRawYaml",
      "Octopus.KubernetesDeployContainers",
      "Octopus.KubernetesDeployService",
      "Octopus.Kubernetes.Kustomize",
    ], self.action_type)

    in "properties" {
      in "" {
        when   = self["Octopus.Action.Kubernetes.ServerSideApply.Enabled"] == "False"
        remove = ["Octopus.Action.Kubernetes.ServerSideApply.Enabled"]
      }

      in "" {
        when   = self["Octopus.Action.Kubernetes.ServerSideApply.ForceConflicts"] == "False"
        remove = ["Octopus.Action.Kubernetes.ServerSideApply.ForceConflicts"]
      }
    }
  }
}
