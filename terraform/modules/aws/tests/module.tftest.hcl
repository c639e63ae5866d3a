mock_provider "aws" {
  source = "../../mocks/aws"
}

variables {
  # nodejs24.x is the default; providers before 6.23 refuse to plan it.
  runtime     = "nodejs22.x"
  lake_bucket = "acme-genops-lake"
  artifacts   = "../../../dist/aws"
}

run "least" {
  assert {
    condition     = sort(keys(output.function_names)) == tolist(["alerts", "api", "collect", "enforce", "evaluate", "health"])
    error_message = "a function is missing"
  }

  assert {
    condition     = length(aws_iam_role.google) + length(aws_iam_role.azure) + length(aws_iam_role.github) == 0
    error_message = "somebody from outside is let in without being asked for"
  }

  assert {
    condition     = join(",", keys(aws_cloudwatch_event_rule.rule)) == "anomaly"
    error_message = "a rule for exports that do not exist"
  }

  assert {
    condition     = !strcontains(jsonencode(values(aws_iam_role_policy.function)[*].policy), "ce:")
    error_message = "Cost Explorer costs money and was not asked for"
  }
}

run "everything" {
  variables {
    secret_names       = ["slack-token", "webhook-secret"]
    exports            = { "acme-exports" = "cur2/" }
    data_export        = { bucket = "acme-genops-export" }
    cost_explorer      = true
    athena             = { workgroup = "genops", database = "finops", tables = { "acme-focus" = "focus/" }, results = { "acme-results" = "genops/" } }
    monthly_budget_usd = 1000
    otel_endpoint      = "https://otel.example/v1/traces"
    alarm_actions      = ["arn:aws:sns:us-east-1:123456789012:operators"]
    kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    github             = { repository = "acme/genops", environment = "production" }
    sign_in            = { issuer = "https://login.example/", audiences = ["genops"] }
    trusted_google     = { audience = "genops", subjects = { collect = "100000000000000000001" } }
    trusted_azure = {
      tenant_id = "00000000-0000-0000-0000-000000000002"
      audience  = "api://genops"
      subjects  = { functions = "00000000-0000-0000-0000-00000000000a" }
    }
    outbound_audiences = ["api://AzureADTokenExchange"]
  }

  assert {
    condition     = jsondecode(aws_iam_role.google[0].assume_role_policy).Statement[0].Condition.StringEquals["accounts.google.com:sub"] == ["100000000000000000001"]
    error_message = "Google's role does not name who may take it on"
  }

  assert {
    condition     = jsondecode(aws_iam_role.azure[0].assume_role_policy).Statement[0].Condition.StringEquals["sts.windows.net/00000000-0000-0000-0000-000000000002/:aud"] == "api://genops"
    error_message = "Azure's role does not check the audience"
  }

  assert {
    condition     = jsondecode(aws_iam_role.github[0].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:acme/genops:environment:production"
    error_message = "GitHub's role is open to more than one environment of one repository"
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.rule["manifest"].event_pattern).detail.bucket.name == ["acme-exports", "acme-genops-export"]
    error_message = "manifests of some bucket are not noticed"
  }

  assert {
    condition     = aws_apigatewayv2_route.api.authorization_type == "JWT"
    error_message = "sign_in is not used"
  }
}

run "guests_may_read_rows" {
  variables {
    guests_read_rows = true
    trusted_azure = {
      tenant_id = "00000000-0000-0000-0000-000000000002"
      audience  = "api://genops"
      subjects  = { functions = "00000000-0000-0000-0000-00000000000a" }
    }
  }
}

run "refuses_an_old_runtime" {
  command = plan

  variables {
    runtime = "nodejs20.x"
  }

  expect_failures = [var.runtime]
}

run "refuses_bad_names" {
  command = plan

  variables {
    name        = "GenOps!"
    lake_bucket = "Acme"
  }

  expect_failures = [var.name, var.lake_bucket]
}

run "refuses_a_secret_with_a_path" {
  command = plan

  variables {
    secret_names = ["/genops/slack-token"]
  }

  expect_failures = [var.secret_names]
}

run "refuses_numbers_that_aws_does_not_know" {
  command = plan

  variables {
    log_retention_days = 31
    monthly_budget_usd = 0
  }

  expect_failures = [var.log_retention_days, var.monthly_budget_usd]
}

run "refuses_a_repository_without_an_owner" {
  command = plan

  variables {
    github = { repository = "genops", environment = "production" }
  }

  expect_failures = [var.github]
}
