output "lake" {
  description = "Location of the lake, as genops.yaml names it."
  value       = local.own_lake
}

output "config" {
  description = "Where the functions read genops.yaml."
  value       = "s3://${aws_s3_bucket.lake.bucket}/genops.yaml"
}

output "api_url" {
  description = "Address of the API, its webhooks and /healthz."
  value       = aws_apigatewayv2_api.api.api_endpoint
}

output "alert_topic_arn" {
  description = "SNS topic for AWS Budgets and Cost Anomaly Detection; it goes into genops.yaml, alerts.sns.topics."
  value       = aws_sns_topic.alerts.arn
}

output "queues" {
  description = "URLs of the queues between functions."
  value       = { for name, queue in aws_sqs_queue.work : name => queue.url }
}

output "dead_letter_queues" {
  description = "URLs of the queues with work that was given up."
  value       = { for name, queue in aws_sqs_queue.dead : name => queue.url }
}

output "function_names" {
  description = "Names of the functions, as a deployment needs them."
  value       = { for name, function in aws_lambda_function.function : name => function.function_name }
}

output "function_role_arns" {
  description = "Roles of the functions: subjects that Azure's and Google's federation trusts."
  value       = { for name, role in aws_iam_role.function : name => role.arn }
}

output "account_id" {
  description = "The account this is in."
  value       = local.account
}

output "guest_role_arns" {
  description = "Roles for the functions of other clouds; they go into genops.yaml there, credentials.aws.roleArn."
  value = {
    google = one(aws_iam_role.google[*].arn)
    azure  = one(aws_iam_role.azure[*].arn)
  }
}

output "github_role_arn" {
  description = "Role that the deployment workflow takes on."
  value       = one(aws_iam_role.github[*].arn)
}
