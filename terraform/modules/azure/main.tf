locals {
  tags         = merge({ application = "genops", genops-component = "functions" }, var.tags)
  own_lake     = "azblob://${azurerm_storage_account.lake.name}/${azurerm_storage_container.lake.name}/lake"
  subscription = "/subscriptions/${var.subscription_id}"

  # Events between functions, and where the host puts what failed five times (host.json, maxDequeueCount).
  queues = toset(["collect", "evaluate", "enforce"])
}

resource "azurerm_resource_group" "genops" {
  name     = var.name
  location = var.location
  tags     = local.tags
}

# Who the functions are, in Azure and towards other clouds.
resource "azurerm_user_assigned_identity" "functions" {
  name                = "${var.name}-functions"
  resource_group_name = azurerm_resource_group.genops.name
  location            = azurerm_resource_group.genops.location
  tags                = local.tags
}
