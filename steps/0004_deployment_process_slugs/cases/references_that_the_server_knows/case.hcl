# Every kind of thing has its own table.
lookups = {
  channels     = { "The One" = "one-of-channels" }
  environments = { "The One" = "one-of-environments" }
  accounts     = { "The One" = "one-of-accounts" }
  projects     = { "The One" = "one-of-projects" }
  feeds        = { "The One" = "one-of-feeds" }
  worker_pools = { "The One" = "one-of-worker-pools" }
}
