variable "primary" {
  description = "Cloud whose lake holds everybody's cube and state."
  type        = string
  default     = "aws"

  validation {
    condition     = contains(["aws", "azure", "gcp"], var.primary)
    error_message = "primary is aws, azure or gcp."
  }
}

variable "aws_region" {
  description = "Region of everything in AWS."
  type        = string
}

variable "aws_lake_bucket" {
  description = "Name of the bucket to create for AWS' lake."
  type        = string
}

variable "aws_secret_names" {
  description = "Names of the SSM parameters below /genops that genops.yaml uses on AWS."
  type        = set(string)
  default     = []
}

variable "aws_issuer" {
  description = "The account's own token issuer, from `aws iam enable-outbound-web-identity-federation`. Only where Azure is the primary."
  type        = string
  default     = null

  validation {
    condition     = var.primary != "azure" || var.aws_issuer != null
    error_message = "aws_issuer is needed where Azure is the primary: Azure has to know who signs the tokens of AWS' functions."
  }
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

variable "gcp_project_id" {
  description = "Project that GenOps runs in."
  type        = string
}

variable "gcp_region" {
  description = "Region of everything in Google Cloud."
  type        = string
}

variable "gcp_lake_bucket" {
  description = "Name of the bucket to create for Google Cloud's lake."
  type        = string
}

variable "gcp_secret_names" {
  description = "Names of the secrets of Secret Manager that genops.yaml uses on Google Cloud."
  type        = set(string)
  default     = []
}

variable "gcp_billing_dataset" {
  description = "Dataset of the BigQuery billing export."
  type = object({
    project_id = string
    dataset_id = string
  })
  default = null
}

variable "gcp_billing_account" {
  description = "Billing account that `collect` may look at."
  type        = string
  default     = null
}

variable "federation_audience" {
  description = "App id URI of an Entra application of your own: Azure's functions ask for a token for it and show that to the primary. Google's functions use the same text towards AWS."
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
    gcp   = optional(string)
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
