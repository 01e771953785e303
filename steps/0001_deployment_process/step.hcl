description = "The deployment process lies in Git"
document    = "deployment_process"

import {}
