locals {
  # What a function may do. No statement is shared that not every holder needs.
  lake_list = { Sid = "LakeList", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [aws_s3_bucket.lake.arn] }
  # Beside the lake lies the configuration, which nobody here writes.
  lake_read  = { Sid = "LakeRead", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${aws_s3_bucket.lake.arn}/*"] }
  lake_write = { Sid = "LakeWrite", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["${aws_s3_bucket.lake.arn}/lake/*"] }
  # Garbage collection, and the leftovers of an upload that failed.
  lake_delete = { Sid = "LakeDelete", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:DeleteObject"], Resource = ["${aws_s3_bucket.lake.arn}/lake/*"] }
  # What was told to people, and messages that would be too old by now if they came again.
  lake_forget = { Sid = "LakeForget", Effect = "Allow", Action = ["s3:DeleteObject"], Resource = [for folder in ["alerts", "outbox"] : "${aws_s3_bucket.lake.arn}/lake/${folder}/*"] }

  secrets = length(var.secret_names) == 0 ? [] : [{
    Sid      = "Secrets"
    Effect   = "Allow"
    Action   = ["ssm:GetParameters"]
    Resource = [for secret in sort(tolist(var.secret_names)) : "arn:${local.partition}:ssm:${local.region}:${local.account}:parameter/genops/${secret}"]
  }]

  key = var.kms_key_arn == null ? [] : [{
    Sid      = "Key"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource = [var.kms_key_arn]
  }]

  exports = merge(var.exports, var.data_export == null ? {} : { (var.data_export.bucket) = var.data_export.prefix })

  exports_read = length(local.exports) == 0 ? [] : [
    {
      Sid      = "ExportsRead"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = [for bucket, prefix in local.exports : "arn:${local.partition}:s3:::${bucket}/${prefix}*"]
    },
    {
      Sid      = "ExportsList"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [for bucket, prefix in local.exports : "arn:${local.partition}:s3:::${bucket}"]
    },
  ]

  # Cost Explorer knows no resources.
  cost_explorer = !var.cost_explorer ? [] : [{
    Sid      = "CostExplorer"
    Effect   = "Allow"
    Action   = ["ce:GetCostAndUsage"]
    Resource = ["*"]
  }]

  # FOCUS tables that are read in place. Athena reads files and writes results in the name of who asks.
  athena = var.athena == null ? [] : [
    {
      Sid      = "Athena"
      Effect   = "Allow"
      Action   = ["athena:GetQueryExecution", "athena:GetQueryResults", "athena:GetWorkGroup", "athena:StartQueryExecution"]
      Resource = ["arn:${local.partition}:athena:${local.region}:${local.account}:workgroup/${var.athena.workgroup}"]
    },
    {
      Sid    = "AthenaCatalog"
      Effect = "Allow"
      Action = ["glue:GetDatabase", "glue:GetDatabases", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"]
      Resource = [for resource in ["catalog", "database/${var.athena.database}", "table/${var.athena.database}/*"] :
      "arn:${local.partition}:glue:${local.region}:${local.account}:${resource}"]
    },
    {
      Sid      = "AthenaBuckets"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
      Resource = [for bucket in keys(merge(var.athena.tables, var.athena.results)) : "arn:${local.partition}:s3:::${bucket}"]
    },
    {
      Sid      = "AthenaTables"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = [for bucket, prefix in var.athena.tables : "arn:${local.partition}:s3:::${bucket}/${prefix}*"]
    },
    {
      Sid      = "AthenaResults"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
      Resource = [for bucket, prefix in var.athena.results : "arn:${local.partition}:s3:::${bucket}/${prefix}*"]
    },
  ]

  # A web identity token is no resource either; whom it may be shown to is the condition.
  outbound = length(var.outbound_audiences) == 0 ? [] : [{
    Sid      = "ShowIdentityToOtherClouds"
    Effect   = "Allow"
    Action   = ["sts:GetWebIdentityToken"]
    Resource = ["*"]
    Condition = {
      "ForAllValues:StringEquals" = { "sts:IdentityTokenAudience" = sort(tolist(var.outbound_audiences)) }
      # "For all" holds for none as well.
      Null = { "sts:IdentityTokenAudience" = "false" }
    }
  }]

  receive = { for queue in keys(local.queues) : queue => {
    Sid      = "Receive"
    Effect   = "Allow"
    Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    Resource = [aws_sqs_queue.work[queue].arn]
  } }

  # Where clusters are; what may be done inside them is their own matter (docs/cluster-rights.md).
  clusters = length(var.eks_clusters) == 0 ? [] : [{
    Sid      = "Clusters"
    Effect   = "Allow"
    Action   = ["eks:DescribeCluster"]
    Resource = sort(tolist(var.eks_clusters))
  }]

  budget_actions = length(var.budget_actions) == 0 ? [] : [{
    Sid      = "BudgetActions"
    Effect   = "Allow"
    Action   = ["budgets:DescribeBudgetAction", "budgets:ExecuteBudgetAction"]
    Resource = sort(tolist(var.budget_actions))
  }]

  node_groups = length(var.eks_nodegroups) == 0 ? [] : [{
    Sid      = "NodeGroups"
    Effect   = "Allow"
    Action   = ["eks:DescribeNodegroup", "eks:UpdateNodegroupConfig"]
    Resource = sort(tolist(var.eks_nodegroups))
  }]

  send = { for function, queues in {
    collect  = ["collect", "evaluate"]
    evaluate = ["enforce"]
    enforce  = ["enforce"]
    api      = ["collect", "alerts", "enforce"]
    } : function => {
    Sid      = "Send"
    Effect   = "Allow"
    Action   = ["sqs:SendMessage"]
    Resource = [for queue in queues : aws_sqs_queue.work[queue].arn]
  } }

  bury = { for function in local.asynchronous : function => {
    Sid      = "Bury"
    Effect   = "Allow"
    Action   = ["sqs:SendMessage"]
    Resource = [aws_sqs_queue.dead[function].arn]
  } }

  everyone = concat([local.lake_list, local.lake_read, local.lake_write], local.key, local.secrets)

  statements = {
    collect = concat(local.everyone, local.exports_read, local.athena, local.cost_explorer, local.outbound,
    [local.lake_delete, local.receive.collect, local.send.collect, local.bury.collect])
    evaluate = concat(local.everyone, local.outbound, [local.lake_delete, local.receive.evaluate, local.send.evaluate, local.bury.evaluate])
    enforce = concat(local.everyone, local.outbound, local.clusters, local.budget_actions, local.node_groups,
    [local.lake_forget, local.receive.enforce, local.send.enforce, local.bury.enforce])
    health = concat(local.everyone, local.outbound, local.clusters, [local.lake_forget, local.bury.health])
    alerts = concat(local.everyone, local.outbound, [local.lake_forget, local.receive.alerts, local.bury.alerts])
    api    = concat(local.everyone, local.outbound, [local.lake_forget, local.send.api])
  }
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name = "${var.name}-${each.key}"
  tags = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "function" {
  for_each = local.functions

  name = "genops"
  role = aws_iam_role.function[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.function[each.key].arn}:*"]
      }],
      local.statements[each.key],
    )
  })
}
