description = "Steps of the step package that deploys to Amazon ECS become built-in ones"
document    = "deployment_process"

modify {
  in "step.action" {
    when   = self.action_type == "aws-ecs"
    reject = "this action uses the step package that deploys to Amazon ECS, and what version 13 does with it is not public: replace it by the built-in step, or let the server migrate this branch"
  }
}
