mock_provider "aws" {
  source = "../../mocks/aws"
}

mock_provider "azurerm" {
  source = "../../mocks/azurerm"
}

variables {
  # Providers before 6.23 refuse nodejs24.x.
  lambda_runtime        = "nodejs22.x"
  aws_region            = "eu-central-1"
  aws_lake_bucket       = "acme-genops-lake"
  azure_subscription_id = "00000000-0000-0000-0000-000000000001"
  azure_tenant_id       = "00000000-0000-0000-0000-000000000002"
  azure_location        = "westeurope"
  azure_app_name        = "acme-genops"
  azure_storage_account = "acmegenops"
  federation_audience   = "api://genops-federation"
}

run "two_clouds" {
  assert {
    condition     = output.credentials.azure.aws.audience == "api://genops-federation"
    error_message = "Azure's functions would ask for a token that AWS does not accept"
  }
}
