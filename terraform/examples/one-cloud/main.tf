# Everything in one AWS account: bill, lake and functions.

terraform {
  required_version = ">= 1.9.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}

provider "aws" {
  region = var.region
}

module "genops" {
  source = "../../modules/aws"

  lake_bucket        = var.lake_bucket
  artifacts          = "${var.artifacts}/aws"
  config_file        = var.config_file
  runtime            = var.lambda_runtime
  secret_names       = var.secret_names
  data_export        = var.export_bucket == null ? null : { bucket = var.export_bucket }
  cost_explorer      = true
  monthly_budget_usd = var.monthly_budget_usd
  github             = var.github
}
