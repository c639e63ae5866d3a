# AWS is the primary. Azure's functions keep line items in Azure, and write cube and state into the lake on AWS, as a role that
# Azure's own token opens.

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

module "aws" {
  source = "../../modules/aws"

  lake_bucket   = var.aws_lake_bucket
  artifacts     = "${var.artifacts}/aws"
  config_file   = var.config_files.aws
  runtime       = var.lambda_runtime
  secret_names  = var.aws_secret_names
  cost_explorer = true
  github        = var.github

  guests_read_rows = var.guests_read_rows

  trusted_azure = {
    tenant_id = var.azure_tenant_id
    audience  = var.federation_audience
    subjects  = { functions = module.azure.functions_identity.principal_id }
  }
}

module "azure" {
  source = "../../modules/azure"

  primary_lake    = module.aws.lake
  home_lake       = "azure"
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
}
