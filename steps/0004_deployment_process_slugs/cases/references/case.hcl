# The server knows some slugs that aren't those of the names; for all else, the slug of the name stands in.
lookups = {
  environments = { "Production EU" = "prod-eu", "Staging" = "stage" }
  worker_pools = { "Hosted Ubuntu" = "ubuntu" }
  feeds        = { "Docker Hub" = "hub" }
}
