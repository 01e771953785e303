lookups = {
  accounts = { "Azure Subscription" = "azure" }
  projects = { "Web Shop" = "web-shop-2" }
}
