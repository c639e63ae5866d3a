output "lake" {
  description = "Location of the lake, as genops.yaml names it."
  value       = local.own_lake
}

output "config" {
  description = "Where the functions read genops.yaml."
  value       = "gs://${google_storage_bucket.lake.name}/genops.yaml"
}

output "api_url" {
  description = "Address of the API, its webhooks and /healthz."
  value       = google_cloudfunctions2_function.function["api"].service_config[0].uri
}

output "alert_subscription" {
  description = "Subscription that brings budgets' messages; it goes into genops.yaml, alerts.pubsub.subscriptions."
  value       = google_pubsub_subscription.work["alerts"].id
}

output "alert_topic" {
  description = "Topic that budgets are to be connected to."
  value       = google_pubsub_topic.work["alerts"].id
}

output "function_names" {
  description = "Names of the functions, as a deployment needs them."
  value       = { for name, function in google_cloudfunctions2_function.function : name => function.name }
}

output "code_bucket" {
  description = "Bucket that a deployment puts zips into."
  value       = google_storage_bucket.code.name
}

output "function_subjects" {
  description = "Unique ids of the functions' service accounts: subjects that AWS and Azure trust."
  value       = { for name, account in google_service_account.function : name => account.unique_id }
}

output "dead_letter_subscriptions" {
  description = "Subscriptions with work that was given up."
  value       = { for name, subscription in google_pubsub_subscription.dead : name => subscription.id }
}

output "guest" {
  description = "How functions of other clouds come in; it goes into genops.yaml there, credentials.gcp."
  value = {
    service_account = one(google_service_account.guest[*].email)
    aws_provider    = one(google_iam_workload_identity_pool_provider.aws[*].name)
    azure_provider  = one(google_iam_workload_identity_pool_provider.azure[*].name)
  }
}

output "github" {
  description = "What the deployment workflow signs in with."
  value = {
    service_account = one(google_service_account.github[*].email)
    provider        = one(google_iam_workload_identity_pool_provider.github[*].name)
  }
}
