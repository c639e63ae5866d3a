data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name
  own_lake  = "s3://${aws_s3_bucket.lake.bucket}/lake"
  tags      = merge({ application = "genops", genops-component = "functions" }, var.tags)

  # The same functions, sizes and times as serverless.yml. DuckDB is in all but `alerts` and `health`.
  functions = {
    collect  = { memory = 3008, timeout = 900, storage = 10240 }
    evaluate = { memory = 2048, timeout = 300, storage = 2048 }
    enforce  = { memory = 2048, timeout = 300, storage = 2048 }
    alerts   = { memory = 512, timeout = 60, storage = 512 }
    health   = { memory = 512, timeout = 50, storage = 512 }
    api      = { memory = 2048, timeout = 29, storage = 2048 }
  }

  # Functions that are called asynchronously; what they cannot handle ends in a queue of their own.
  asynchronous = toset(["collect", "evaluate", "enforce", "alerts", "health"])

  # Events between functions. `alerts` holds what the hooks of `api` have verified.
  queues = {
    collect  = { batch = 1, concurrency = 10 }
    evaluate = { batch = 10, concurrency = 2 }
    alerts   = { batch = 10, concurrency = 2 }
    enforce  = { batch = 1, concurrency = 2 }
  }

  schedules = {
    collect  = { function = "collect", expression = "cron(17 0/6 * * ? *)" }
    sweep    = { function = "collect", expression = "cron(41 3 * * ? *)" }
    evaluate = { function = "evaluate", expression = "cron(5 * * * ? *)" }
    tell     = { function = "evaluate", expression = "rate(5 minutes)" }
    enforce  = { function = "enforce", expression = "rate(10 minutes)" }
    health   = { function = "health", expression = "cron(* * * * ? *)" }
  }
}
