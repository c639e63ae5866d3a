mock_provider "azurerm" {
  source = "../../mocks/azurerm"
}

variables {
  subscription_id = "00000000-0000-0000-0000-000000000001"
  location        = "westeurope"
  app_name        = "acme-genops"
  storage_account = "acmegenops"
  artifact        = "../../../dist/azure/genops.zip"
}

run "least" {
  assert {
    condition     = !azurerm_storage_account.lake.shared_access_key_enabled && !azurerm_storage_account.host.shared_access_key_enabled
    error_message = "storage can be opened with a key"
  }

  assert {
    condition     = length(azurerm_federated_identity_credential.guest) + length(azurerm_federated_identity_credential.github) == 0
    error_message = "somebody from outside is let in without being asked for"
  }

  assert {
    condition     = alltrue([for name in keys(azurerm_storage_queue.work) : azurerm_storage_queue.poison[name].name == "${azurerm_storage_queue.work[name].name}-poison"])
    error_message = "the host looks for QUEUE-poison"
  }

  assert {
    condition     = length([for name in keys(azurerm_function_app_flex_consumption.genops.app_settings) : name if startswith(name, "GENOPS_SECRET_")]) == 0
    error_message = "a secret that nobody named"
  }
}

run "everything" {
  variables {
    secrets = {
      key_vault_id  = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/secrets/providers/Microsoft.KeyVault/vaults/acme"
      key_vault_uri = "https://acme.vault.azure.net/"
      names         = ["slack-token"]
    }
    cost_scopes = ["/subscriptions/00000000-0000-0000-0000-000000000001"]
    exports = {
      daily = {
        storage_account_id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/bills/providers/Microsoft.Storage/storageAccounts/acmebills"
        location           = "westeurope"
        container          = "exports"
        prefix             = "daily/"
      }
      monthly = {
        storage_account_id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/bills/providers/Microsoft.Storage/storageAccounts/acmebills"
        location           = "westeurope"
        container          = "exports"
        prefix             = "monthly/"
      }
    }
    sign_in = {
      tenant_id = "00000000-0000-0000-0000-000000000002"
      client_id = "00000000-0000-0000-0000-00000000000e"
      audiences = ["api://genops"]
    }
    alerts_app = {
      object_id      = "00000000-0000-0000-0000-00000000000b"
      identifier_uri = "api://genops-alerts"
      tenant_id      = "00000000-0000-0000-0000-000000000002"
    }
    monthly_budget = { amount = 1000, start = "2026-12-01" }
    otel_endpoint  = "https://otel.example/v1/traces"
    alarm_emails   = ["operators@example.com"]
    github         = { repository = "acme/genops", environment = "production" }
    trusted_aws = {
      issuer    = "https://0000.tokens.sts.global.api.aws"
      role_arns = { collect = "arn:aws:iam::123456789012:role/genops-collect" }
    }
    trusted_google = { collect = "100000000000000000001" }
  }

  assert {
    condition     = azurerm_function_app_flex_consumption.genops.app_settings["GENOPS_SECRET_slack_token"] == "@Microsoft.KeyVault(SecretUri=https://acme.vault.azure.net/secrets/slack-token)"
    error_message = "a secret is not referred to in Key Vault"
  }

  assert {
    condition     = length(azurerm_eventgrid_system_topic.exports) == 1 && length(azurerm_eventgrid_system_topic_event_subscription.exports) == 2
    error_message = "one storage account takes one topic, each export one subscription"
  }

  assert {
    condition     = alltrue([for subscription in azurerm_eventgrid_system_topic_event_subscription.exports : subscription.storage_blob_dead_letter_destination[0].storage_blob_container_name == "undelivered"])
    error_message = "what Event Grid cannot deliver is lost"
  }

  assert {
    condition     = alltrue([for subscription in azurerm_eventgrid_system_topic_event_subscription.exports : subscription.subject_filter[0].subject_ends_with == "/manifest.json"])
    error_message = "an export is complete when its manifest is written"
  }

  assert {
    condition     = azurerm_federated_identity_credential.guest["aws-collect"].subject == "arn:aws:iam::123456789012:role/genops-collect" && azurerm_federated_identity_credential.guest["google-collect"].issuer == "https://accounts.google.com"
    error_message = "issuer and subject have to match letter by letter"
  }

  assert {
    condition     = azurerm_federated_identity_credential.github[0].subject == "repo:acme/genops:environment:production"
    error_message = "GitHub's identity is open to more than one environment of one repository"
  }

  assert {
    condition     = azurerm_monitor_action_group.alerts[0].webhook_receiver[0].aad_auth[0].identifier_uri == "api://genops-alerts"
    error_message = "the Action Group shows no token"
  }
}

run "guests_may_read_rows" {
  variables {
    guests_read_rows = true
    trusted_google   = { collect = "100000000000000000001" }
  }
}

run "refuses_bad_names" {
  command = plan

  variables {
    name            = "GenOps!"
    storage_account = "acme-genops"
    app_name        = "Acme"
    subscription_id = "acme"
  }

  expect_failures = [var.name, var.storage_account, var.app_name, var.subscription_id]
}

run "refuses_a_budget_that_nobody_would_be_told_of" {
  command = plan

  variables {
    monthly_budget = { amount = 1000, start = "2026-12-01" }
  }

  expect_failures = [var.monthly_budget]
}

run "refuses_old_node_and_unknown_replication" {
  command = plan

  variables {
    node_version       = "20"
    replication        = "RAGRS"
    log_retention_days = 7
  }

  expect_failures = [var.node_version, var.replication, var.log_retention_days]
}

run "refuses_an_issuer_without_tls" {
  command = plan

  variables {
    trusted_aws = { issuer = "http://0000.example", role_arns = {} }
  }

  expect_failures = [var.trusted_aws]
}
