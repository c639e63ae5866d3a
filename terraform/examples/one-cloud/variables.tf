variable "region" {
  description = "Region of everything. Data exports are made in us-east-1 only."
  type        = string
  default     = "us-east-1"
}

variable "lake_bucket" {
  description = "Name of the bucket to create for the lake."
  type        = string
}

variable "export_bucket" {
  description = "Name of the bucket to create for a CUR 2.0 export. Null: the export exists, or Cost Explorer is enough."
  type        = string
  default     = null
}

variable "artifacts" {
  description = "The folder dist of a build."
  type        = string
  default     = "../../../dist"
}

variable "config_file" {
  description = "Path of genops.yaml."
  type        = string
  default     = null
}

variable "lambda_runtime" {
  description = "Lambda runtime; nodejs22.x for providers before 6.23."
  type        = string
  default     = "nodejs24.x"
}

variable "secret_names" {
  description = "Names of the SSM parameters below /genops that genops.yaml uses."
  type        = set(string)
  default     = []
}

variable "monthly_budget_usd" {
  description = "Makes an AWS budget that tells GenOps. Null: none."
  type        = number
  default     = null
}

variable "github" {
  description = "Repository and environment that may deploy."
  type = object({
    repository  = string
    environment = string
  })
  default = null
}
