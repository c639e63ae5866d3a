resource "aws_iam_role" "scheduler" {
  name = "${var.name}-scheduler"
  tags = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  name = "genops"
  role = aws_iam_role.scheduler.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Invoke"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [for function in distinct([for each in local.schedules : each.function]) : aws_lambda_function.function[function].arn]
      },
      {
        Sid      = "Bury"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = [for function in distinct([for each in local.schedules : each.function]) : aws_sqs_queue.dead[function].arn]
      },
    ]
  })
}

resource "aws_scheduler_schedule_group" "genops" {
  name = var.name
  tags = local.tags
}

resource "aws_scheduler_schedule" "schedule" {
  for_each = local.schedules

  name                         = "${var.name}-${each.key}"
  group_name                   = aws_scheduler_schedule_group.genops.name
  schedule_expression          = each.value.expression
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.function[each.value.function].arn
    role_arn = aws_iam_role.scheduler.arn

    # A CloudEvent of ours. Scheduler fills in the run's id and time; a retry keeps both.
    input = jsonencode({
      specversion     = "1.0"
      id              = "<aws.scheduler.execution-id>"
      source          = "aws.scheduler"
      type            = "genops.schedule.due"
      time            = "<aws.scheduler.scheduled-time>"
      datacontenttype = "application/json"
      data            = { task = each.key }
    })

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 3
    }

    dead_letter_config {
      arn = aws_sqs_queue.dead[each.value.function].arn
    }
  }
}
