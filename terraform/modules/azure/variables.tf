variable "subscription_id" {
  description = "Subscription that GenOps runs in."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.subscription_id))
    error_message = "subscription_id is a UUID in small letters."
  }
}

variable "location" {
  description = "Region of everything. It has to offer the Flex Consumption plan."
  type        = string
}

variable "name" {
  description = "Prefix of names inside the resource group, and the resource group's name."
  type        = string
  default     = "genops"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}[a-z0-9]$", var.name))
    error_message = "name takes 3 to 22 small letters, digits and hyphens, and begins with a letter."
  }
}

variable "app_name" {
  description = "Name of the function app: https://APP_NAME.azurewebsites.net. Global."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,58}[a-z0-9]$", var.app_name))
    error_message = "app_name takes 3 to 60 small letters, digits and hyphens."
  }
}

variable "storage_account" {
  description = "Name of the storage account to create for the lake. Global. A second one, NAME + host, holds queues and the functions' own files."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]{3,20}$", var.storage_account))
    error_message = "storage_account takes 3 to 20 small letters and digits."
  }
}

variable "replication" {
  description = "Replication of the lake: LRS, ZRS, GRS or GZRS."
  type        = string
  default     = "ZRS"

  validation {
    condition     = contains(["LRS", "ZRS", "GRS", "GZRS"], var.replication)
    error_message = "replication is LRS, ZRS, GRS or GZRS."
  }
}

variable "artifact" {
  description = "The zip that `npm run package:azure` wrote: genops.zip."
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

variable "node_version" {
  description = "Node of the function app. 22 runs the same zip where a region or provider does not offer 24 yet."
  type        = string
  default     = "24"

  validation {
    condition     = contains(["22", "24"], var.node_version)
    error_message = "node_version is 22 or 24."
  }
}

variable "secrets" {
  description = "Secrets of a key vault that genops.yaml uses as $${secret:NAME}. You create them yourself; only names are in the state."
  type = object({
    key_vault_id  = string
    key_vault_uri = string
    names         = set(string)
  })
  default = null

  validation {
    condition     = var.secrets == null || alltrue([for secret in try(var.secrets.names, []) : can(regex("^[A-Za-z0-9-]+$", secret))])
    error_message = "secrets.names take letters, digits and hyphens, as key vaults do."
  }
}

variable "cost_scopes" {
  description = "Scopes whose costs `collect` may query: /subscriptions/… or /providers/Microsoft.Management/managementGroups/…"
  type        = set(string)
  default     = []
}

variable "exports" {
  description = "Containers that already hold Cost Management exports. Each storage account gets an Event Grid topic; several exports may share one account."
  type = map(object({
    storage_account_id = string
    location           = string
    container          = string
    prefix             = optional(string, "")
  }))
  default = {}
}

variable "sign_in" {
  description = "Entra application that callers of the API sign in to. Null: the API asks for a function key."
  type = object({
    tenant_id = string
    client_id = string
    audiences = list(string)
  })
  default = null
}

variable "alerts_app" {
  description = "Entra application that the Action Group asks a token for (secure webhook). Null: no Action Group."
  type = object({
    object_id      = string
    identifier_uri = string
    tenant_id      = string
  })
  default = null
}

variable "monthly_budget" {
  description = "Makes a budget of this amount, in the subscription's currency, that tells GenOps at 80 % (forecast) and 100 %. `start` is the first day of a month. Needs alerts_app."
  type = object({
    amount = number
    start  = string
  })
  default = null

  validation {
    condition     = var.monthly_budget == null || can(regex("^\\d{4}-\\d{2}-01$", var.monthly_budget.start))
    error_message = "monthly_budget.start is the first day of a month: 2026-12-01."
  }

  validation {
    condition     = var.monthly_budget == null || var.alerts_app != null
    error_message = "monthly_budget needs alerts_app."
  }
}

variable "otel_endpoint" {
  description = "OTLP/HTTP endpoint for traces. Null: no traces."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = var.log_retention_days >= 30 && var.log_retention_days <= 730
    error_message = "Log Analytics keeps logs for 30 to 730 days."
  }
}

variable "alarm_emails" {
  description = "E-mail addresses that are told when GenOps itself fails."
  type        = set(string)
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
  description = "Roles of an AWS account that may use this lake: name to role ARN. `issuer` is the account's own, from IAM outbound identity federation."
  type = object({
    issuer    = string
    role_arns = map(string)
  })
  default = null

  validation {
    condition     = var.trusted_aws == null || can(regex("^https://", var.trusted_aws.issuer))
    error_message = "trusted_aws.issuer begins with https://."
  }
}

variable "trusted_google" {
  description = "Google service accounts that may use this lake: name to unique id."
  type        = map(string)
  default     = null
}

variable "guests_read_rows" {
  description = "Lets trusted functions of other clouds read line items, too: an opencost source's shares lie among them and are read wherever costs are."
  type        = bool
  default     = false
}

variable "aks_clusters" {
  description = "Resource ids of the AKS clusters that GenOps reads and acts on (Cluster User). What it may do inside is the cluster's own matter: deploy/kubernetes."
  type        = set(string)
  default     = []
}

variable "tags" {
  description = "Tags of everything that takes tags."
  type        = map(string)
  default     = {}
}
