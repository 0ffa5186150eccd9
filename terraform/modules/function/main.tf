data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  # X-Ray has no resources to name: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
  tracing_statements = var.tracing ? [{
    Sid      = "Trace"
    Effect   = "Allow"
    Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    Resource = ["*"]
  }] : []

  statements = [for statement in var.policy_statements : {
    Sid      = statement.sid
    Effect   = "Allow"
    Action   = statement.actions
    Resource = statement.resources
  }]

  # Below 1,769 MB a function has less than one processor, of which Lambda shows two. Go does best with the one.
  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
  processors = var.memory_mb <= 1769 ? { GOMAXPROCS = "1" } : {}

  environment       = merge(local.processors, var.environment, { LOG_LEVEL = var.log_level })
  environment_bytes = sum([for name, value in local.environment : length(name) + length(value)])

  alarm_actions = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]

  # Lambda drops lines below this level before they reach the log, and counts a line without a level, as
  # metrics in embedded format are, as INFO. So warn and error are left to the function, which keeps its metrics.
  application_log_level = var.log_level == "debug" ? "DEBUG" : "INFO"
}

# Made before the function: otherwise Lambda makes one that keeps everything for ever.
resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days

  tags = var.tags
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "Role of the Lambda function ${var.name}"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })

  tags = var.tags
}

# The document is written here and not by the aws_iam_policy_document data source, so that a plan and a test
# show it before anything exists. It cannot make log groups: there is one.
resource "aws_iam_role_policy" "this" {
  name = var.name
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.this.arn}:*"]
      }],
      local.tracing_statements,
      local.statements,
    )
  })
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn

  filename         = var.zip_path
  source_code_hash = filebase64sha256(var.zip_path)
  handler          = "bootstrap" # OS-only runtimes ignore it, and the API demands it
  runtime          = var.runtime
  architectures    = [var.architecture]

  memory_size                    = var.memory_mb
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = var.reserved_concurrency

  environment {
    variables = local.environment
  }

  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.this.name
    application_log_level = local.application_log_level
    system_log_level      = "INFO"
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = local.environment_bytes <= 4096
      error_message = "The environment of ${var.name} has ${local.environment_bytes} bytes; Lambda takes 4096. Leave a setting out; a seeded key set (JWKS) is usually the longest."
    }
  }

  # Without the policy the first lines of log would be lost.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_cloudwatch_metric_alarm" "throttles" {
  alarm_name        = "${var.name}-throttles"
  alarm_description = "Lambda refused to start ${var.name}: its concurrency, or the account's, is used up. Callers get a 500."

  namespace           = "AWS/Lambda"
  metric_name         = "Throttles"
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"

  alarm_actions = local.alarm_actions
  ok_actions    = local.alarm_actions

  tags = var.tags
}

resource "aws_cloudwatch_metric_alarm" "custom" {
  for_each = var.alarms

  alarm_name        = "${var.name}-${each.key}"
  alarm_description = each.value.description

  namespace           = each.value.namespace
  metric_name         = each.value.metric_name
  dimensions          = { (each.value.dimension) = aws_lambda_function.this.function_name }
  statistic           = each.value.percentile == null ? "Sum" : null
  extended_statistic  = each.value.percentile
  period              = 300
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"

  alarm_actions = local.alarm_actions
  ok_actions    = local.alarm_actions

  tags = var.tags
}
