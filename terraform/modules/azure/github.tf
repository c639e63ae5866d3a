resource "azurerm_user_assigned_identity" "github" {
  count = var.github == null ? 0 : 1

  name                = "${var.name}-github"
  resource_group_name = azurerm_resource_group.genops.name
  location            = azurerm_resource_group.genops.location
  tags                = local.tags
}

resource "azurerm_federated_identity_credential" "github" {
  count = var.github == null ? 0 : 1

  name                = "github"
  resource_group_name = azurerm_resource_group.genops.name
  parent_id           = azurerm_user_assigned_identity.github[0].id
  issuer              = "https://token.actions.githubusercontent.com"
  subject             = "repo:${var.github.repository}:environment:${var.github.environment}"
  audience            = local.exchange_audience
}

resource "azurerm_role_assignment" "github_app" {
  count = var.github == null ? 0 : 1

  scope                = azurerm_function_app_flex_consumption.genops.id
  role_definition_name = "Website Contributor"
  principal_id         = azurerm_user_assigned_identity.github[0].principal_id
  principal_type       = "ServicePrincipal"
}

# `genops doctor` reads the configuration and tries the lake in a folder of its own.
resource "azurerm_role_assignment" "github_lake" {
  count = var.github == null ? 0 : 1

  scope                = azurerm_storage_container.lake.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.github[0].principal_id
  principal_type       = "ServicePrincipal"
  condition_version    = "2.0"
  condition            = <<-EOT
    ((${local.not_touching}) OR (${local.path} StringEquals 'genops.yaml' OR ${local.path} StringEquals 'doctor.yaml' OR ${local.path} StringStartsWith 'lake/doctor/'))
    AND
    ((${local.not_changing}) OR (${local.path} StringStartsWith 'lake/doctor/'))
  EOT
}
