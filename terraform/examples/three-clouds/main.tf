# Three clouds, one of them the primary. Each cloud's functions keep that cloud's line items at home; the other two write cube and state
# into the primary's lake. They come in by workload identity federation: whichever cloud is the primary trusts the other two, and nobody
# holds a key.

terraform {
  required_version = ">= 1.9.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
    azurerm = {
      source  = "hashicorp/azurerm"
      version = ">= 4.55.0, < 5.0.0"
    }
    google = {
      source  = "hashicorp/google"
      version = ">= 6.50.0, < 8.0.0"
    }
  }
}

provider "aws" {
  region = var.aws_region
}

provider "azurerm" {
  subscription_id     = var.azure_subscription_id
  storage_use_azuread = true

  features {}
}

provider "google" {
  project = var.gcp_project_id
  region  = var.gcp_region
}

locals {
  azure_guest = {
    tenant_id = var.azure_tenant_id
    audience  = var.federation_audience
    subjects  = { functions = module.azure.functions_identity.principal_id }
  }
}

module "aws" {
  source = "../../modules/aws"

  primary_lake  = local.lakes[var.primary]
  home_lake     = var.primary == "aws" ? null : "aws"
  lake_bucket   = var.aws_lake_bucket
  artifacts     = "${var.artifacts}/aws"
  config_file   = var.config_files.aws
  runtime       = var.lambda_runtime
  secret_names  = var.aws_secret_names
  cost_explorer = true
  github        = var.github

  trusted_azure      = var.primary == "aws" ? local.azure_guest : null
  trusted_google     = var.primary == "aws" ? { audience = var.federation_audience, subjects = module.gcp.function_subjects } : null
  guests_read_rows   = var.guests_read_rows
  outbound_audiences = var.primary == "azure" ? ["api://AzureADTokenExchange"] : []
}

module "azure" {
  source = "../../modules/azure"

  primary_lake    = local.lakes[var.primary]
  home_lake       = var.primary == "azure" ? null : "azure"
  subscription_id = var.azure_subscription_id
  location        = var.azure_location
  app_name        = var.azure_app_name
  storage_account = var.azure_storage_account
  artifact        = "${var.artifacts}/azure/genops.zip"
  config_file     = var.config_files.azure
  secrets         = var.azure_secrets
  cost_scopes     = ["/subscriptions/${var.azure_subscription_id}"]
  exports         = var.azure_exports
  github          = var.github

  trusted_aws    = var.primary == "azure" ? { issuer = var.aws_issuer, role_arns = module.aws.function_role_arns } : null
  trusted_google = var.primary == "azure" ? module.gcp.function_subjects : null

  guests_read_rows = var.guests_read_rows
}

module "gcp" {
  source = "../../modules/gcp"

  primary_lake    = local.lakes[var.primary]
  home_lake       = var.primary == "gcp" ? null : "gcp"
  project_id      = var.gcp_project_id
  region          = var.gcp_region
  lake_bucket     = var.gcp_lake_bucket
  artifacts       = "${var.artifacts}/gcp"
  config_file     = var.config_files.gcp
  secret_names    = var.gcp_secret_names
  billing_dataset = var.gcp_billing_dataset
  billing_account = var.gcp_billing_account
  github          = var.github

  trusted_aws   = var.primary == "gcp" ? { account_id = module.aws.account_id, role_arns = module.aws.function_role_arns } : null
  trusted_azure = var.primary == "gcp" ? local.azure_guest : null

  guests_read_rows = var.guests_read_rows
}
