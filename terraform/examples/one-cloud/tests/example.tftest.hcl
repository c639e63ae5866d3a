mock_provider "aws" {
  source = "../../mocks/aws"
}

variables {
  # Providers before 6.23 refuse nodejs24.x.
  lambda_runtime     = "nodejs22.x"
  lake_bucket        = "acme-genops-lake"
  export_bucket      = "acme-genops-export"
  monthly_budget_usd = 1000
  secret_names       = ["slack-token"]
  github             = { repository = "acme/genops", environment = "production" }
}

run "one_cloud" {
  assert {
    condition     = output.lake == "s3://acme-genops-lake/lake"
    error_message = "genops.yaml would name another lake"
  }
}
