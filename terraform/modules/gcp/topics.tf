# `collect`, `evaluate` and `enforce` carry events between functions; `alerts` is told by budgets.
resource "google_pubsub_topic" "work" {
  for_each = local.asynchronous

  project = var.project_id
  name    = "${var.name}-${each.key}"
  labels  = local.labels

  depends_on = [google_project_service.service]
}

resource "google_pubsub_topic" "dead" {
  for_each = local.asynchronous

  project = var.project_id
  name    = "${var.name}-${each.key}-dead"
  labels  = local.labels

  depends_on = [google_project_service.service]
}

# Who calls the functions in the name of Pub/Sub.
resource "google_service_account" "push" {
  project      = var.project_id
  account_id   = "${var.name}-push"
  display_name = "GenOps deliveries"
}

resource "google_service_account_iam_member" "push" {
  service_account_id = google_service_account.push.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.pubsub_agent
}

resource "google_cloud_run_v2_service_iam_member" "push" {
  for_each = local.asynchronous

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.function[each.key].name
  role     = "roles/run.invoker"
  member   = google_service_account.push.member
}

resource "google_pubsub_subscription" "work" {
  for_each = local.asynchronous

  project                    = var.project_id
  name                       = "${var.name}-${each.key}"
  topic                      = google_pubsub_topic.work[each.key].id
  ack_deadline_seconds       = 600
  message_retention_duration = "345600s"
  labels                     = local.labels

  expiration_policy {
    ttl = ""
  }

  # The framework takes the event's source from this path.
  push_config {
    push_endpoint = "${google_cloudfunctions2_function.function[each.key].service_config[0].uri}/${google_pubsub_topic.work[each.key].id}"

    oidc_token {
      service_account_email = google_service_account.push.email
      audience              = google_cloudfunctions2_function.function[each.key].service_config[0].uri
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead[each.key].id
    max_delivery_attempts = 5
  }

  depends_on = [
    google_cloud_run_v2_service_iam_member.push,
    google_pubsub_topic_iam_member.bury,
    google_service_account_iam_member.push,
  ]
}

resource "google_pubsub_subscription" "dead" {
  for_each = local.asynchronous

  project                    = var.project_id
  name                       = "${var.name}-${each.key}-dead"
  topic                      = google_pubsub_topic.dead[each.key].id
  message_retention_duration = "1209600s"
  labels                     = local.labels

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic_iam_member" "bury" {
  for_each = local.asynchronous

  project = var.project_id
  topic   = google_pubsub_topic.dead[each.key].name
  role    = "roles/pubsub.publisher"
  member  = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "bury" {
  for_each = local.asynchronous

  project      = var.project_id
  subscription = google_pubsub_subscription.work[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}
