# Schedules go through Pub/Sub: each run is a message with an id and a time of its own, and is delivered until it is done.
resource "google_cloud_scheduler_job" "schedule" {
  for_each = local.schedules

  project   = var.project_id
  region    = var.region
  name      = "${var.name}-${each.key}"
  schedule  = each.value.cron
  time_zone = "Etc/UTC"

  pubsub_target {
    topic_name = google_pubsub_topic.work[each.value.function].id
    data       = base64encode(jsonencode({ task = each.key }))
    attributes = { type = "genops.schedule.due" }
  }

  retry_config {
    retry_count = 3
  }
}
