output "lake" {
  description = "Location of the lake, as genops.yaml names it."
  value       = local.own_lake
}

output "config" {
  description = "Where the functions read genops.yaml."
  value       = "azblob://${azurerm_storage_account.lake.name}/${azurerm_storage_container.lake.name}/genops.yaml"
}

output "api_url" {
  description = "Address of the API, its webhooks and /healthz."
  value       = "https://${azurerm_function_app_flex_consumption.genops.default_hostname}"
}

output "app_name" {
  description = "Function app, as a deployment needs it."
  value       = azurerm_function_app_flex_consumption.genops.name
}

output "resource_group" {
  description = "Resource group of everything."
  value       = azurerm_resource_group.genops.name
}

output "action_group_id" {
  description = "Action Group for budgets. Null without alerts_app."
  value       = one(azurerm_monitor_action_group.alerts[*].id)
}

output "queues" {
  description = "Names of the queues between functions, and of those with work that was given up."
  value = {
    account = azurerm_storage_account.host.name
    work    = { for name, queue in azurerm_storage_queue.work : name => queue.name }
    poison  = { for name, queue in azurerm_storage_queue.poison : name => queue.name }
  }
}

output "functions_identity" {
  description = "Who the functions are: client_id and tenant_id for tokens, principal_id as the subject that AWS and Google trust."
  value = {
    client_id    = azurerm_user_assigned_identity.functions.client_id
    principal_id = azurerm_user_assigned_identity.functions.principal_id
    tenant_id    = azurerm_user_assigned_identity.functions.tenant_id
  }
}

output "guest" {
  description = "How functions of other clouds come in; it goes into genops.yaml there, credentials.azure."
  value = {
    client_id = one(azurerm_user_assigned_identity.guest[*].client_id)
    tenant_id = one(azurerm_user_assigned_identity.guest[*].tenant_id)
  }
}

output "github_client_id" {
  description = "What the deployment workflow signs in with."
  value       = one(azurerm_user_assigned_identity.github[*].client_id)
}
