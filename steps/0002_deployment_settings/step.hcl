description = "The deployment settings move from the database to Git"
document    = "deployment_settings"

import {}
