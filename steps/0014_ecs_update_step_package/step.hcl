description = "Steps of the step package that updates an Amazon ECS service become built-in ones"
document    = "deployment_process"

modify {
  in "step.action" {
    when   = self.action_type == "aws-ecs-update-service"
    reject = "this action uses the step package that updates an Amazon ECS service, and nobody outside the server knows what version 14 makes of it: replace it by the built-in step, or let the server migrate this branch"
  }
}
