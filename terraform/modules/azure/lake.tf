resource "azurerm_storage_account" "lake" {
  name                              = var.storage_account
  resource_group_name               = azurerm_resource_group.genops.name
  location                          = azurerm_resource_group.genops.location
  account_tier                      = "Standard"
  account_replication_type          = var.replication
  shared_access_key_enabled         = false
  default_to_oauth_authentication   = true
  allow_nested_items_to_be_public   = false
  cross_tenant_replication_enabled  = false
  local_user_enabled                = false
  https_traffic_only_enabled        = true
  min_tls_version                   = "TLS1_2"
  infrastructure_encryption_enabled = true
  tags                              = local.tags

  # The ledger keeps superseded versions itself, for as long as genops.yaml says.
  blob_properties {
    versioning_enabled = false
  }
}

resource "azurerm_storage_container" "lake" {
  name                  = "lake"
  storage_account_id    = azurerm_storage_account.lake.id
  container_access_type = "private"
}

resource "azurerm_storage_blob" "config" {
  count = var.config_file == null ? 0 : 1

  name                   = "genops.yaml"
  storage_account_name   = azurerm_storage_account.lake.name
  storage_container_name = azurerm_storage_container.lake.name
  type                   = "Block"
  source                 = var.config_file
  content_md5            = filemd5(var.config_file)
  content_type           = "application/yaml"
}

# Queues, the host's locks, and the deployed package. Apart from the lake, so that the host's wide rights end here.
resource "azurerm_storage_account" "host" {
  name                              = "${var.storage_account}host"
  resource_group_name               = azurerm_resource_group.genops.name
  location                          = azurerm_resource_group.genops.location
  account_tier                      = "Standard"
  account_replication_type          = "LRS"
  shared_access_key_enabled         = false
  default_to_oauth_authentication   = true
  allow_nested_items_to_be_public   = false
  cross_tenant_replication_enabled  = false
  local_user_enabled                = false
  https_traffic_only_enabled        = true
  min_tls_version                   = "TLS1_2"
  infrastructure_encryption_enabled = true
  tags                              = local.tags
}

resource "azurerm_storage_container" "code" {
  name                  = "code"
  storage_account_id    = azurerm_storage_account.host.id
  container_access_type = "private"
}

resource "azurerm_storage_queue" "work" {
  for_each = local.queues

  name               = "${var.name}-${each.key}"
  storage_account_id = azurerm_storage_account.host.id
}

# The host would make these itself, had it the right to.
resource "azurerm_storage_queue" "poison" {
  for_each = local.queues

  name               = "${var.name}-${each.key}-poison"
  storage_account_id = azurerm_storage_account.host.id
}
