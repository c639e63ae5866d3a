resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${var.name}-${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_lambda_function" "function" {
  for_each = local.functions

  function_name    = "${var.name}-${each.key}"
  role             = aws_iam_role.function[each.key].arn
  filename         = "${var.artifacts}/${each.key}.zip"
  source_code_hash = filebase64sha256("${var.artifacts}/${each.key}.zip")
  handler          = "index.handler"
  runtime          = var.runtime
  architectures    = [var.architecture]
  memory_size      = each.value.memory
  timeout          = each.value.timeout
  kms_key_arn      = var.kms_key_arn
  tags             = local.tags

  ephemeral_storage {
    size = each.value.storage
  }

  environment {
    variables = merge(
      {
        GENOPS_CONFIG         = "s3://${aws_s3_bucket.lake.bucket}/genops.yaml"
        GENOPS_LAKE           = coalesce(var.primary_lake, local.own_lake)
        GENOPS_QUEUE_COLLECT  = aws_sqs_queue.work["collect"].url
        GENOPS_QUEUE_EVALUATE = aws_sqs_queue.work["evaluate"].url
        GENOPS_QUEUE_ALERTS   = aws_sqs_queue.work["alerts"].url
        GENOPS_QUEUE_ENFORCE  = aws_sqs_queue.work["enforce"].url
      },
      var.home_lake == null ? {} : { GENOPS_HOME = var.home_lake },
      var.otel_endpoint == null ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT = var.otel_endpoint },
    )
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.function[each.key].name
  }

  depends_on = [aws_iam_role_policy.function]
}

# An asynchronous call that failed three times ends in the function's dead-letter queue.
resource "aws_lambda_function_event_invoke_config" "function" {
  for_each = local.asynchronous

  function_name = aws_lambda_function.function[each.key].function_name
  # The next minute looks again anyway.
  maximum_retry_attempts       = each.key == "health" ? 0 : 2
  maximum_event_age_in_seconds = 6 * 3600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead[each.key].arn
    }
  }
}

resource "aws_lambda_event_source_mapping" "work" {
  for_each = local.queues

  event_source_arn        = aws_sqs_queue.work[each.key].arn
  function_name           = aws_lambda_function.function[each.key].arn
  function_response_types = ["ReportBatchItemFailures"]
  batch_size              = each.value.batch
  tags                    = local.tags

  scaling_config {
    maximum_concurrency = each.value.concurrency
  }
}
