output "lake" {
  description = "Location of the lake."
  value       = module.genops.lake
}

output "api_url" {
  description = "Address of the API."
  value       = module.genops.api_url
}

output "alert_topic_arn" {
  description = "SNS topic for budgets and anomalies."
  value       = module.genops.alert_topic_arn
}

output "github_role_arn" {
  description = "Role of the deployment workflow: variable AWS_ROLE_ARN of the GitHub environment."
  value       = module.genops.github_role_arn
}
