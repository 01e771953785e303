description = "Steps of the Kustomize step package become built-in ones"
document    = "deployment_process"

modify {
  in "step.action" {
    when   = self.action_type == "kustomize" && self.inputs != null
    reject = "this action uses the Kustomize step package, and what version 7 does with its `inputs` is not public: replace it by the built-in Kustomize step, or let the server migrate this branch"
  }
}
