resource "google_storage_bucket" "lake" {
  project                     = var.project_id
  name                        = var.lake_bucket
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  # A lake with anything in it is not deleted with the stack.
  force_destroy = false
  labels        = local.labels

  # The ledger keeps superseded versions itself, for as long as genops.yaml says.
  versioning {
    enabled = false
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }

    condition {
      age = 2
    }
  }
}

resource "google_storage_bucket" "code" {
  project                     = var.project_id
  name                        = "${var.lake_bucket}-code"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true
  labels                      = local.labels
}

resource "google_storage_bucket_object" "code" {
  for_each = local.functions

  bucket         = google_storage_bucket.code.name
  name           = "${each.key}-${filemd5("${var.artifacts}/${each.key}.zip")}.zip"
  source         = "${var.artifacts}/${each.key}.zip"
  source_md5hash = filemd5("${var.artifacts}/${each.key}.zip")
}

resource "google_storage_bucket_object" "config" {
  count = var.config_file == null ? 0 : 1

  bucket         = google_storage_bucket.lake.name
  name           = "genops.yaml"
  source         = var.config_file
  source_md5hash = filemd5(var.config_file)
  content_type   = "application/yaml"
}
