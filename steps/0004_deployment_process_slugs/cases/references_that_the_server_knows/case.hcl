# Every kind of thing has its own table, and one for the way back.
lookups = {
  channels     = { "The One" = "one-of-channels" }
  environments = { "The One" = "one-of-environments" }
  accounts     = { "The One" = "one-of-accounts" }
  projects     = { "The One" = "one-of-projects" }
  feeds        = { "The One" = "one-of-feeds" }
  worker_pools = { "The One" = "one-of-worker-pools" }

  channel_names     = { "one-of-channels" = "The One" }
  environment_names = { "one-of-environments" = "The One" }
  account_names     = { "one-of-accounts" = "The One" }
  project_names     = { "one-of-projects" = "The One" }
  feed_names        = { "one-of-feeds" = "The One" }
  worker_pool_names = { "one-of-worker-pools" = "The One" }
}
