description = "The variables that aren't secret lie in Git"
document    = "variables"

import {}
