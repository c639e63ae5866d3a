resource "azurerm_log_analytics_workspace" "genops" {
  name                         = var.name
  resource_group_name          = azurerm_resource_group.genops.name
  location                     = azurerm_resource_group.genops.location
  sku                          = "PerGB2018"
  retention_in_days            = var.log_retention_days
  local_authentication_enabled = false
  tags                         = local.tags
}

resource "azurerm_application_insights" "genops" {
  name                          = var.name
  resource_group_name           = azurerm_resource_group.genops.name
  location                      = azurerm_resource_group.genops.location
  workspace_id                  = azurerm_log_analytics_workspace.genops.id
  application_type              = "Node.JS"
  local_authentication_disabled = true
  tags                          = local.tags
}

resource "azurerm_service_plan" "genops" {
  name                = var.name
  resource_group_name = azurerm_resource_group.genops.name
  location            = azurerm_resource_group.genops.location
  os_type             = "Linux"
  sku_name            = "FC1"
  tags                = local.tags
}

resource "azurerm_function_app_flex_consumption" "genops" {
  name                = var.app_name
  resource_group_name = azurerm_resource_group.genops.name
  location            = azurerm_resource_group.genops.location
  service_plan_id     = azurerm_service_plan.genops.id

  runtime_name           = "node"
  runtime_version        = var.node_version
  instance_memory_in_mb  = 4096
  maximum_instance_count = 40
  zip_deploy_file        = var.artifact
  https_only             = true
  tags                   = local.tags

  storage_container_type            = "blobContainer"
  storage_container_endpoint        = "${azurerm_storage_account.host.primary_blob_endpoint}${azurerm_storage_container.code.name}"
  storage_authentication_type       = "UserAssignedIdentity"
  storage_user_assigned_identity_id = azurerm_user_assigned_identity.functions.id

  webdeploy_publish_basic_authentication_enabled = false

  # Key Vault references are resolved with the app's own identity; everything else uses the user-assigned one.
  identity {
    type         = "SystemAssigned, UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.functions.id]
  }

  # People and machines sign in with Entra. Without it the platform asks for a function key.
  dynamic "auth_settings_v2" {
    for_each = var.sign_in == null ? [] : [var.sign_in]

    content {
      auth_enabled           = true
      require_authentication = true
      require_https          = true
      unauthenticated_action = "Return401"
      # These look after themselves.
      excluded_paths = ["/healthz", "/hooks/azure-monitor", "/hooks/pubsub", "/hooks/slack", "/hooks/sns"]

      active_directory_v2 {
        client_id            = auth_settings_v2.value.client_id
        tenant_auth_endpoint = "https://login.microsoftonline.com/${auth_settings_v2.value.tenant_id}/v2.0"
        allowed_audiences    = auth_settings_v2.value.audiences
      }

      login {
        token_store_enabled = false
      }
    }
  }

  site_config {
    minimum_tls_version                    = "1.2"
    scm_minimum_tls_version                = "1.2"
    http2_enabled                          = true
    application_insights_connection_string = azurerm_application_insights.genops.connection_string
  }

  app_settings = merge(
    {
      AzureWebJobsStorage__accountName          = azurerm_storage_account.host.name
      AzureWebJobsStorage__credential           = "managedidentity"
      AzureWebJobsStorage__clientId             = azurerm_user_assigned_identity.functions.client_id
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING = "Authorization=AAD;ClientId=${azurerm_user_assigned_identity.functions.client_id}"
      AZURE_CLIENT_ID                           = azurerm_user_assigned_identity.functions.client_id
      GENOPS_CONFIG                             = "azblob://${azurerm_storage_account.lake.name}/${azurerm_storage_container.lake.name}/genops.yaml"
      GENOPS_LAKE                               = coalesce(var.primary_lake, local.own_lake)
      GENOPS_QUEUE_COLLECT                      = azurerm_storage_queue.work["collect"].name
      GENOPS_QUEUE_EVALUATE                     = azurerm_storage_queue.work["evaluate"].name
      GENOPS_QUEUE_ENFORCE                      = azurerm_storage_queue.work["enforce"].name
    },
    var.home_lake == null ? {} : { GENOPS_HOME = var.home_lake },
    var.otel_endpoint == null ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT = var.otel_endpoint },
    var.secrets == null ? {} : {
      for secret in var.secrets.names : "GENOPS_SECRET_${replace(secret, "-", "_")}" => "@Microsoft.KeyVault(SecretUri=${trimsuffix(var.secrets.key_vault_uri, "/")}/secrets/${secret})"
    },
  )

  depends_on = [azurerm_role_assignment.host]
}
