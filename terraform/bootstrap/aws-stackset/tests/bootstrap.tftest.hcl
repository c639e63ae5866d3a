mock_provider "aws" {}

variables {
  organization_id         = "o-exampleorgid"
  organizational_unit_ids = ["r-abcd"]
  trusted_role_arns       = ["arn:aws:iam::123456789012:role/genops-collect"]
}

run "every_account" {
  assert {
    condition     = aws_cloudformation_stack_set.member.auto_deployment[0].enabled
    error_message = "accounts that join later are left out"
  }

  assert {
    condition     = aws_cloudformation_stack_set.member.parameters.TrustedRoleArns == "arn:aws:iam::123456789012:role/genops-collect"
    error_message = "the role trusts somebody else"
  }
}

run "refuses_to_trust_nobody_or_a_whole_account" {
  command = plan

  variables {
    trusted_role_arns       = ["arn:aws:iam::123456789012:root"]
    organizational_unit_ids = []
  }

  expect_failures = [var.trusted_role_arns, var.organizational_unit_ids]
}
