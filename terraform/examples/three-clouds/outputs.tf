output "primary_lake" {
  description = "The lake that holds everybody's cube and state: `lake` of every genops.yaml."
  value       = local.lakes[var.primary]
}

output "lakes" {
  description = "Where the other clouds' line items stay: `lakes` of every genops.yaml."
  value       = { for cloud, location in local.lakes : cloud => location if cloud != var.primary }
}

output "api_urls" {
  description = "Addresses of the APIs."
  value       = { aws = module.aws.api_url, azure = module.azure.api_url, gcp = module.gcp.api_url }
}

output "credentials" {
  description = "What the key `credentials` of each cloud's genops.yaml holds: how to get into the primary."
  value = {
    aws   = { for cloud, how in local.guests_of_aws : cloud => how if cloud == var.primary }
    azure = { for cloud, how in local.guests_of_azure : cloud => how if cloud == var.primary }
    gcp   = { for cloud, how in local.guests_of_gcp : cloud => how if cloud == var.primary }
  }
}

output "github" {
  description = "Variables of the GitHub environment."
  value = {
    AWS_ROLE_ARN                   = module.aws.github_role_arn
    AZURE_CLIENT_ID                = module.azure.github_client_id
    GCP_SERVICE_ACCOUNT            = module.gcp.github.service_account
    GCP_WORKLOAD_IDENTITY_PROVIDER = module.gcp.github.provider
  }
}

locals {
  lakes = { aws = module.aws.lake, azure = module.azure.lake, gcp = module.gcp.lake }

  into_azure = { clientId = module.azure.guest.client_id, tenantId = var.azure_tenant_id }

  # From AWS …
  guests_of_aws = {
    azure = local.into_azure
    gcp   = { workloadIdentityProvider = module.gcp.guest.aws_provider, serviceAccount = module.gcp.guest.service_account }
  }

  # … from Azure …
  guests_of_azure = {
    aws = { roleArn = module.aws.guest_role_arns.azure, region = var.aws_region, audience = var.federation_audience }
    gcp = { workloadIdentityProvider = module.gcp.guest.azure_provider, serviceAccount = module.gcp.guest.service_account, audience = var.federation_audience }
  }

  # … and from Google Cloud.
  guests_of_gcp = {
    aws   = { roleArn = module.aws.guest_role_arns.google, region = var.aws_region, audience = var.federation_audience }
    azure = local.into_azure
  }
}
