output "roles" {
  description = "Roles granted on the folder."
  value       = sort([for grant in google_folder_iam_member.genops : grant.role])
}
