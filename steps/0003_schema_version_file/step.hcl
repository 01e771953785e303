description = "The schema version moves from schema-version.ocl to schema_version.ocl"
document    = "schema_version"

rename { from = "schema-version.ocl" }
