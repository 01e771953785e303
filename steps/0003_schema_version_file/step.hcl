description = "The schema version lies in schema_version.ocl, no longer in schema-version.ocl"
document    = "schema_version"

rename { from = "schema-version.ocl" }
