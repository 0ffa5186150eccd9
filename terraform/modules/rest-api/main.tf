data "aws_partition" "current" {}

data "aws_region" "current" {}

module "contract" {
  source = "../contract"

  openapi = var.openapi
}

locals {
  execution_arn = aws_api_gateway_rest_api.this.execution_arn
  alarm_actions = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
}

# The whole API is in its document: methods, the authorizer, preflight and gateway responses. Importing the document
# takes away what is not in it, gateway responses of their own resources among them.
resource "aws_api_gateway_rest_api" "this" {
  name = var.name
  body = local.body

  put_rest_api_mode = "overwrite"

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  tags = var.tags

  lifecycle {
    # One answer would be replayed on routes for which it was not made.
    precondition {
      condition     = !module.contract.per_route || var.result_ttl_seconds == 0 || length(setsubtract(["context.httpMethod", "context.resourcePath"], local.identity_sources)) == 0
      error_message = "The contract says x-authorizer-caching: route, so answers may be reused for the same route only. Write authorizer_type = \"REQUEST\" and put \"context.httpMethod\" and \"context.resourcePath\" into identity_sources, or write result_ttl_seconds = 0."
    }
  }
}

# A change in the document reaches callers by a new deployment alone.
resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  triggers = {
    body = sha256(local.body)
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "this" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = var.stage_name

  xray_tracing_enabled = var.tracing

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = local.access_log_format
  }

  tags = var.tags

  # Callers must not find the API before its functions can be called, nor its log without the role that writes it.
  depends_on = [aws_api_gateway_account.this, aws_lambda_permission.api, aws_lambda_permission.authorizer]
}

resource "aws_api_gateway_method_settings" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    throttling_rate_limit  = var.throttling_rate
    throttling_burst_limit = var.throttling_burst
    logging_level          = "OFF"
    data_trace_enabled     = false # it would log bodies and headers, tokens among them
  }
}

# The authorizer is made by the document, which does not tell its id.
resource "aws_lambda_permission" "authorizer" {
  statement_id  = "${var.name}-authorizer"
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer_function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${local.execution_arn}/authorizers/*"
}

resource "aws_lambda_permission" "api" {
  statement_id  = "${var.name}-api"
  action        = "lambda:InvokeFunction"
  function_name = var.api_function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${local.execution_arn}/${var.stage_name}/*"
}

resource "aws_cloudwatch_metric_alarm" "server_errors" {
  alarm_name        = "${var.name}-server-errors"
  alarm_description = "One call in twenty or more to ${var.name} was answered by 500 or above. The access log tells the authorizer's part (authStatus, authError) from the API's."

  namespace           = "AWS/ApiGateway"
  metric_name         = "5XXError"
  dimensions          = { ApiName = var.name, Stage = var.stage_name }
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 0.05
  treat_missing_data  = "notBreaching"

  alarm_actions = local.alarm_actions
  ok_actions    = local.alarm_actions

  tags = var.tags
}
