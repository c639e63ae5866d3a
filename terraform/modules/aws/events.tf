# AWS Budgets and Cost Anomaly Detection tell this topic. Neither can publish to a topic under SNS' own key, so it has none unless you bring one.
resource "aws_sns_topic" "alerts" {
  name              = "${var.name}-alerts"
  signature_version = 2
  kms_master_key_id = var.kms_key_arn
  tags              = local.tags
}

resource "aws_sns_topic_policy" "alerts" {
  arn = aws_sns_topic.alerts.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "CostServices"
      Effect    = "Allow"
      Principal = { Service = ["budgets.amazonaws.com", "costalerts.amazonaws.com"] }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.alerts.arn
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_sns_topic_subscription" "alerts" {
  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "lambda"
  endpoint  = aws_lambda_function.function["alerts"].arn
}

resource "aws_lambda_permission" "alerts_from_topic" {
  statement_id   = "sns"
  function_name  = aws_lambda_function.function["alerts"].function_name
  action         = "lambda:InvokeFunction"
  principal      = "sns.amazonaws.com"
  source_arn     = aws_sns_topic.alerts.arn
  source_account = local.account
}

locals {
  rules = merge(
    {
      anomaly = {
        function = "alerts"
        pattern  = { source = ["aws.ce"], "detail-type" = ["Anomaly Detected"] }
      }
    },
    length(local.exports) == 0 ? {} : {
      # An export is complete when its manifest is written.
      manifest = {
        function = "collect"
        pattern = {
          source        = ["aws.s3"]
          "detail-type" = ["Object Created"]
          detail        = { bucket = { name = sort(keys(local.exports)) }, object = { key = [{ suffix = "Manifest.json" }] } }
        }
      }
    },
  )
}

resource "aws_cloudwatch_event_rule" "rule" {
  for_each = local.rules

  name          = "${var.name}-${each.key}"
  event_pattern = jsonencode(each.value.pattern)
  tags          = local.tags
}

resource "aws_cloudwatch_event_target" "rule" {
  for_each = local.rules

  rule = aws_cloudwatch_event_rule.rule[each.key].name
  arn  = aws_lambda_function.function[each.value.function].arn

  retry_policy {
    maximum_event_age_in_seconds = 6 * 3600
    maximum_retry_attempts       = 20
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead[each.value.function].arn
  }
}

resource "aws_lambda_permission" "rule" {
  for_each = local.rules

  statement_id  = "events-${each.key}"
  function_name = aws_lambda_function.function[each.value.function].function_name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.rule[each.key].arn
}

resource "aws_budgets_budget" "monthly" {
  count = var.monthly_budget_usd == null ? 0 : 1

  name         = "${var.name}-monthly"
  budget_type  = "COST"
  limit_amount = format("%.2f", var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  notification {
    notification_type         = "FORECASTED"
    comparison_operator       = "GREATER_THAN"
    threshold                 = 80
    threshold_type            = "PERCENTAGE"
    subscriber_sns_topic_arns = [aws_sns_topic.alerts.arn]
  }

  notification {
    notification_type         = "ACTUAL"
    comparison_operator       = "GREATER_THAN"
    threshold                 = 100
    threshold_type            = "PERCENTAGE"
    subscriber_sns_topic_arns = [aws_sns_topic.alerts.arn]
  }
}
