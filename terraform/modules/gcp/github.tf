resource "google_iam_workload_identity_pool" "github" {
  count = var.github == null ? 0 : 1

  project                   = var.project_id
  workload_identity_pool_id = "${var.name}-github"
  display_name              = "GenOps deployments"

  depends_on = [google_project_service.service]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  count = var.github == null ? 0 : 1

  project                            = var.project_id
  workload_identity_pool_id          = google_iam_workload_identity_pool.github[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_mapping                  = { "google.subject" = "assertion.sub" }
  attribute_condition                = "assertion.sub == '${local.github_subject}'"

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

locals {
  github_subject = var.github == null ? "" : "repo:${var.github.repository}:environment:${var.github.environment}"
}

resource "google_service_account" "github" {
  count = var.github == null ? 0 : 1

  project      = var.project_id
  account_id   = "${var.name}-github"
  display_name = "GenOps deployments"
}

resource "google_service_account_iam_member" "github" {
  count = var.github == null ? 0 : 1

  service_account_id = google_service_account.github[0].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principal://iam.googleapis.com/${google_iam_workload_identity_pool.github[0].name}/subject/${local.github_subject}"
}

resource "google_project_iam_member" "github" {
  count = var.github == null ? 0 : 1

  project = var.project_id
  role    = "roles/cloudfunctions.developer"
  member  = google_service_account.github[0].member
}

resource "google_storage_bucket_iam_member" "github_code" {
  count = var.github == null ? 0 : 1

  bucket = google_storage_bucket.code.name
  role   = "roles/storage.objectUser"
  member = google_service_account.github[0].member
}

# Verification asks the API for /healthz.
resource "google_cloud_run_v2_service_iam_member" "github" {
  count = var.github == null ? 0 : 1

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.function["api"].name
  role     = "roles/run.invoker"
  member   = google_service_account.github[0].member
}

# `genops doctor` reads the configuration …
resource "google_storage_bucket_iam_member" "github_config" {
  count = var.github == null ? 0 : 1

  bucket = google_storage_bucket.lake.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.github[0].member

  condition {
    title      = "configuration"
    expression = "resource.name == '${local.objects}/genops.yaml' || resource.name == '${local.objects}/doctor.yaml'"
  }
}

# … and tries the lake in a folder of its own.
resource "google_storage_bucket_iam_member" "github_lake" {
  count = var.github == null ? 0 : 1

  bucket = google_storage_bucket.lake.name
  role   = "roles/storage.objectUser"
  member = google_service_account.github[0].member

  condition {
    title      = "doctor"
    expression = "${local.in_bucket} || resource.name.startsWith('${local.objects}/lake/doctor/')"
  }
}

# A new revision runs as the function's account and is built by the builder's: both have to be lent.
resource "google_service_account_iam_member" "github_acts_as" {
  for_each = var.github == null ? {} : merge(
    { for name, account in google_service_account.function : name => account.name },
    { build = google_service_account.build.name },
  )

  service_account_id = each.value
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.github[0].member
}
