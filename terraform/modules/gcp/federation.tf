# Who from outside Google Cloud may come in, and how far. Nobody gets a key: each shows what its own cloud signed.

locals {
  federated = var.trusted_aws != null || var.trusted_azure != null

  # arn:aws:iam::123456789012:role/genops-collect → genops-collect
  aws_roles = var.trusted_aws == null ? [] : sort([for arn in values(var.trusted_aws.role_arns) : element(split("/", arn), -1)])
  in_rows   = "resource.name.startsWith('${local.objects}/lake/rows/')"
  azure_ids = var.trusted_azure == null ? [] : sort(values(var.trusted_azure.subjects))
}

resource "google_iam_workload_identity_pool" "clouds" {
  count = local.federated ? 1 : 0

  project                   = var.project_id
  workload_identity_pool_id = "${var.name}-clouds"
  display_name              = "GenOps in other clouds"

  depends_on = [google_project_service.service]
}

resource "google_iam_workload_identity_pool_provider" "aws" {
  count = var.trusted_aws == null ? 0 : 1

  project                            = var.project_id
  workload_identity_pool_id          = google_iam_workload_identity_pool.clouds[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "aws"

  attribute_mapping = {
    "google.subject"     = "assertion.arn"
    "attribute.aws_role" = "assertion.arn.extract('assumed-role/{role}/')"
  }

  # A user, whose keys last, could be given a name that reads like a role's.
  attribute_condition = "assertion.arn.startsWith('arn:aws:sts::${var.trusted_aws.account_id}:assumed-role/') && attribute.aws_role in ['${join("', '", local.aws_roles)}']"

  aws {
    account_id = var.trusted_aws.account_id
  }
}

resource "google_iam_workload_identity_pool_provider" "azure" {
  count = var.trusted_azure == null ? 0 : 1

  project                            = var.project_id
  workload_identity_pool_id          = google_iam_workload_identity_pool.clouds[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "azure"
  attribute_mapping                  = { "google.subject" = "assertion.sub" }
  attribute_condition                = "assertion.sub in ['${join("', '", local.azure_ids)}']"

  oidc {
    issuer_uri        = "https://sts.windows.net/${var.trusted_azure.tenant_id}/"
    allowed_audiences = [var.trusted_azure.audience]
  }
}

# What another cloud's functions are here: they read and write cube and state of the lake, and nothing else in its bucket.
resource "google_service_account" "guest" {
  count = local.federated ? 1 : 0

  project      = var.project_id
  account_id   = "${var.name}-guest"
  display_name = "GenOps functions of other clouds"
}

resource "google_service_account_iam_member" "aws" {
  for_each = var.trusted_aws == null ? {} : var.trusted_aws.role_arns

  service_account_id = google_service_account.guest[0].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.clouds[0].name}/attribute.aws_role/${element(split("/", each.value), -1)}"
}

resource "google_service_account_iam_member" "azure" {
  for_each = var.trusted_azure == null ? {} : var.trusted_azure.subjects

  service_account_id = google_service_account.guest[0].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principal://iam.googleapis.com/${google_iam_workload_identity_pool.clouds[0].name}/subject/${each.value}"
}

resource "google_storage_bucket_iam_member" "guest" {
  count = local.federated ? 1 : 0

  bucket = google_storage_bucket.lake.name
  role   = "roles/storage.objectUser"
  member = google_service_account.guest[0].member

  condition {
    title      = "state"
    expression = "${local.in_bucket} || (${local.in_lake} && !${local.in_rows} && !resource.name.startsWith('${local.objects}/lake/index/'))"
  }
}

resource "google_storage_bucket_iam_member" "guest_rows" {
  count = local.federated && var.guests_read_rows ? 1 : 0

  bucket = google_storage_bucket.lake.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.guest[0].member

  condition {
    title      = "rows"
    expression = local.in_rows
  }
}
