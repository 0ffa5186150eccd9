module "contract" {
  source = "../contract"

  openapi = var.openapi
}

locals {
  alarm_actions = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
}

resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  protocol_type = "HTTP"

  # API Gateway answers preflight by itself, without a token, and puts these headers over the function's own.
  dynamic "cors_configuration" {
    for_each = length(var.allowed_origins) > 0 ? [true] : []

    content {
      allow_origins     = var.allowed_origins
      allow_methods     = sort(distinct(flatten(values(module.contract.verbs))))
      allow_headers     = var.allowed_headers
      expose_headers    = ["WWW-Authenticate"]
      allow_credentials = var.allow_credentials
      max_age           = 600
    }
  }

  tags = var.tags
}

resource "aws_apigatewayv2_authorizer" "this" {
  api_id          = aws_apigatewayv2_api.this.id
  name            = "${var.name}-authorizer"
  authorizer_type = "REQUEST" # the only kind of Lambda authorizer that an HTTP API has
  authorizer_uri  = var.authorizer_invoke_arn

  authorizer_payload_format_version = "2.0"
  authorizer_result_ttl_in_seconds  = var.result_ttl_seconds
  enable_simple_responses           = var.http_response == "simple"
  identity_sources                  = var.identity_sources

  lifecycle {
    # A yes or no speaks of the route for which it was asked; without the route in its key it would be replayed on
    # all the others.
    precondition {
      condition     = var.http_response == "policy" || contains(var.identity_sources, "$context.routeKey")
      error_message = "http_response = \"simple\" needs \"$context.routeKey\" in identity_sources: write [\"$request.header.Authorization\", \"$context.routeKey\"]."
    }

    precondition {
      condition     = !module.contract.per_route || var.result_ttl_seconds == 0 || contains(var.identity_sources, "$context.routeKey")
      error_message = "The contract says x-authorizer-caching: route, so answers may be reused for the same route only. Put \"$context.routeKey\" into identity_sources, or write result_ttl_seconds = 0."
    }
  }
}

resource "aws_apigatewayv2_integration" "this" {
  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST" # how Lambda is called, whatever the method
  integration_uri        = var.api_invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "this" {
  for_each = module.contract.operations

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.this.id}"
  authorization_type = each.value.public ? "NONE" : "CUSTOM"
  authorizer_id      = each.value.public ? null : aws_apigatewayv2_authorizer.this.id
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = local.access_log_format
  }

  # With one of the two missing, the other counts as 0 and refuses every call.
  default_route_settings {
    detailed_metrics_enabled = true
    throttling_rate_limit    = var.throttling_rate
    throttling_burst_limit   = var.throttling_burst
  }

  tags = var.tags
}

resource "aws_lambda_permission" "authorizer" {
  statement_id  = "${var.name}-authorizer"
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer_function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.this.id}"
}

resource "aws_lambda_permission" "api" {
  statement_id  = "${var.name}-api"
  action        = "lambda:InvokeFunction"
  function_name = var.api_function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/$default/*"
}

# No header, no query string and no body: a token may be in each of them.
locals {
  access_log_format = jsonencode({
    requestId         = "$context.requestId"
    extendedRequestId = "$context.extendedRequestId"
    time              = "$context.requestTime"
    ip                = "$context.identity.sourceIp"
    method            = "$context.httpMethod"
    path              = "$context.routeKey"
    status            = "$context.status"
    latency           = "$context.responseLatency"
    principalId       = "$context.authorizer.principalId"
    clientId          = "$context.authorizer.clientId"
    authStatus        = "$context.authorizer.status"
    authLatency       = "$context.authorizer.latency"
    authError         = "$context.authorizer.error"
    apiStatus         = "$context.integration.status"
    apiLatency        = "$context.integration.latency"
    errorType         = "$context.error.responseType"
  })
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${var.name}/default"
  retention_in_days = var.log_retention_days

  tags = var.tags
}

resource "aws_cloudwatch_metric_alarm" "server_errors" {
  alarm_name        = "${var.name}-server-errors"
  alarm_description = "One call in twenty or more to ${var.name} was answered by 500 or above. The access log tells the authorizer's part (authStatus, authError) from the API's."

  namespace           = "AWS/ApiGateway"
  metric_name         = "5xx"
  dimensions          = { ApiId = aws_apigatewayv2_api.this.id }
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
