# What the server of the snapshots' project answers: slugs that aren't those of the names. What is null it doesn't have.
lookups = {
  channels     = { "Default" = null, "Hot Fix" = null }
  environments = { "Production EU" = "prod-eu", "Staging" = null, "Test" = null }
  worker_pools = { "Hosted Ubuntu" = "hosted-ubuntu-2" }
  feeds        = { "Docker Hub" = "hub", "Octopus Server (built-in)" = null }
  accounts     = { "Azure Subscription" = "azure" }
  projects     = { "Search" = "search-2" }
}

# These snapshots differ from the one before in their marker alone, which is what migrating does, not what is known to be
# right: the only commits that were seen go from 10 to 14.
exceptions = {
  v11 = "nobody outside the server knows what it changed"
  v12 = "nobody outside the server knows what it changed"
}
