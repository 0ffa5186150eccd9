data "aws_partition" "current" {}

# The region of the provider, read without a call to AWS.
data "aws_service" "execute_api" {
  service_id = "execute-api"
}

module "contract" {
  source = "../contract"

  json = var.contract
}

locals {
  region        = data.aws_service.execute_api.region
  execution_arn = aws_api_gateway_rest_api.this.execution_arn
  alarm_actions = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
}

# The whole API is in its document: methods, the authorizer, preflight and gateway responses. An import removes what is not
# in the document, including gateway responses that are resources of their own.
resource "aws_api_gateway_rest_api" "this" {
  name = var.name
  body = local.body

  put_rest_api_mode            = "overwrite"
  fail_on_warnings             = true # otherwise API Gateway drops what it does not understand without a word
  disable_execute_api_endpoint = var.disable_execute_api_endpoint

  endpoint_configuration {
    types            = [var.endpoint_type]
    vpc_endpoint_ids = var.endpoint_type == "PRIVATE" ? var.vpc_endpoint_ids : null
  }

  tags = var.tags

  lifecycle {
    # A result would be used on routes for which it was not made.
    precondition {
      condition     = !module.contract.per_route || var.result_ttl_seconds == 0 || length(setsubtract(["context.httpMethod", "context.resourcePath"], local.identity_sources)) == 0
      error_message = "The contract says x-authorizer-caching: route, so a result may be reused for the same route only. Write authorizer_type = \"REQUEST\" and add \"context.httpMethod\" and \"context.resourcePath\" to identity_sources, or write result_ttl_seconds = 0."
    }

    # An Allow in a resource policy overrides the absence of an Allow in the authorizer's policy.
    precondition {
      condition     = !local.allows || length(module.contract.implicit_denials) == 0
      error_message = "The resource policy allows calls, and would open ${join(", ", module.contract.implicit_denials)} to callers whom the authorizer refuses only by not allowing them. Use Deny statements alone in resource_policy, a REGIONAL endpoint, or rules without claim values for these routes."
    }

    precondition {
      condition     = var.protected_resource == null || !contains(keys(module.contract.verbs), local.metadata_path)
      error_message = "The contract has ${local.metadata_path} itself: remove it there, or remove protected_resource."
    }

    precondition {
      condition     = length(local.with_api_key) == 0 || length(var.usage_plans) > 0
      error_message = "The contract requires x-api-key for ${join(", ", local.with_api_key)}, and no key would be valid without a usage plan: set usage_plans."
    }

    precondition {
      condition     = length(var.usage_plans) == 0 || length(local.with_api_key) > 0
      error_message = "usage_plans has no effect: no operation of the contract requires an API key. Add a scheme {type: apiKey, in: header, name: x-api-key} to the operations' security beside the token, or remove usage_plans."
    }
  }
}

# A change of the document reaches callers only by a new deployment.
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

  # The functions must be callable before the API is, and the role that writes the log must exist before the stage.
  depends_on = [aws_api_gateway_account.this, aws_lambda_permission.api, aws_lambda_permission.authorizer]
}

# tfsec:ignore:aws-api-gateway-enable-cache a response belongs to its caller: another must not get it
resource "aws_api_gateway_method_settings" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    throttling_rate_limit  = var.throttling_rate
    throttling_burst_limit = var.throttling_burst
    logging_level          = "OFF"
    data_trace_enabled     = false # it would log headers and bodies, including tokens
  }
}

# The import creates the authorizer, and its id is not known here.
resource "aws_lambda_permission" "authorizer" {
  statement_id  = "${var.name}-rest-authorizer"
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer_function_name
  qualifier     = var.authorizer_function_qualifier
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${local.execution_arn}/authorizers/*"
}

resource "aws_lambda_permission" "api" {
  statement_id  = "${var.name}-rest-api"
  action        = "lambda:InvokeFunction"
  function_name = var.api_function_name
  qualifier     = var.api_function_qualifier
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${local.execution_arn}/${var.stage_name}/*"
}

resource "aws_wafv2_web_acl_association" "this" {
  count = var.web_acl_arn == null ? 0 : 1

  resource_arn = aws_api_gateway_stage.this.arn
  web_acl_arn  = var.web_acl_arn
}

resource "aws_cloudwatch_metric_alarm" "server_errors" {
  alarm_name        = "${var.name}-rest-server-errors"
  alarm_description = "At least 5% of the calls to ${var.name} were answered with 500 or above. In the access log, authStatus and authError are the authorizer's part. https://github.com/cognito-authorizer/cognito-authorizer/blob/main/docs/runbook.md#calls-get-500"

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
