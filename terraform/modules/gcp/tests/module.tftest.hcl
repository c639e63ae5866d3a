mock_provider "google" {
  source = "../../mocks/google"
}

variables {
  project_id  = "acme-genops"
  region      = "europe-west1"
  lake_bucket = "acme-genops-lake"
  artifacts   = "../../../dist/gcp"
}

run "least" {
  assert {
    condition     = sort(keys(output.function_names)) == tolist(["alerts", "api", "collect", "enforce", "evaluate", "health"])
    error_message = "a function is missing"
  }

  assert {
    condition     = google_storage_bucket.lake.uniform_bucket_level_access && google_storage_bucket.lake.public_access_prevention == "enforced"
    error_message = "the lake can be made public"
  }

  assert {
    condition     = length(google_iam_workload_identity_pool.clouds) + length(google_iam_workload_identity_pool.github) == 0
    error_message = "somebody from outside is let in without being asked for"
  }

  assert {
    condition     = alltrue([for name, function in google_cloudfunctions2_function.function : function.service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY" if name != "api"])
    error_message = "only the API is reached from outside"
  }

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.api) == 0
    error_message = "nobody was named as a caller"
  }
}

run "everything" {
  variables {
    secret_names    = ["slack-token", "webhook-secret"]
    billing_dataset = { project_id = "acme-billing", dataset_id = "billing" }
    billing_account = "01ABCD-234567-89EFAB"
    monthly_budget  = { amount = 1000, currency = "EUR" }
    exports         = { "acme-exports" = "focus/" }
    otel_endpoint   = "https://otel.example/v1/traces"
    api_callers     = ["group:finops@example.com"]
    github          = { repository = "acme/genops", environment = "production" }
    trusted_aws = {
      account_id = "123456789012"
      role_arns  = { collect = "arn:aws:iam::123456789012:role/genops-collect" }
    }
    trusted_azure = {
      tenant_id = "00000000-0000-0000-0000-000000000002"
      audience  = "api://genops"
      subjects  = { functions = "00000000-0000-0000-0000-00000000000a" }
    }
  }

  assert {
    condition     = length(google_secret_manager_secret_iam_member.function) == 12
    error_message = "each of six functions reads each of two secrets"
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.aws[0].attribute_condition == "assertion.arn.startsWith('arn:aws:sts::123456789012:assumed-role/') && attribute.aws_role in ['genops-collect']"
    error_message = "the AWS provider lets in more than the named roles"
  }

  assert {
    condition     = google_service_account_iam_member.aws["collect"].member == "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/genops-clouds/attribute.aws_role/genops-collect"
    error_message = "the guest account is lent to more than the named role"
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.azure[0].oidc[0].issuer_uri == "https://sts.windows.net/00000000-0000-0000-0000-000000000002/"
    error_message = "managed identities show tokens of the v1 issuer"
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.github[0].attribute_condition == "assertion.sub == 'repo:acme/genops:environment:production'"
    error_message = "GitHub's provider is open to more than one environment of one repository"
  }
}

run "guests_may_read_rows" {
  variables {
    guests_read_rows = true
    trusted_aws = {
      account_id = "123456789012"
      role_arns  = { collect = "arn:aws:iam::123456789012:role/genops-collect" }
    }
  }
}

run "refuses_a_budget_without_its_account" {
  command = plan

  variables {
    monthly_budget = { amount = 1000, currency = "EUR" }
  }

  expect_failures = [var.monthly_budget]
}

run "refuses_everybody" {
  command = plan

  variables {
    api_callers = ["allUsers"]
  }

  expect_failures = [var.api_callers]
}

run "refuses_bad_names" {
  command = plan

  variables {
    project_id      = "123456789012"
    name            = "a-name-that-is-too-long"
    runtime         = "nodejs20"
    billing_account = "acme"
  }

  expect_failures = [var.project_id, var.name, var.runtime, var.billing_account]
}
