module "contract" {
  source = "../contract"

  json = var.contract
}

locals {
  alarm_actions = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]

  # null where the contract opens $connect to nobody, which is an error below.
  authorization_type = lookup({ public = "NONE", token = "CUSTOM" }, coalesce(module.contract.connect, "nobody"), null)

  routes = ["$connect", "$default", "$disconnect"]
}

resource "aws_apigatewayv2_api" "this" {
  name                       = var.name
  protocol_type              = "WEBSOCKET"
  route_selection_expression = var.route_selection_expression

  disable_execute_api_endpoint = var.disable_execute_api_endpoint

  tags = var.tags

  lifecycle {
    precondition {
      condition     = local.authorization_type != null
      error_message = "The contract lets nobody open a WebSocket: the rule of $connect is the security at the top of the OpenAPI document. Add it there, for example {bearer: []} for every valid token, and build again: make build-zip"
    }
  }
}

# Asked once for each connection. Its result is not cached, and messages are not authorized again.
resource "aws_apigatewayv2_authorizer" "this" {
  api_id           = aws_apigatewayv2_api.this.id
  name             = "${var.name}-authorizer"
  authorizer_type  = "REQUEST" # the only type that a WebSocket API has
  authorizer_uri   = var.authorizer_invoke_arn
  identity_sources = [var.identity_source]
}

resource "aws_apigatewayv2_integration" "this" {
  api_id             = aws_apigatewayv2_api.this.id
  integration_type   = "AWS_PROXY"
  integration_method = "POST" # how Lambda is called
  integration_uri    = var.api_invoke_arn
}

resource "aws_apigatewayv2_route" "this" {
  for_each = toset(local.routes)

  api_id    = aws_apigatewayv2_api.this.id
  route_key = each.key
  target    = "integrations/${aws_apigatewayv2_integration.this.id}"

  # Only $connect can have an authorizer.
  authorization_type = each.key == "$connect" ? local.authorization_type : "NONE"
  authorizer_id      = each.key == "$connect" && local.authorization_type == "CUSTOM" ? aws_apigatewayv2_authorizer.this.id : null

  route_response_selection_expression = each.key == "$default" && var.send_replies ? "$default" : null
}

resource "aws_apigatewayv2_route_response" "default" {
  count = var.send_replies ? 1 : 0

  api_id             = aws_apigatewayv2_api.this.id
  route_id           = aws_apigatewayv2_route.this["$default"].id
  route_response_key = "$default"
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = var.stage_name
  auto_deploy = true

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.access

    content {
      destination_arn = access_log_settings.value.arn
      format          = local.access_log_format
    }
  }

  # If one of the two limits is missing, it counts as 0 and refuses everything. data_trace_enabled would log messages and
  # tokens.
  default_route_settings {
    data_trace_enabled       = false
    detailed_metrics_enabled = true
    logging_level            = "OFF"
    throttling_rate_limit    = var.throttling_rate
    throttling_burst_limit   = var.throttling_burst
  }

  tags = var.tags
}

resource "aws_lambda_permission" "authorizer" {
  statement_id  = "${var.name}-websocket-authorizer"
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer_function_name
  qualifier     = var.authorizer_function_qualifier
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.this.id}"
}

resource "aws_lambda_permission" "api" {
  statement_id  = "${var.name}-websocket-api"
  action        = "lambda:InvokeFunction"
  function_name = var.api_function_name
  qualifier     = var.api_function_qualifier
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/${var.stage_name}/*"
}

# API Gateway has no metric for refused handshakes that is not also one for wrong calls (ClientError), so that has no alarm:
# the authorizer's own metrics count refusals.
resource "aws_cloudwatch_metric_alarm" "server_errors" {
  alarm_name        = "${var.name}-websocket-server-errors"
  alarm_description = "At least 5% of the connections and messages of ${var.name} ended in an error of the function behind it or of the authorizer. In the access log, authStatus and authError are the authorizer's part. https://github.com/cognito-authorizer/cognito-authorizer/blob/main/docs/runbook.md#calls-get-500"

  evaluation_periods  = 2
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 0.05
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "share"
    label       = "Share of errors"
    expression  = "(FILL(integration, 0) + FILL(execution, 0)) / (FILL(connections, 0) + FILL(messages, 0))"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { connections = "ConnectCount", execution = "ExecutionError", integration = "IntegrationError", messages = "MessageCount" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApiGateway"
        metric_name = metric_query.value
        dimensions  = { ApiId = aws_apigatewayv2_api.this.id, Stage = var.stage_name }
        stat        = "Sum"
        period      = 300
      }
    }
  }

  alarm_actions = local.alarm_actions
  ok_actions    = local.alarm_actions

  tags = var.tags
}
