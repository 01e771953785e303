description = "Steps of the Kustomize step package become built-in ones"
document    = "deployment_process"

modify {
  in "step.action" {
    when   = self.action_type == "kustomize" && self.inputs != null
    reject = "this action uses the Kustomize step package, and nobody outside the server knows what version 7 makes of its `inputs`: replace it by the built-in Kustomize step, or let the server migrate this branch"
  }
}
