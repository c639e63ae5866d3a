variable "name" {
  description = "Prefix of every name, so that several deployments fit into one account."
  type        = string
  default     = "genops"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}[a-z0-9]$", var.name))
    error_message = "name takes 3 to 22 small letters, digits and hyphens, and begins with a letter."
  }
}

variable "lake_bucket" {
  description = "Name of the S3 bucket to create for the lake. Bucket names are global."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.lake_bucket))
    error_message = "lake_bucket is not a valid bucket name."
  }
}

variable "artifacts" {
  description = "Folder of the zips that `npm run package:aws` wrote: collect.zip, evaluate.zip, enforce.zip and so on."
  type        = string
}

variable "config_file" {
  description = "Path of genops.yaml, uploaded into the lake. Null: it is uploaded by other means. It names secrets, it never holds them."
  type        = string
  default     = null
}

variable "runtime" {
  description = "Lambda runtime. Providers before 6.23 refuse nodejs24.x; nodejs22.x runs the same zips."
  type        = string
  default     = "nodejs24.x"

  validation {
    condition     = can(regex("^nodejs(2[2-9]|[3-9][0-9])\\.x$", var.runtime))
    error_message = "runtime has to be nodejs22.x or newer."
  }
}

variable "architecture" {
  description = "Processor that the zips were built for: npm run package:aws -- --arch arm64."
  type        = string
  default     = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture is x86_64 or arm64."
  }
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

variable "secret_names" {
  description = "Names that genops.yaml uses as $${secret:NAME}. Each is an SSM parameter /genops/NAME (SecureString) that you create yourself; only names are in the state."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for secret in var.secret_names : can(regex("^[A-Za-z0-9_.-]+$", secret))])
    error_message = "secret_names are names, without the path: slack-token."
  }
}

variable "exports" {
  description = "Buckets that already hold billing exports: bucket name to prefix. EventBridge notifications have to be on there."
  type        = map(string)
  default     = {}
}

variable "data_export" {
  description = "Makes a CUR 2.0 export (daily, Parquet) and a bucket for it. Only in the account that pays, and only in us-east-1."
  type = object({
    bucket = string
    prefix = optional(string, "cur2")
  })
  default = null
}

variable "cost_explorer" {
  description = "Lets `collect` call the Cost Explorer API. Each request costs $0.01; genops.yaml caps them by maxDailyCost."
  type        = bool
  default     = false
}

variable "athena" {
  description = "Lets `collect` query FOCUS tables in place: workgroup, Glue database, and the buckets of the tables' files and of results, bucket name to prefix."
  type = object({
    workgroup = string
    database  = string
    tables    = map(string)
    results   = map(string)
  })
  default = null
}

variable "monthly_budget_usd" {
  description = "Makes an AWS budget of this amount that tells GenOps at 80 % (forecast) and 100 %. Null: none."
  type        = number
  default     = null

  validation {
    condition     = try(var.monthly_budget_usd > 0, var.monthly_budget_usd == null)
    error_message = "monthly_budget_usd has to be above zero."
  }
}

variable "otel_endpoint" {
  description = "OTLP/HTTP endpoint for traces. Null: no traces."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "How long function logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096], var.log_retention_days)
    error_message = "CloudWatch knows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 or 1096 days."
  }
}

variable "alarm_actions" {
  description = "ARNs that alarms tell: SNS topics, mostly."
  type        = list(string)
  default     = []
}

variable "kms_key_arn" {
  description = "Key for lake, queues, topic and logs. Null: keys that AWS owns. Its policy has to admit the services that write."
  type        = string
  default     = null
}

variable "github" {
  description = "Lets one GitHub environment of one repository deploy code and verify it. provider_arn: an existing OIDC provider of GitHub."
  type = object({
    repository   = string
    environment  = string
    provider_arn = optional(string)
  })
  default = null

  validation {
    condition     = var.github == null || can(regex("^[\\w.-]+/[\\w.-]+$", var.github.repository))
    error_message = "github.repository is owner/name."
  }
}

variable "trusted_google" {
  description = "Google service accounts that may use this lake: name to unique id. They show a token for `audience`."
  type = object({
    audience = string
    subjects = map(string)
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

variable "sign_in" {
  description = "OIDC issuer that callers of the API sign in with. Null: they sign their requests with AWS credentials."
  type = object({
    issuer    = string
    audiences = list(string)
  })
  default = null
}

variable "outbound_audiences" {
  description = "Audiences that functions may ask STS for a web identity token, to show it to another cloud. api://AzureADTokenExchange for Azure; Google needs none."
  type        = set(string)
  default     = []
}

variable "eks_clusters" {
  description = "ARNs of the EKS clusters that GenOps reads and acts on (eks:DescribeCluster). What it may do inside is the cluster's own matter: deploy/kubernetes."
  type        = set(string)
  default     = []
}

variable "eks_nodegroups" {
  description = "ARNs of the node groups that enforcement may resize: genops.yaml, enforcement.billing.nodePools."
  type        = set(string)
  default     = []
}

variable "budget_actions" {
  description = "ARNs of the AWS Budgets actions that enforcement may execute and reset: genops.yaml, enforcement.billing.awsBudgetActions."
  type        = set(string)
  default     = []
}

variable "tags" {
  description = "Tags of everything that takes tags."
  type        = map(string)
  default     = {}
}
