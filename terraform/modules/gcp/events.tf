data "google_storage_project_service_account" "storage" {
  project = var.project_id
}

# An export is complete when its manifest is written; `collect` looks at the name.
resource "google_storage_notification" "exports" {
  for_each = var.exports

  bucket             = each.key
  object_name_prefix = each.value == "" ? null : each.value
  event_types        = ["OBJECT_FINALIZE"]
  payload_format     = "JSON_API_V1"
  topic              = google_pubsub_topic.work["collect"].id

  depends_on = [google_pubsub_topic_iam_member.storage]
}

resource "google_pubsub_topic_iam_member" "storage" {
  count = length(var.exports) == 0 ? 0 : 1

  project = var.project_id
  topic   = google_pubsub_topic.work["collect"].name
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${data.google_storage_project_service_account.storage.email_address}"
}

resource "google_pubsub_topic_iam_member" "budgets" {
  project = var.project_id
  topic   = google_pubsub_topic.work["alerts"].name
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:billing-budget-alert@system.gserviceaccount.com"
}

resource "google_billing_budget" "monthly" {
  count = var.monthly_budget == null ? 0 : 1

  billing_account = var.billing_account
  display_name    = "${var.name}-monthly"

  budget_filter {
    calendar_period        = "MONTH"
    credit_types_treatment = "INCLUDE_ALL_CREDITS"
  }

  amount {
    specified_amount {
      currency_code = var.monthly_budget.currency
      units         = tostring(floor(var.monthly_budget.amount))
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.8, 1]

    content {
      threshold_percent = threshold_rules.value
      spend_basis       = "CURRENT_SPEND"
    }
  }

  all_updates_rule {
    pubsub_topic   = google_pubsub_topic.work["alerts"].id
    schema_version = "1.0"
  }

  depends_on = [google_pubsub_topic_iam_member.budgets]
}
