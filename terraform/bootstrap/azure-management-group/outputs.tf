output "scope" {
  description = "Scope of azure-cost-query sources that cover the whole group."
  value       = var.management_group_id
}
