# The server knows this feed; what holds no package is none of the step's.
lookups = {
  feed_names = {
    "octopus-server-built-in"   = "Octopus Server (built-in)"
    "Octopus Server (built-in)" = "Another"
  }
}
