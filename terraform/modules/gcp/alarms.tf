resource "google_monitoring_alert_policy" "dead_letters" {
  for_each = local.asynchronous

  project               = var.project_id
  display_name          = "${var.name}: ${each.key} gave up work"
  combiner              = "OR"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  documentation {
    content   = "docs/deployment.md says how to look at dead letters and send them again."
    mime_type = "text/markdown"
  }

  conditions {
    display_name = "messages in ${google_pubsub_subscription.dead[each.key].name}"

    condition_threshold {
      filter          = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.dead[each.key].name}\" AND metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }
}

# Events that were refused for good are kept in the lake, and each is a line in the log.
resource "google_monitoring_alert_policy" "refused" {
  project               = var.project_id
  display_name          = "${var.name}: an event was refused"
  combiner              = "OR"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "a line that names a dead letter"

    condition_matched_log {
      filter = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name =~ \"^${var.name}-\" AND jsonPayload.deadLetter : *"
    }
  }

  alert_strategy {
    notification_rate_limit {
      period = "3600s"
    }
  }
}

resource "google_monitoring_alert_policy" "errors" {
  for_each = local.functions

  project               = var.project_id
  display_name          = "${var.name}: ${each.key} keeps failing"
  combiner              = "OR"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "answers of class 5xx for 45 minutes"

    condition_threshold {
      filter          = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = \"${google_cloudfunctions2_function.function[each.key].name}\" AND metric.type = \"run.googleapis.com/request_count\" AND metric.labels.response_code_class = \"5xx\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "2700s"

      aggregations {
        alignment_period   = "900s"
        per_series_aligner = "ALIGN_DELTA"
      }
    }
  }
}
