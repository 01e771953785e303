description = "Steps of the step package that updates an Amazon ECS service become built-in ones"
document    = "deployment_process"

modify {
  in "step.action" {
    when   = self.action_type == "aws-ecs-update-service"
    reject = "this action uses the step package that updates an Amazon ECS service, and what version 14 does with it is not public: replace it by the built-in step, or let the server migrate this branch"
  }
}
