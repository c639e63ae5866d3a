resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  for_each = local.asynchronous

  alarm_name          = "${var.name}-${each.key}-dead-letters"
  alarm_description   = "Work of `${each.key}` was given up. docs/deployment.md says how to look at it and send it again."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead[each.key].name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = local.functions

  alarm_name          = "${var.name}-${each.key}-errors"
  alarm_description   = "`${each.key}` failed in three of four quarters of an hour."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = aws_lambda_function.function[each.key].function_name }
  statistic           = "Sum"
  period              = 900
  evaluation_periods  = 4
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

# Events that were refused for good are kept in the lake, and each is a line in the log.
resource "aws_cloudwatch_log_metric_filter" "refused" {
  for_each = local.asynchronous

  name           = "${var.name}-${each.key}-refused"
  log_group_name = aws_cloudwatch_log_group.function[each.key].name
  pattern        = "{ $.deadLetter = \"*\" }"

  metric_transformation {
    namespace     = "GenOps"
    name          = "${var.name}-${each.key}-refused"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "refused" {
  for_each = local.asynchronous

  alarm_name          = "${var.name}-${each.key}-refused"
  alarm_description   = "`${each.key}` refused an event for good; it is kept below dead-letters/ in the lake."
  namespace           = "GenOps"
  metric_name         = aws_cloudwatch_log_metric_filter.refused[each.key].metric_transformation[0].name
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "backlog" {
  for_each = local.queues

  alarm_name          = "${var.name}-${each.key}-backlog"
  alarm_description   = "The oldest message for `${each.key}` has waited for more than six hours."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.work[each.key].name }
  statistic           = "Maximum"
  period              = 900
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 6 * 3600
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}
