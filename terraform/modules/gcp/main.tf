data "google_project" "current" {
  project_id = var.project_id
}

locals {
  labels         = merge({ application = "genops", genops-component = "functions" }, var.labels)
  own_lake       = "gs://${google_storage_bucket.lake.name}/lake"
  project_number = data.google_project.current.number
  pubsub_agent   = "serviceAccount:service-${local.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"

  # The same functions as in the other clouds. DuckDB is in all but `alerts` and `health`. What Pub/Sub calls has to answer within 600 s.
  functions = {
    collect  = { memory = "4Gi", cpu = "2", timeout = 540, instances = 10 }
    evaluate = { memory = "2Gi", cpu = "1", timeout = 300, instances = 2 }
    enforce  = { memory = "2Gi", cpu = "1", timeout = 300, instances = 2 }
    alerts   = { memory = "512Mi", cpu = "1", timeout = 60, instances = 5 }
    health   = { memory = "512Mi", cpu = "1", timeout = 50, instances = 1 }
    api      = { memory = "2Gi", cpu = "1", timeout = 60, instances = 5 }
  }

  # Functions that are called with events; each has a topic of its own and a dead-letter topic.
  asynchronous = toset(["collect", "evaluate", "enforce", "alerts", "health"])

  schedules = {
    collect  = { function = "collect", cron = "17 */6 * * *" }
    sweep    = { function = "collect", cron = "41 3 * * *" }
    evaluate = { function = "evaluate", cron = "5 * * * *" }
    tell     = { function = "evaluate", cron = "*/5 * * * *" }
    enforce  = { function = "enforce", cron = "*/10 * * * *" }
    health   = { function = "health", cron = "* * * * *" }
  }

  services = toset([
    "artifactregistry.googleapis.com",
    "bigquery.googleapis.com",
    "container.googleapis.com",
    "cloudbilling.googleapis.com",
    "billingbudgets.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudscheduler.googleapis.com",
    "iamcredentials.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "sts.googleapis.com",
  ])
}

resource "google_project_service" "service" {
  for_each = local.services

  project            = var.project_id
  service            = each.key
  disable_on_destroy = false
}
