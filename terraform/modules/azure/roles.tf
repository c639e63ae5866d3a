locals {
  blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
  path  = "@Resource[${local.blobs}:path]"

  # Parts of conditions, each "not what this is about": a condition limits what it names and leaves the rest of the role as it is. Listing
  # is asked with a prefix, has no path, and would be refused by every condition on one.
  not_changing = join(" AND ", [for action in ["add/action", "delete", "move/action", "write"] : "!(ActionMatches{'${local.blobs}/${action}'})"])
  not_touching = "${local.not_changing} AND !(ActionMatches{'${local.blobs}/read'} AND NOT SubOperationMatches{'Blob.List'})"

  host_roles = {
    # Locks, timers and the package.
    blobs = "Storage Blob Data Owner"
    # Take messages, and put those that failed into the poison queues.
    receive = "Storage Queue Data Message Processor"
    send    = "Storage Queue Data Message Sender"
    # The scaler looks at queue lengths.
    read = "Storage Queue Data Reader"
  }
}

resource "azurerm_role_assignment" "host" {
  for_each = local.host_roles

  scope                = azurerm_storage_account.host.id
  role_definition_name = each.value
  principal_id         = azurerm_user_assigned_identity.functions.principal_id
  principal_type       = "ServicePrincipal"
}

# Beside the lake lies the configuration, which nobody here writes.
resource "azurerm_role_assignment" "lake" {
  scope                = azurerm_storage_container.lake.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.functions.principal_id
  principal_type       = "ServicePrincipal"
  condition_version    = "2.0"
  condition            = "((${local.not_changing}) OR (${local.path} StringStartsWith 'lake/'))"
}

resource "azurerm_role_assignment" "costs" {
  for_each = var.cost_scopes

  scope                = each.key
  role_definition_name = "Cost Management Reader"
  principal_id         = azurerm_user_assigned_identity.functions.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "exports" {
  for_each = var.exports

  scope                = "${each.value.storage_account_id}/blobServices/default/containers/${each.value.container}"
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.functions.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "telemetry" {
  scope                = azurerm_application_insights.genops.id
  role_definition_name = "Monitoring Metrics Publisher"
  principal_id         = azurerm_user_assigned_identity.functions.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "secrets" {
  count = var.secrets == null ? 0 : 1

  scope                = var.secrets.key_vault_id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_function_app_flex_consumption.genops.identity[0].principal_id
  principal_type       = "ServicePrincipal"
}

# Where clusters are; what may be done inside them is their own matter (docs/cluster-rights.md).
resource "azurerm_role_assignment" "clusters" {
  for_each = var.aks_clusters

  scope                = each.key
  role_definition_name = "Azure Kubernetes Service Cluster User Role"
  principal_id         = azurerm_user_assigned_identity.functions.principal_id
  principal_type       = "ServicePrincipal"
}
