# Rights over every project of a folder, those that join it later included: its tree, and seeing clusters. The bill itself is read from
# BigQuery and needs none of this.

terraform {
  required_version = ">= 1.9.0, < 2.0.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.50.0, < 8.0.0"
    }
  }
}

resource "google_folder_iam_member" "genops" {
  for_each = toset(concat(["roles/browser"], var.cluster_access ? ["roles/container.clusterViewer"] : []))

  folder = var.folder
  role   = each.key
  member = "serviceAccount:${var.service_account}"
}
