variable "aws_region" {
  description = "Region of the primary lake."
  type        = string
}

variable "aws_lake_bucket" {
  description = "Name of the bucket to create for the primary lake."
  type        = string
}

variable "aws_secret_names" {
  description = "Names of the SSM parameters below /genops that genops.yaml uses on AWS."
  type        = set(string)
  default     = []
}

variable "azure_subscription_id" {
  description = "Subscription that GenOps runs in."
  type        = string
}

variable "azure_tenant_id" {
  description = "Tenant of that subscription."
  type        = string
}

variable "azure_location" {
  description = "Region of everything in Azure."
  type        = string
}

variable "azure_app_name" {
  description = "Name of the function app. Global."
  type        = string
}

variable "azure_storage_account" {
  description = "Name of the storage account to create for Azure's lake. Global."
  type        = string
}

variable "azure_exports" {
  description = "Containers with Cost Management exports."
  type = map(object({
    storage_account_id = string
    location           = string
    container          = string
    prefix             = optional(string, "")
  }))
  default = {}
}

variable "azure_secrets" {
  description = "Key vault and names of the secrets that genops.yaml uses on Azure."
  type = object({
    key_vault_id  = string
    key_vault_uri = string
    names         = set(string)
  })
  default = null
}

variable "federation_audience" {
  description = "App id URI of an Entra application of your own: Azure's functions ask for a token for it and show that to AWS."
  type        = string
}

variable "artifacts" {
  description = "The folder dist of a build."
  type        = string
  default     = "../../../dist"
}

variable "config_files" {
  description = "Path of each cloud's genops.yaml."
  type = object({
    aws   = optional(string)
    azure = optional(string)
  })
  default = {}
}

variable "lambda_runtime" {
  description = "Lambda runtime; nodejs22.x for providers before 6.23."
  type        = string
  default     = "nodejs24.x"
}

variable "guests_read_rows" {
  description = "Lets functions of the other clouds read line items, too: an opencost source's shares lie among them and are read wherever costs are."
  type        = bool
  default     = false
}

variable "github" {
  description = "Repository and environment that may deploy."
  type = object({
    repository  = string
    environment = string
  })
  default = null
}
