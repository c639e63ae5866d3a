output "role_name" {
  description = "Name of the role in every account: arn:aws:iam::ACCOUNT:role/NAME."
  value       = var.name
}

output "stack_set_id" {
  description = "The stack set."
  value       = aws_cloudformation_stack_set.member.stack_set_id
}
