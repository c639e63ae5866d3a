variable "name" {
  description = "Prefix of the role's name, which is unique in the tenant."
  type        = string
  default     = "GenOps"
}

variable "management_group_id" {
  description = "The management group: /providers/Microsoft.Management/managementGroups/NAME."
  type        = string

  validation {
    condition     = can(regex("^/providers/Microsoft.Management/managementGroups/[A-Za-z0-9_.()-]+$", var.management_group_id))
    error_message = "management_group_id looks like /providers/Microsoft.Management/managementGroups/NAME."
  }
}

variable "principal_id" {
  description = "Object id of the functions' identity: output functions_identity.principal_id of modules/azure."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.principal_id))
    error_message = "principal_id is a UUID in small letters."
  }
}

variable "cluster_access" {
  description = "Lets the identity see AKS clusters."
  type        = bool
  default     = true
}
