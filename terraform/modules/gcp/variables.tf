variable "project_id" {
  description = "Project that GenOps runs in."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id is a project's id, not its number or display name."
  }
}

variable "region" {
  description = "Region of functions, bucket and schedules."
  type        = string
}

variable "name" {
  description = "Prefix of every name, so that several deployments fit into one project."
  type        = string
  default     = "genops"

  validation {
    # Service account ids end at 30 characters.
    condition     = can(regex("^[a-z][a-z0-9-]{1,14}[a-z0-9]$", var.name))
    error_message = "name takes 3 to 16 small letters, digits and hyphens, and begins with a letter."
  }
}

variable "lake_bucket" {
  description = "Name of the bucket to create for the lake. Bucket names are global. The functions' code is kept beside it, in NAME-code."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9_-]{1,56}[a-z0-9]$", var.lake_bucket))
    error_message = "lake_bucket takes 3 to 58 small letters, digits, hyphens and underscores."
  }
}

variable "artifacts" {
  description = "Folder of the zips that `npm run package:gcp` wrote: collect.zip, evaluate.zip, enforce.zip and so on."
  type        = string
}

variable "config_file" {
  description = "Path of genops.yaml, uploaded into the lake. Null: it is uploaded by other means. It names secrets, it never holds them."
  type        = string
  default     = null
}

variable "primary_lake" {
  description = "Location of the lake that holds everybody's cube and state. Null: the lake that is created here."
  type        = string
  default     = null
}

variable "home_lake" {
  description = "Name of the lake created here in `lakes` of genops.yaml: line items stay in it. Null: this is the primary."
  type        = string
  default     = null

  validation {
    condition     = var.home_lake == null || can(regex("^[a-z][a-z0-9-]*$", var.home_lake))
    error_message = "home_lake takes small letters, digits and hyphens."
  }
}

variable "runtime" {
  description = "Runtime of the functions."
  type        = string
  default     = "nodejs24"

  validation {
    condition     = can(regex("^nodejs(2[2-9]|[3-9][0-9])$", var.runtime))
    error_message = "runtime has to be nodejs22 or newer."
  }
}

variable "secret_names" {
  description = "Names that genops.yaml uses as $${secret:NAME}. Each is a secret of Secret Manager in this project, which you create yourself; only names are in the state."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for secret in var.secret_names : can(regex("^[A-Za-z0-9_-]+$", secret))])
    error_message = "secret_names take letters, digits, hyphens and underscores."
  }
}

variable "secret_version" {
  description = "Version of the secrets. A number pins them; latest is read when an instance starts."
  type        = string
  default     = "latest"
}

variable "billing_dataset" {
  description = "Dataset of the BigQuery billing export that `collect` reads. Null: none."
  type = object({
    project_id = string
    dataset_id = string
  })
  default = null
}

variable "billing_account" {
  description = "Billing account whose projects, prices and budgets `collect` may look at: 01ABCD-234567-89EFAB. Null: none."
  type        = string
  default     = null

  validation {
    condition     = try(can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account)), false) || var.billing_account == null
    error_message = "billing_account looks like 01ABCD-234567-89EFAB."
  }
}

variable "monthly_budget" {
  description = "Makes a budget over the billing account that tells GenOps at 50 %, 80 % and 100 %. Null: none."
  type = object({
    amount   = number
    currency = string
  })
  default = null

  validation {
    condition     = var.monthly_budget == null || var.billing_account != null
    error_message = "monthly_budget needs billing_account."
  }
}

variable "exports" {
  description = "Buckets that already hold billing exports: bucket name to prefix. Each gets a notification for new manifests."
  type        = map(string)
  default     = {}
}

variable "otel_endpoint" {
  description = "OTLP/HTTP endpoint for traces. Null: no traces."
  type        = string
  default     = null
}

variable "api_callers" {
  description = "Who may call the API: user:…, group:…, serviceAccount:…, domain:… Webhooks from outside Google cannot sign in; budgets come by Pub/Sub."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for caller in var.api_callers : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):", caller))])
    error_message = "api_callers are user:…, group:…, serviceAccount:…, domain:… or a principal; never allUsers."
  }
}

variable "notification_channels" {
  description = "Ids of the monitoring channels that alert policies tell."
  type        = list(string)
  default     = []
}

variable "github" {
  description = "Lets one GitHub environment of one repository deploy code and verify it."
  type = object({
    repository  = string
    environment = string
  })
  default = null

  validation {
    condition     = var.github == null || can(regex("^[\\w.-]+/[\\w.-]+$", var.github.repository))
    error_message = "github.repository is owner/name."
  }
}

variable "trusted_aws" {
  description = "Roles of an AWS account that may use this lake: name to role ARN."
  type = object({
    account_id = string
    role_arns  = map(string)
  })
  default = null
}

variable "trusted_azure" {
  description = "Managed identities of a tenant that may use this lake: name to object id. They show a token for the app id URI `audience`."
  type = object({
    tenant_id = string
    audience  = string
    subjects  = map(string)
  })
  default = null
}

variable "guests_read_rows" {
  description = "Lets trusted functions of other clouds read line items, too: an opencost source's shares lie among them and are read wherever costs are."
  type        = bool
  default     = false
}

variable "cluster_projects" {
  description = "Projects of the GKE clusters that GenOps reads and acts on (container.clusterViewer). What it may do inside is the cluster's own matter: deploy/kubernetes."
  type        = set(string)
  default     = []
}

variable "labels" {
  description = "Labels of everything that takes labels."
  type        = map(string)
  default     = {}
}
