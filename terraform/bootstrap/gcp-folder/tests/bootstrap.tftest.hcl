mock_provider "google" {}

variables {
  folder          = "folders/123456789012"
  service_account = "genops-collect@acme-genops.iam.gserviceaccount.com"
}

run "every_project" {
  assert {
    condition     = output.roles == tolist(["roles/browser", "roles/container.clusterViewer"])
    error_message = "other roles than those two"
  }
}

run "without_clusters" {
  variables {
    cluster_access = false
  }

  assert {
    condition     = output.roles == tolist(["roles/browser"])
    error_message = "clusters can be seen although nobody asked for it"
  }
}

run "refuses_an_organization" {
  command = plan

  variables {
    folder = "organizations/1"
  }

  expect_failures = [var.folder]
}
