data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# The region of the provider, read without a call to AWS. data.aws_region has no attribute that exists in provider 5 and
# is not deprecated in provider 6.
data "aws_service" "lambda" {
  service_id = "lambda"
}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_service.lambda.region

  # IAM is global, so the same name in two regions needs two role names.
  role_name = "${var.name}-${local.region}"
  role_arn  = var.role_arn == null ? aws_iam_role.this[0].arn : var.role_arn

  log_group_name = coalesce(var.log_group_name, "/aws/lambda/${var.name}")
  log_group_arn  = var.log_group_name == null ? aws_cloudwatch_log_group.this[0].arn : "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${var.log_group_name}"

  # X-Ray has no resources to name: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
  tracing_statements = var.tracing ? [{
    Sid      = "Trace"
    Effect   = "Allow"
    Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    Resource = ["*"]
  }] : []

  # As in AWSLambdaVPCAccessExecutionRole. Lambda creates network interfaces before the function exists, so none can be named.
  vpc_statements = var.vpc_config == null ? [] : [{
    Sid    = "AttachToVPC"
    Effect = "Allow"
    Action = [
      "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
    ]
    Resource = ["*"]
  }]

  kms_statements = var.kms_key_arn == null ? [] : [{
    Sid      = "DecryptEnvironment"
    Effect   = "Allow"
    Action   = ["kms:Decrypt"]
    Resource = [var.kms_key_arn]
  }]

  statements = [for statement in var.policy_statements : {
    Sid      = statement.sid
    Effect   = "Allow"
    Action   = statement.actions
    Resource = statement.resources
  }]

  # Written here and not by the aws_iam_policy_document data source, so that a plan and a test show it before anything
  # exists. It cannot create log groups.
  role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${local.log_group_arn}:*"]
      }],
      local.tracing_statements,
      local.vpc_statements,
      local.kms_statements,
      local.statements,
    )
  })

  # Below 1,769 MB Lambda exposes two vCPUs but grants less than one, so a second P only adds context switches.
  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
  processors = var.memory_mb <= 1769 ? { GOMAXPROCS = "1" } : {}

  environment       = merge(local.processors, var.environment, { LOG_LEVEL = var.log_level })
  environment_bytes = sum([for name, value in local.environment : length(name) + length(value)])

  alarm_actions = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]

  # Lambda drops lines below this level before they reach the log, and counts a line without a level as INFO. Metrics in
  # embedded format have no level. So the function itself filters warn and error, which keeps its metrics.
  application_log_level = var.log_level == "debug" ? "DEBUG" : "INFO"
}

# Created before the function: otherwise Lambda creates one that keeps everything forever.
resource "aws_cloudwatch_log_group" "this" {
  count = var.log_group_name == null ? 1 : 0

  name              = local.log_group_name
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn

  tags = var.tags
}

resource "aws_iam_role" "this" {
  count = var.role_arn == null ? 1 : 0

  name                 = local.role_name
  path                 = var.role_path
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

  lifecycle {
    precondition {
      condition     = length(local.role_name) <= 64
      error_message = "The role would be named ${local.role_name}: ${length(local.role_name)} characters, and IAM allows 64. Shorten name by ${length(local.role_name) - 64}, or create the role yourself and set role_arn."
    }
  }
}

resource "aws_iam_role_policy" "this" {
  count = var.role_arn == null ? 1 : 0

  name   = var.name
  role   = aws_iam_role.this[0].id
  policy = local.role_policy
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  description   = var.description
  role          = local.role_arn

  filename                = var.zip_path
  source_code_hash        = var.zip_path == null ? null : filebase64sha256(var.zip_path)
  s3_bucket               = one(var.zip_s3[*].bucket)
  s3_key                  = one(var.zip_s3[*].key)
  s3_object_version       = one(var.zip_s3[*].version)
  code_signing_config_arn = var.code_signing_config_arn

  handler       = "bootstrap" # OS-only runtimes ignore it, but the API requires one
  runtime       = var.runtime
  architectures = [var.architecture]

  memory_size                    = var.memory_mb
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = var.reserved_concurrency
  publish                        = var.alias != null # an alias points to a published version
  kms_key_arn                    = var.kms_key_arn

  environment {
    variables = local.environment
  }

  dynamic "vpc_config" {
    for_each = var.vpc_config[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  logging_config {
    log_format            = "JSON"
    log_group             = local.log_group_name
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
      error_message = "The environment of ${var.name} has ${local.environment_bytes} bytes; Lambda allows 4096. Remove a setting; a seeded key set (JWKS) is usually the longest."
    }
  }

  # Without the policy and the log group the first log lines would be lost.
  depends_on = [aws_iam_role_policy.this, aws_cloudwatch_log_group.this]
}

resource "aws_lambda_alias" "this" {
  count = var.alias == null ? 0 : 1

  name             = var.alias.name
  description      = "The version of ${var.name} that API Gateway calls"
  function_name    = aws_lambda_function.this.function_name
  function_version = coalesce(var.alias.version, aws_lambda_function.this.version)

  dynamic "routing_config" {
    for_each = var.alias.shift[*]

    content {
      additional_version_weights = { (routing_config.value.version) = routing_config.value.weight }
    }
  }
}

resource "aws_lambda_provisioned_concurrency_config" "this" {
  count = try(var.alias.provisioned_concurrency, 0) > 0 ? 1 : 0

  function_name                     = aws_lambda_function.this.function_name
  qualifier                         = aws_lambda_alias.this[0].name
  provisioned_concurrent_executions = var.alias.provisioned_concurrency
}

resource "aws_cloudwatch_metric_alarm" "throttles" {
  alarm_name        = "${var.name}-throttles"
  alarm_description = "Lambda throttled ${var.name}: its concurrency limit, or the account's, is reached. Callers get a 500. https://github.com/cognito-authorizer/cognito-authorizer/blob/main/docs/runbook.md#lambda-throttles"

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
