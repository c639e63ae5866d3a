variable "folder" {
  description = "The folder: folders/123456789012."
  type        = string

  validation {
    condition     = can(regex("^folders/\\d+$", var.folder))
    error_message = "folder looks like folders/123456789012."
  }
}

variable "service_account" {
  description = "E-mail address of the account of `collect`: genops-collect@PROJECT.iam.gserviceaccount.com."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+@[a-z0-9.:-]+\\.gserviceaccount\\.com$", var.service_account))
    error_message = "service_account is the e-mail address of a service account."
  }
}

variable "cluster_access" {
  description = "Lets the account see GKE clusters and ask for their address. Rights inside are granted there."
  type        = bool
  default     = true
}
