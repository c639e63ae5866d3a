# A role in every account of the named organizational units, and in accounts that join them later, for GenOps' functions to see the
# account's clusters. Bills need none of this; they come from the paying account. Run it in the management account, or as a delegated
# administrator of StackSets.

terraform {
  required_version = ">= 1.9.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}

resource "aws_cloudformation_stack_set" "member" {
  name             = var.name
  description      = "GenOps: a role that sees this account's clusters"
  permission_model = "SERVICE_MANAGED"
  call_as          = var.delegated_administrator ? "DELEGATED_ADMIN" : "SELF"
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = file("${path.module}/member.yaml")

  parameters = {
    RoleName         = var.name
    TrustedRoleArns  = join(",", sort(tolist(var.trusted_role_arns)))
    OrganizationId   = var.organization_id
    AllowClusterAuth = var.cluster_access ? "true" : "false"
  }

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  operation_preferences {
    failure_tolerance_percentage = 10
    max_concurrent_percentage    = 25
  }

  lifecycle {
    # AWS answers with a role that service-managed sets do not use.
    ignore_changes = [administration_role_arn]
  }
}

resource "aws_cloudformation_stack_set_instance" "member" {
  stack_set_name = aws_cloudformation_stack_set.member.name
  region         = var.region
  call_as        = var.delegated_administrator ? "DELEGATED_ADMIN" : "SELF"

  deployment_targets {
    organizational_unit_ids = var.organizational_unit_ids
  }
}
