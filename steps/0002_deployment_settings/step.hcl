description = "The deployment settings lie in Git"
document    = "deployment_settings"

import {}
