mock_data "google_project" {
  defaults = { number = "123456789012" }
}

mock_data "google_storage_project_service_account" {
  defaults = { email_address = "service-123456789012@gs-project-accounts.iam.gserviceaccount.com" }
}

mock_resource "google_service_account" {
  defaults = {
    id        = "projects/acme-genops/serviceAccounts/genops-mock@acme-genops.iam.gserviceaccount.com"
    name      = "projects/acme-genops/serviceAccounts/genops-mock@acme-genops.iam.gserviceaccount.com"
    email     = "genops-mock@acme-genops.iam.gserviceaccount.com"
    member    = "serviceAccount:genops-mock@acme-genops.iam.gserviceaccount.com"
    unique_id = "100000000000000000001"
  }
}

mock_resource "google_pubsub_topic" {
  defaults = { id = "projects/acme-genops/topics/genops-mock" }
}

mock_resource "google_iam_workload_identity_pool" {
  defaults = { name = "projects/123456789012/locations/global/workloadIdentityPools/genops-clouds" }
}

mock_resource "google_iam_workload_identity_pool_provider" {
  defaults = { name = "projects/123456789012/locations/global/workloadIdentityPools/genops-clouds/providers/mock" }
}
