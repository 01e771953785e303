# A hundred was the default before: a count of it has nowhere to go.
set_aside = ["run_retention_policy[0].quantity_to_keep", "run_retention_policy[0].type"]
