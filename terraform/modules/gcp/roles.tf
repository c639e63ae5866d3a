locals {
  lake_users = { for name, account in google_service_account.function : name => account.member }

  objects = "projects/_/buckets/${var.lake_bucket}/objects"
  # Listing is asked of the bucket.
  in_bucket = "resource.type == 'storage.googleapis.com/Bucket'"
  in_lake   = "resource.name.startsWith('${local.objects}/lake/')"

  publishers = {
    "collect-collect"  = { topic = "collect", function = "collect" }
    "collect-evaluate" = { topic = "evaluate", function = "collect" }
    "evaluate-enforce" = { topic = "enforce", function = "evaluate" }
    "enforce-enforce"  = { topic = "enforce", function = "enforce" }
    "api-collect"      = { topic = "collect", function = "api" }
    "api-enforce"      = { topic = "enforce", function = "api" }
  }

  secret_readers = { for pair in setproduct(keys(local.functions), var.secret_names) : "${pair[0]}-${pair[1]}" => { function = pair[0], secret = pair[1] } }
}

# Overwriting an object takes the right to delete it.
resource "google_storage_bucket_iam_member" "lake" {
  for_each = local.lake_users

  bucket = google_storage_bucket.lake.name
  role   = "roles/storage.objectUser"
  member = each.value

  condition {
    title      = "lake"
    expression = "${local.in_bucket} || ${local.in_lake}"
  }
}

# Beside the lake lies the configuration, which nobody here writes.
resource "google_storage_bucket_iam_member" "config" {
  for_each = local.lake_users

  bucket = google_storage_bucket.lake.name
  role   = "roles/storage.objectViewer"
  member = each.value
}

resource "google_storage_bucket_iam_member" "exports" {
  for_each = var.exports

  bucket = each.key
  role   = "roles/storage.objectViewer"
  member = google_service_account.function["collect"].member

  dynamic "condition" {
    for_each = each.value == "" ? [] : [each.value]

    content {
      title      = "exports-only"
      expression = "resource.type == 'storage.googleapis.com/Bucket' || resource.name.startsWith('projects/_/buckets/${each.key}/objects/${condition.value}')"
    }
  }
}

resource "google_bigquery_dataset_iam_member" "billing" {
  count = var.billing_dataset == null ? 0 : 1

  project    = var.billing_dataset.project_id
  dataset_id = var.billing_dataset.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = google_service_account.function["collect"].member
}

resource "google_project_iam_member" "query" {
  count = var.billing_dataset == null ? 0 : 1

  project = var.project_id
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.function["collect"].member
}

resource "google_billing_account_iam_member" "collect" {
  count = var.billing_account == null ? 0 : 1

  billing_account_id = var.billing_account
  role               = "roles/billing.viewer"
  member             = google_service_account.function["collect"].member
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = local.publishers

  project = var.project_id
  topic   = google_pubsub_topic.work[each.value.topic].name
  role    = "roles/pubsub.publisher"
  member  = google_service_account.function[each.value.function].member
}

resource "google_secret_manager_secret_iam_member" "function" {
  for_each = local.secret_readers

  project   = var.project_id
  secret_id = each.value.secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.function].member
}

# Where clusters are; what may be done inside them is their own matter (docs/cluster-rights.md).
resource "google_project_iam_member" "clusters" {
  for_each = { for pair in setproduct(["enforce", "health"], var.cluster_projects) : "${pair[0]}-${pair[1]}" => { function = pair[0], project = pair[1] } }

  project = each.value.project
  role    = "roles/container.clusterViewer"
  member  = google_service_account.function[each.value.function].member
}
