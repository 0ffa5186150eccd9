# The handshake is the only thing that is authorized, so these tests pin that it is, and that nothing that can hold a token is
# logged.

mock_provider "aws" {
  source = "../../tests/mocks"

  # What API Gateway returns for this protocol.
  mock_resource "aws_apigatewayv2_api" {
    defaults = {
      id            = "def456"
      execution_arn = "arn:aws:execute-api:eu-west-1:111122223333:def456"
      api_endpoint  = "wss://def456.execute-api.eu-west-1.amazonaws.com"
    }
    override_during = plan
  }
}

variables {
  name                     = "example"
  contract                 = file("../../tests/contract.json")
  api_function_name        = "example-chat"
  api_invoke_arn           = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/chat/invocations"
  authorizer_function_name = "example-authorizer"
  authorizer_invoke_arn    = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/authorizer/invocations"
}

run "the_handshake_has_the_authorizer" {
  command = plan

  assert {
    condition = { for key, route in aws_apigatewayv2_route.this : route.route_key => "${route.authorization_type} ${coalesce(route.authorizer_id, "-")}" } == {
      "$connect"    = "CUSTOM auth01"
      "$default"    = "NONE -"
      "$disconnect" = "NONE -"
    }
    error_message = "$connect is the only route that can have an authorizer, and must have it."
  }

  assert {
    condition = (
      aws_apigatewayv2_authorizer.this.authorizer_type == "REQUEST"
      && aws_apigatewayv2_authorizer.this.authorizer_uri == var.authorizer_invoke_arn
      && aws_apigatewayv2_authorizer.this.identity_sources == toset(["route.request.header.Sec-WebSocket-Protocol"])
    )
    error_message = "The token comes as a sub-protocol, as browsers can send it."
  }

  assert {
    condition     = aws_apigatewayv2_integration.this.integration_type == "AWS_PROXY" && aws_apigatewayv2_integration.this.integration_method == "POST"
    error_message = "The function gets the events as they are."
  }
}

run "a_contract_that_opens_connect_to_everybody_needs_no_authorizer" {
  command = plan

  variables {
    contract = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage", connect = { access = "public" } }, paths = { "/a" = { get = { "x-authorizer-rule" = { access = "public" } } } } })
  }

  assert {
    condition     = aws_apigatewayv2_route.this["$connect"].authorization_type == "NONE" && aws_apigatewayv2_route.this["$connect"].authorizer_id == null
    error_message = "A public $connect has no authorizer."
  }
}

run "a_contract_without_a_rule_for_connect_is_refused" {
  command = plan

  variables {
    contract = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/a" = { get = { "x-authorizer-rule" = { access = "token" } } } } })
  }

  expect_failures = [aws_apigatewayv2_api.this]
}

run "what_the_function_returns_for_a_message_is_sent" {
  command = plan

  assert {
    condition = (
      [for key, route in aws_apigatewayv2_route.this : "${key} ${route.route_response_selection_expression}" if route.route_response_selection_expression != null] == ["$default $default"]
      && length(aws_apigatewayv2_route_response.default) == 1
    )
    error_message = "$default is a two-way route."
  }
}

run "replies_can_be_left_to_the_management_api" {
  command = plan

  variables {
    send_replies = false
  }

  assert {
    condition     = aws_apigatewayv2_route.this["$default"].route_response_selection_expression == null && length(aws_apigatewayv2_route_response.default) == 0
    error_message = "$default is a one-way route."
  }
}

run "only_this_api_may_call_the_two_functions" {
  command = plan

  assert {
    condition     = aws_lambda_permission.authorizer.source_arn == "arn:aws:execute-api:eu-west-1:111122223333:def456/authorizers/auth01"
    error_message = "Only this authorizer of this API may call the function."
  }

  assert {
    condition     = aws_lambda_permission.api.source_arn == "arn:aws:execute-api:eu-west-1:111122223333:def456/prod/*"
    error_message = "Only this stage may call the function."
  }
}

run "the_outputs_are_what_clients_and_backends_need" {
  command = plan

  assert {
    condition = (
      output.url == "wss://def456.execute-api.eu-west-1.amazonaws.com/prod"
      && output.management_url == "https://def456.execute-api.eu-west-1.amazonaws.com/prod"
      && output.manage_connections_arns["DELETE"] == "arn:aws:execute-api:eu-west-1:111122223333:def456/prod/DELETE/@connections/*"
    )
    error_message = "Clients use wss, backends https."
  }
}

run "a_domain_can_be_the_only_way_in" {
  command = plan

  variables {
    domain                       = { name = "chat.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/a", base_path = "live" }
    disable_execute_api_endpoint = true
  }

  assert {
    condition     = output.url == "wss://chat.example.com/live" && output.management_url == "https://chat.example.com/live" && aws_apigatewayv2_api.this.disable_execute_api_endpoint
    error_message = "Clients and backends use the domain."
  }
}

run "the_access_log_names_the_caller_and_contains_no_header_and_no_message" {
  command = plan

  assert {
    condition = alltrue([for name in ["connectionId", "eventType", "principalId", "clientId", "tokenExpiresAt", "authStatus", "authError", "authRequestId"] :
    can(jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format)[name])])
    error_message = "The access log must name the connection, the caller and the result of the authorizer."
  }

  assert {
    condition     = !can(regex("header|querystring|userAgent|disconnectReason", aws_apigatewayv2_stage.this.access_log_settings[0].format))
    error_message = "The access log must contain nothing that can hold a token."
  }

  assert {
    condition     = !aws_apigatewayv2_stage.this.default_route_settings[0].data_trace_enabled && aws_apigatewayv2_stage.this.default_route_settings[0].logging_level == "OFF"
    error_message = "Execution logs would hold headers and messages."
  }
}

run "without_an_access_log_no_log_role_is_needed" {
  command = plan

  variables {
    access_log = false
  }

  assert {
    condition     = length(aws_apigatewayv2_stage.this.access_log_settings) == 0 && length(aws_cloudwatch_log_group.access) == 0 && output.access_log_group == null
    error_message = "There is no access log."
  }
}

# If one of the two limits is missing, it counts as 0 and everything is refused.
run "both_throttling_limits_are_set" {
  command = plan

  assert {
    condition     = aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit == 100 && aws_apigatewayv2_stage.this.default_route_settings[0].throttling_burst_limit == 200
    error_message = "Rate and burst go together."
  }
}

# Each variable below is refused. They share runs, since each run loads the provider again, which takes most of the time.

run "refused_1" {
  command = plan

  variables {
    # a place where the authorizer does not look for a token
    identity_source = "route.request.header.Auth"

    stage_name                   = "a/b"
    route_selection_expression   = "action"
    disable_execute_api_endpoint = true
    throttling_rate              = 0
    throttling_burst             = 0
  }

  expect_failures = [
    var.identity_source, var.stage_name, var.route_selection_expression, var.disable_execute_api_endpoint, var.throttling_rate,
    var.throttling_burst,
  ]
}

run "refused_2" {
  command = plan

  variables {
    # the syntax of a REST API's identity source, and the URL in place of the name of a domain
    identity_source = "method.request.header.Authorization"
    domain          = { name = "wss://chat.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/a", base_path = "/live" }
  }

  expect_failures = [var.identity_source, var.domain]
}
