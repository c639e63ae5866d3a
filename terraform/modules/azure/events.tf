locals {
  export_accounts = { for export in values(var.exports) : export.storage_account_id => export.location... }
}

resource "azurerm_eventgrid_system_topic" "exports" {
  for_each = local.export_accounts

  name                = "${var.name}-${element(split("/", each.key), -1)}"
  resource_group_name = azurerm_resource_group.genops.name
  location            = each.value[0]
  source_resource_id  = each.key
  topic_type          = "Microsoft.Storage.StorageAccounts"
  tags                = local.tags

  # Who puts down what cannot be delivered.
  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_storage_container" "undelivered" {
  count = length(var.exports) == 0 ? 0 : 1

  name                  = "undelivered"
  storage_account_id    = azurerm_storage_account.host.id
  container_access_type = "private"
}

resource "azurerm_role_assignment" "undelivered" {
  for_each = local.export_accounts

  scope                = azurerm_storage_container.undelivered[0].id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_eventgrid_system_topic.exports[each.key].identity[0].principal_id
  principal_type       = "ServicePrincipal"
}

# An export is complete when its manifest is written. What cannot be delivered within a day is kept beside the code; the daily run reads
# the export all the same.
resource "azurerm_eventgrid_system_topic_event_subscription" "exports" {
  for_each = var.exports

  name                  = "${var.name}-${each.key}"
  resource_group_name   = azurerm_resource_group.genops.name
  system_topic          = azurerm_eventgrid_system_topic.exports[each.value.storage_account_id].name
  event_delivery_schema = "EventGridSchema"
  included_event_types  = ["Microsoft.Storage.BlobCreated"]

  subject_filter {
    subject_begins_with = "/blobServices/default/containers/${each.value.container}/blobs/${each.value.prefix}"
    subject_ends_with   = "/manifest.json"
  }

  azure_function_endpoint {
    function_id                       = "${azurerm_function_app_flex_consumption.genops.id}/functions/collect-blob"
    max_events_per_batch              = 1
    preferred_batch_size_in_kilobytes = 64
  }

  retry_policy {
    max_delivery_attempts = 30
    event_time_to_live    = 1440
  }

  dead_letter_identity {
    type = "SystemAssigned"
  }

  storage_blob_dead_letter_destination {
    storage_account_id          = azurerm_storage_account.host.id
    storage_blob_container_name = azurerm_storage_container.undelivered[0].name
  }

  depends_on = [azurerm_role_assignment.undelivered]
}

# The Action Group shows a token of Entra (secure webhook); the API checks issuer, audience and role before it reads the alert.
resource "azurerm_monitor_action_group" "alerts" {
  count = var.alerts_app == null ? 0 : 1

  name                = "${var.name}-alerts"
  resource_group_name = azurerm_resource_group.genops.name
  short_name          = "genops"
  tags                = local.tags

  webhook_receiver {
    name                    = "genops"
    service_uri             = "https://${azurerm_function_app_flex_consumption.genops.default_hostname}/hooks/azure-monitor"
    use_common_alert_schema = true

    aad_auth {
      object_id      = var.alerts_app.object_id
      identifier_uri = var.alerts_app.identifier_uri
      tenant_id      = var.alerts_app.tenant_id
    }
  }
}

resource "azurerm_consumption_budget_subscription" "monthly" {
  count = var.monthly_budget == null ? 0 : 1

  name            = "${var.name}-monthly"
  subscription_id = local.subscription
  amount          = var.monthly_budget.amount
  time_grain      = "Monthly"

  time_period {
    start_date = "${var.monthly_budget.start}T00:00:00Z"
  }

  notification {
    threshold      = 80
    threshold_type = "Forecasted"
    operator       = "GreaterThan"
    contact_groups = [azurerm_monitor_action_group.alerts[0].id]
  }

  notification {
    threshold      = 100
    threshold_type = "Actual"
    operator       = "GreaterThan"
    contact_groups = [azurerm_monitor_action_group.alerts[0].id]
  }
}
