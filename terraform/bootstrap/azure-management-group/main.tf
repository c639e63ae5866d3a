# Rights over every subscription of a management group, those that join it later included: costs, and seeing clusters.

terraform {
  required_version = ">= 1.9.0, < 2.0.0"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = ">= 4.55.0, < 5.0.0"
    }
  }
}

resource "azurerm_role_assignment" "costs" {
  scope                = var.management_group_id
  role_definition_name = "Cost Management Reader"
  principal_id         = var.principal_id
  principal_type       = "ServicePrincipal"
}

# Seeing a cluster and getting a user's kubeconfig, which holds no secret where local accounts are off. Rights inside are granted there.
resource "azurerm_role_definition" "clusters" {
  count = var.cluster_access ? 1 : 0

  name              = "${var.name} cluster viewer"
  description       = "Sees AKS clusters and asks for their address."
  scope             = var.management_group_id
  assignable_scopes = [var.management_group_id]

  permissions {
    actions = [
      "Microsoft.ContainerService/managedClusters/read",
      "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",
    ]
  }
}

resource "azurerm_role_assignment" "clusters" {
  count = var.cluster_access ? 1 : 0

  scope              = var.management_group_id
  role_definition_id = azurerm_role_definition.clusters[0].role_definition_resource_id
  principal_id       = var.principal_id
  principal_type     = "ServicePrincipal"
}
