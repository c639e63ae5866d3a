mock_provider "aws" {
  source = "../../mocks/aws"
}

mock_provider "azurerm" {
  source = "../../mocks/azurerm"
}

mock_provider "google" {
  source = "../../mocks/google"
}

variables {
  # Providers before 6.23 refuse nodejs24.x.
  lambda_runtime        = "nodejs22.x"
  aws_region            = "eu-central-1"
  aws_lake_bucket       = "acme-genops-lake"
  aws_secret_names      = ["slack-token"]
  azure_subscription_id = "00000000-0000-0000-0000-000000000001"
  azure_tenant_id       = "00000000-0000-0000-0000-000000000002"
  azure_location        = "westeurope"
  azure_app_name        = "acme-genops"
  azure_storage_account = "acmegenops"
  gcp_project_id        = "acme-genops"
  gcp_region            = "europe-west1"
  gcp_lake_bucket       = "acme-genops-lake"
  gcp_secret_names      = ["slack-token"]
  gcp_billing_dataset   = { project_id = "acme-billing", dataset_id = "billing" }
  federation_audience   = "api://genops-federation"
  github                = { repository = "acme/genops", environment = "production" }
}

run "aws_is_the_primary" {
  assert {
    condition     = output.primary_lake == "s3://acme-genops-lake/lake"
    error_message = "the primary's lake is AWS'"
  }

  assert {
    condition     = join(";", [for cloud in ["aws", "azure", "gcp"] : join(",", keys(output.credentials[cloud]))]) == ";aws;aws"
    error_message = "the others come into AWS, and nobody goes anywhere else"
  }
}

run "azure_is_the_primary" {
  variables {
    primary    = "azure"
    aws_issuer = "https://00000000-0000-0000-0000-000000000000.tokens.sts.global.api.aws"
  }

  assert {
    condition     = output.primary_lake == "azblob://acmegenops/lake/lake"
    error_message = "the primary's lake is Azure's"
  }

  assert {
    condition     = join(";", [for cloud in ["aws", "azure", "gcp"] : join(",", keys(output.credentials[cloud]))]) == "azure;;azure"
    error_message = "the others come into Azure, and nobody goes anywhere else"
  }
}

run "gcp_is_the_primary" {
  variables {
    primary = "gcp"
  }

  assert {
    condition     = output.primary_lake == "gs://acme-genops-lake/lake"
    error_message = "the primary's lake is Google's"
  }

  assert {
    condition     = join(";", [for cloud in ["aws", "azure", "gcp"] : join(",", keys(output.credentials[cloud]))]) == "gcp;gcp;"
    error_message = "the others come into Google Cloud, and nobody goes anywhere else"
  }
}

run "refuses_an_unknown_primary" {
  command = plan

  variables {
    primary = "oracle"
  }

  expect_failures = [var.primary]
}

run "refuses_azure_as_the_primary_without_the_issuer" {
  command = plan

  variables {
    primary = "azure"
  }

  expect_failures = [var.aws_issuer]
}
