# Only an action that goes by its step's name has none of its own.
set_aside = ["step[\"deploy\"].action[\"push-it\"].name"]
