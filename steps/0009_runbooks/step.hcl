description = "Runbooks move from the database to Git"
document    = "runbook"

# Repositories hold runbooks from version 8 on: what is in Git is what the users last saved.
import {
  on_existing = "keep"
}
