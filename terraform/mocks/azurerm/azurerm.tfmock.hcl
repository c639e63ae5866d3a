mock_resource "azurerm_resource_group" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/genops" }
}

mock_resource "azurerm_storage_account" {
  defaults = {
    id                    = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/genops/providers/Microsoft.Storage/storageAccounts/acmegenops"
    primary_blob_endpoint = "https://acmegenops.blob.core.windows.net/"
  }
}

mock_resource "azurerm_storage_container" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/genops/providers/Microsoft.Storage/storageAccounts/acmegenops/blobServices/default/containers/lake" }
}

mock_resource "azurerm_user_assigned_identity" {
  defaults = {
    id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/genops/providers/Microsoft.ManagedIdentity/userAssignedIdentities/genops"
    client_id    = "00000000-0000-0000-0000-00000000000c"
    principal_id = "00000000-0000-0000-0000-00000000000a"
    tenant_id    = "00000000-0000-0000-0000-000000000002"
  }
}

mock_resource "azurerm_function_app_flex_consumption" {
  defaults = {
    id               = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/genops/providers/Microsoft.Web/sites/acme-genops"
    default_hostname = "acme-genops.azurewebsites.net"
  }
}

mock_resource "azurerm_application_insights" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/genops/providers/Microsoft.Insights/components/genops" }
}

mock_resource "azurerm_log_analytics_workspace" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/genops/providers/Microsoft.OperationalInsights/workspaces/genops" }
}

mock_resource "azurerm_service_plan" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/genops/providers/Microsoft.Web/serverFarms/genops" }
}

mock_resource "azurerm_monitor_action_group" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/genops/providers/Microsoft.Insights/actionGroups/genops" }
}
