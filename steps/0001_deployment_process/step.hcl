description = "The deployment process moves from the database to Git"
document    = "deployment_process"

import {}
