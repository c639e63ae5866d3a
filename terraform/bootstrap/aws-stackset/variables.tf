variable "name" {
  description = "Name of the stack set and of the role in every account."
  type        = string
  default     = "genops-member"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{1,62}$", var.name))
    error_message = "name takes letters, digits and hyphens, and begins with a letter."
  }
}

variable "organization_id" {
  description = "The organization: only its roles are trusted, whatever trusted_role_arns says."
  type        = string

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id looks like o-exampleorgid."
  }
}

variable "organizational_unit_ids" {
  description = "Organizational units, or the root (r-…) for all accounts."
  type        = set(string)

  validation {
    condition     = length(var.organizational_unit_ids) > 0 && alltrue([for id in var.organizational_unit_ids : can(regex("^(ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32})$", id))])
    error_message = "organizational_unit_ids look like ou-abcd-12345678, or r-abcd for the root; at least one."
  }
}

variable "trusted_role_arns" {
  description = "Roles of GenOps' functions that may take the role on: output function_role_arns of modules/aws."
  type        = set(string)

  validation {
    condition     = length(var.trusted_role_arns) > 0 && alltrue([for arn in var.trusted_role_arns : can(regex("^arn:aws[a-z-]*:iam::\\d{12}:role/[\\w+=,.@/-]+$", arn))])
    error_message = "trusted_role_arns are ARNs of roles; at least one."
  }
}

variable "cluster_access" {
  description = "Lets the role see EKS clusters, which is what a token for them takes. Rights inside a cluster are granted there."
  type        = bool
  default     = true
}

variable "region" {
  description = "Region of the stacks. A role is global: one is enough."
  type        = string
  default     = "us-east-1"
}

variable "delegated_administrator" {
  description = "This runs in an account that administers StackSets for the management account."
  type        = bool
  default     = false
}
