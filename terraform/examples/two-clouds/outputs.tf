output "primary_lake" {
  description = "The lake that holds both clouds' cube and state: `lake` of every genops.yaml."
  value       = module.aws.lake
}

output "lakes" {
  description = "Where Azure's line items stay: `lakes` of every genops.yaml."
  value       = { azure = module.azure.lake }
}

output "api_urls" {
  description = "Addresses of the APIs."
  value       = { aws = module.aws.api_url, azure = module.azure.api_url }
}

output "credentials" {
  description = "What the key `credentials` of each cloud's genops.yaml holds."
  value = {
    aws = {}
    azure = {
      aws = {
        roleArn  = module.aws.guest_role_arns.azure
        region   = var.aws_region
        audience = var.federation_audience
      }
    }
  }
}

output "github" {
  description = "Variables of the GitHub environment."
  value = {
    AWS_ROLE_ARN    = module.aws.github_role_arn
    AZURE_CLIENT_ID = module.azure.github_client_id
  }
}
