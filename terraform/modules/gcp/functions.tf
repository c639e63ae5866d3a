resource "google_service_account" "function" {
  for_each = local.functions

  project      = var.project_id
  account_id   = "${var.name}-${each.key}"
  display_name = "GenOps function ${each.key}"
}

# Builds images from the zips; runs nothing else.
resource "google_service_account" "build" {
  project      = var.project_id
  account_id   = "${var.name}-build"
  display_name = "GenOps builds"
}

resource "google_project_iam_member" "build" {
  for_each = toset(["roles/artifactregistry.writer", "roles/logging.logWriter"])

  project = var.project_id
  role    = each.key
  member  = google_service_account.build.member
}

resource "google_storage_bucket_iam_member" "build" {
  bucket = google_storage_bucket.code.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.build.member
}

resource "google_cloudfunctions2_function" "function" {
  for_each = local.functions

  project     = var.project_id
  location    = var.region
  name        = "${var.name}-${each.key}"
  description = "GenOps: ${each.key}"
  labels      = local.labels

  build_config {
    runtime         = var.runtime
    entry_point     = each.key
    service_account = google_service_account.build.id

    source {
      storage_source {
        bucket = google_storage_bucket.code.name
        object = google_storage_bucket_object.code[each.key].name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.function[each.key].email
    available_memory                 = each.value.memory
    available_cpu                    = each.value.cpu
    timeout_seconds                  = each.value.timeout
    max_instance_count               = each.value.instances
    max_instance_request_concurrency = each.key == "api" ? 20 : 1
    # Pub/Sub's pushes count as internal.
    ingress_settings               = each.key == "api" ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"
    all_traffic_on_latest_revision = true

    environment_variables = merge(
      {
        GENOPS_CONFIG         = "gs://${google_storage_bucket.lake.name}/genops.yaml"
        GENOPS_LAKE           = coalesce(var.primary_lake, local.own_lake)
        GENOPS_QUEUE_COLLECT  = google_pubsub_topic.work["collect"].id
        GENOPS_QUEUE_EVALUATE = google_pubsub_topic.work["evaluate"].id
        GENOPS_QUEUE_ENFORCE  = google_pubsub_topic.work["enforce"].id
        # Cloud Run does not tell.
        GENOPS_TIMEOUT_SECONDS = tostring(each.value.timeout)
      },
      # Cloud Run lets in named callers only.
      each.key == "api" ? { GENOPS_SIGN_IN = "platform" } : {},
      var.home_lake == null ? {} : { GENOPS_HOME = var.home_lake },
      var.otel_endpoint == null ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT = var.otel_endpoint },
    )

    dynamic "secret_environment_variables" {
      for_each = var.secret_names

      content {
        key        = "GENOPS_SECRET_${replace(secret_environment_variables.value, "-", "_")}"
        project_id = var.project_id
        secret     = secret_environment_variables.value
        version    = var.secret_version
      }
    }
  }

  depends_on = [
    google_project_service.service,
    google_project_iam_member.build,
    google_storage_bucket_iam_member.build,
    google_secret_manager_secret_iam_member.function,
  ]
}

# Who may call the API. Google checks them; the function is not even started for others.
resource "google_cloud_run_v2_service_iam_member" "api" {
  for_each = var.api_callers

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.function["api"].name
  role     = "roles/run.invoker"
  member   = each.key
}
