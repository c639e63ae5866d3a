mock_provider "azurerm" {}

variables {
  management_group_id = "/providers/Microsoft.Management/managementGroups/acme"
  principal_id        = "00000000-0000-0000-0000-00000000000a"
}

run "every_subscription" {
  assert {
    condition     = azurerm_role_assignment.costs.scope == "/providers/Microsoft.Management/managementGroups/acme"
    error_message = "costs of some subscriptions cannot be read"
  }
}

run "without_clusters" {
  variables {
    cluster_access = false
  }

  assert {
    condition     = length(azurerm_role_assignment.clusters) == 0
    error_message = "clusters can be seen although nobody asked for it"
  }
}

run "refuses_a_subscription" {
  command = plan

  variables {
    management_group_id = "/subscriptions/00000000-0000-0000-0000-000000000001"
  }

  expect_failures = [var.management_group_id]
}
