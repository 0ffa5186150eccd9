module "contract" {
  source = "../contract"

  json = var.contract
}

module "cors" {
  source = "../cors"

  cors = var.cors
}

locals {
  alarm_actions = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]

  authorization_types = { public = "NONE", token = "CUSTOM", iam = "AWS_IAM" }

  with_api_key    = [for route, operation in module.contract.operations : route if operation.api_key]
  with_extensions = [for route, operation in module.contract.operations : "${route} (${join(", ", keys(operation.extensions))})" if length(operation.extensions) > 0]
}

resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  protocol_type = "HTTP"

  disable_execute_api_endpoint = var.disable_execute_api_endpoint

  # API Gateway answers preflight requests itself, without a token, and its headers replace the function's own.
  dynamic "cors_configuration" {
    for_each = length(module.cors.cors.allowed_origins) > 0 ? [module.cors.cors] : []

    content {
      allow_origins     = cors_configuration.value.allowed_origins
      allow_methods     = contains(flatten(values(module.contract.verbs)), "ANY") ? ["*"] : sort(distinct(flatten(values(module.contract.verbs))))
      allow_headers     = cors_configuration.value.allowed_headers
      expose_headers    = ["WWW-Authenticate"]
      allow_credentials = cors_configuration.value.allow_credentials
      max_age           = 600
    }
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = length(local.with_api_key) == 0
      error_message = "HTTP APIs have no API keys, and the contract requires x-api-key for ${join(", ", local.with_api_key)}. Use the module rest-api (api_type = \"rest\"), or remove the key from the contract."
    }

    precondition {
      condition     = length(local.with_extensions) == 0
      error_message = "These extensions would have no effect in an HTTP API: ${join("; ", local.with_extensions)}. Use the module rest-api (api_type = \"rest\"), or remove them from the contract."
    }

    precondition {
      condition     = length(module.contract.extensions) == 0
      error_message = "These extensions would have no effect in an HTTP API: ${join(", ", keys(module.contract.extensions))}. Use the module rest-api (api_type = \"rest\"), or remove them from the contract."
    }
  }
}

resource "aws_apigatewayv2_authorizer" "this" {
  api_id          = aws_apigatewayv2_api.this.id
  name            = "${var.name}-authorizer"
  authorizer_type = "REQUEST" # the only type of Lambda authorizer that an HTTP API has
  authorizer_uri  = var.authorizer_invoke_arn

  authorizer_payload_format_version = "2.0"
  authorizer_result_ttl_in_seconds  = var.result_ttl_seconds
  enable_simple_responses           = var.http_response != "policy"
  identity_sources                  = var.identity_sources

  lifecycle {
    # A yes or no is valid for the route of the call. Without the route in the cache key it would be used for all others.
    precondition {
      condition     = var.http_response == "policy" || contains(var.identity_sources, "$context.routeKey")
      error_message = "http_response = \"${var.http_response}\" needs \"$context.routeKey\" in identity_sources: write [\"$request.header.Authorization\", \"$context.routeKey\"]."
    }

    # A yes or no to one item would be used for every other item of the route.
    precondition {
      condition     = var.http_response != "simple" || length(module.contract.owned) == 0
      error_message = "http_response = \"simple\" is a yes or no for a whole route, and ${join(", ", module.contract.owned)} is open for the caller's own items only. Write http_response = \"policy\", or \"simple-per-path\" with \"$context.path\" in identity_sources or result_ttl_seconds = 0."
    }

    precondition {
      condition     = var.http_response != "simple-per-path" || var.result_ttl_seconds == 0 || contains(var.identity_sources, "$context.path")
      error_message = "http_response = \"simple-per-path\" is a yes or no for one path, and would be used for all others: add \"$context.path\" to identity_sources, or write result_ttl_seconds = 0."
    }

    precondition {
      condition     = !module.contract.per_route || var.result_ttl_seconds == 0 || contains(var.identity_sources, "$context.routeKey")
      error_message = "The contract says x-authorizer-caching: route, so a result may be reused for the same route only. Add \"$context.routeKey\" to identity_sources, or write result_ttl_seconds = 0."
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
  for_each = { for route, operation in module.contract.operations : route => operation.access }

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.this.id}"
  authorization_type = local.authorization_types[each.value]
  authorizer_id      = each.value == "token" ? aws_apigatewayv2_authorizer.this.id : null
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = local.access_log_format
  }

  # If one of the two is missing, it counts as 0 and refuses every call.
  default_route_settings {
    detailed_metrics_enabled = true
    throttling_rate_limit    = var.throttling_rate
    throttling_burst_limit   = var.throttling_burst
  }

  tags = var.tags
}

resource "aws_lambda_permission" "authorizer" {
  statement_id  = "${var.name}-http-authorizer"
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer_function_name
  qualifier     = var.authorizer_function_qualifier
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.this.id}"
}

resource "aws_lambda_permission" "api" {
  statement_id  = "${var.name}-http-api"
  action        = "lambda:InvokeFunction"
  function_name = var.api_function_name
  qualifier     = var.api_function_qualifier
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/$default/*"
}

resource "aws_cloudwatch_metric_alarm" "server_errors" {
  alarm_name        = "${var.name}-http-server-errors"
  alarm_description = "At least 5% of the calls to ${var.name} were answered with 500 or above. In the access log, authStatus and authError are the authorizer's part. https://github.com/cognito-authorizer/cognito-authorizer/blob/main/docs/runbook.md#calls-get-500"

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
