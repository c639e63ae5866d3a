# Who from outside this tenant may come in, and how far. Nobody gets a key: each shows a token that its own cloud signed.

locals {
  exchange_audience = ["api://AzureADTokenExchange"]

  guests = merge(
    var.trusted_aws == null ? {} : {
      for name, arn in var.trusted_aws.role_arns : "aws-${name}" => { issuer = var.trusted_aws.issuer, subject = arn }
    },
    var.trusted_google == null ? {} : {
      for name, id in var.trusted_google : "google-${name}" => { issuer = "https://accounts.google.com", subject = id }
    },
  )

  federated = var.trusted_aws != null || var.trusted_google != null
}

resource "azurerm_user_assigned_identity" "guest" {
  count = local.federated ? 1 : 0

  name                = "${var.name}-guest"
  resource_group_name = azurerm_resource_group.genops.name
  location            = azurerm_resource_group.genops.location
  tags                = local.tags
}

# An identity takes 20 of these at most, and matches issuer and subject letter by letter.
resource "azurerm_federated_identity_credential" "guest" {
  for_each = local.guests

  name                = each.key
  resource_group_name = azurerm_resource_group.genops.name
  parent_id           = azurerm_user_assigned_identity.guest[0].id
  issuer              = each.value.issuer
  subject             = each.value.subject
  audience            = local.exchange_audience
}

# What another cloud's functions do here: they read and write cube and state of the lake, and nothing else in its container.
resource "azurerm_role_assignment" "guest_lake" {
  count = local.federated ? 1 : 0

  scope                = azurerm_storage_container.lake.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.guest[0].principal_id
  principal_type       = "ServicePrincipal"
  condition_version    = "2.0"
  condition            = <<-EOT
    ((${local.not_touching}) OR (${local.path} StringStartsWith 'lake/'))
    AND
    ((${var.guests_read_rows ? local.not_changing : local.not_touching}) OR (${local.path} StringNotStartsWith 'lake/rows/' AND ${local.path} StringNotStartsWith 'lake/index/'))
  EOT
}
