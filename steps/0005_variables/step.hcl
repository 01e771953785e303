description = "Variables that aren't secret move from the database to Git"
document    = "variables"

import {}
