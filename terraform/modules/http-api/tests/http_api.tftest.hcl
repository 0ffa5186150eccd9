# The same promises as for a REST API, and the one trap of an HTTP API: a yes for one route, replayed on all.

mock_provider "aws" {
  mock_resource "aws_apigatewayv2_authorizer" {
    defaults        = { id = "auth01" }
    override_during = plan
  }
  mock_resource "aws_apigatewayv2_api" {
    defaults        = { id = "abc123", execution_arn = "arn:aws:execute-api:eu-west-1:111122223333:abc123", api_endpoint = "https://abc123.execute-api.eu-west-1.amazonaws.com" }
    override_during = plan
  }
}

variables {
  name                     = "example"
  openapi                  = file("tests/contract.yaml")
  api_function_name        = "example-api"
  api_invoke_arn           = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/api/invocations"
  authorizer_function_name = "example-authorizer"
  authorizer_invoke_arn    = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/authorizer/invocations"
  allowed_origins          = ["https://app.example.com"]
}

run "every_route_carries_the_authorizer_unless_the_contract_says_public" {
  command = plan

  assert {
    condition = { for key, route in aws_apigatewayv2_route.this : route.route_key => "${route.authorization_type} ${coalesce(route.authorizer_id, "-")}" } == {
      "GET /health"                     = "NONE -"
      "GET /me"                         = "CUSTOM auth01"
      "GET /users/{username}"           = "CUSTOM auth01"
      "POST /users/{username}/sign-out" = "CUSTOM auth01"
    }
    error_message = "A route is missing, or has not the authorizer that the contract asks for."
  }
}

run "the_authorizer_answers_by_policy_in_format_2_and_is_asked_again_after_five_minutes" {
  command = plan

  assert {
    condition = (
      aws_apigatewayv2_authorizer.this.authorizer_type == "REQUEST"
      && aws_apigatewayv2_authorizer.this.authorizer_payload_format_version == "2.0"
      && !aws_apigatewayv2_authorizer.this.enable_simple_responses
      && aws_apigatewayv2_authorizer.this.identity_sources == toset(["$request.header.Authorization"])
      && aws_apigatewayv2_authorizer.this.authorizer_result_ttl_in_seconds == 300
    )
    error_message = "The authorizer is not the one that was agreed."
  }

  assert {
    condition     = aws_apigatewayv2_integration.this.payload_format_version == "2.0" && aws_apigatewayv2_integration.this.integration_method == "POST"
    error_message = "The function gets events in format 2.0."
  }
}

run "simple_answers_kept_without_the_route_are_refused" {
  command = plan

  variables {
    http_response = "simple"
  }

  expect_failures = [aws_apigatewayv2_authorizer.this]
}

run "simple_answers_kept_by_the_route_are_allowed" {
  command = plan

  variables {
    http_response    = "simple"
    identity_sources = ["$request.header.Authorization", "$context.routeKey"]
  }

  assert {
    condition     = aws_apigatewayv2_authorizer.this.enable_simple_responses
    error_message = "API Gateway is told what form the answer has."
  }
}

# A cache can be turned on later, and nothing would say so here.
run "simple_answers_without_the_route_are_refused_even_without_a_cache" {
  command = plan

  variables {
    http_response      = "simple"
    result_ttl_seconds = 0
  }

  expect_failures = [aws_apigatewayv2_authorizer.this]
}

run "a_contract_bound_to_the_route_is_refused_without_the_route_among_the_sources" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, x-authorizer-caching: route, paths: {/a: {get: {security: [{cognito: []}]}}}}"
  }

  expect_failures = [aws_apigatewayv2_authorizer.this]
}

run "a_contract_bound_to_the_route_goes_with_the_route_among_the_sources" {
  command = plan

  variables {
    openapi          = "{openapi: 3.1.0, x-authorizer-caching: route, paths: {/a: {get: {security: [{cognito: []}]}}}}"
    identity_sources = ["$request.header.Authorization", "$context.routeKey"]
  }

  assert {
    condition     = length(aws_apigatewayv2_route.this) == 1
    error_message = "The contract has one route."
  }
}

run "answers_kept_without_the_token_are_refused" {
  command = plan

  variables {
    identity_sources = ["$context.routeKey"]
  }

  expect_failures = [var.identity_sources]
}

run "a_rest_api_s_spelling_of_a_source_is_refused" {
  command = plan

  variables {
    identity_sources = ["$request.header.Authorization", "context.routeKey"]
  }

  expect_failures = [var.identity_sources]
}

run "browsers_may_send_the_token_from_the_named_origin" {
  command = plan

  assert {
    condition = (
      aws_apigatewayv2_api.this.cors_configuration[0].allow_origins == toset(["https://app.example.com"])
      && aws_apigatewayv2_api.this.cors_configuration[0].allow_headers == toset(["Authorization", "Content-Type"])
      && aws_apigatewayv2_api.this.cors_configuration[0].allow_methods == toset(["GET", "POST"])
      && !aws_apigatewayv2_api.this.cors_configuration[0].allow_credentials
    )
    error_message = "A preflight allows the contract's methods and the Authorization header, by name."
  }
}

run "without_origins_there_is_no_cors" {
  command = plan

  variables {
    allowed_origins = []
  }

  assert {
    condition     = length(aws_apigatewayv2_api.this.cors_configuration) == 0
    error_message = "No page may call an API that names no origin."
  }
}

run "every_origin_with_credentials_is_refused" {
  command = plan

  variables {
    allowed_origins   = ["*"]
    allow_credentials = true
  }

  expect_failures = [var.allow_credentials]
}

run "credentials_with_named_origins_are_allowed" {
  command = plan

  variables {
    allowed_origins   = ["https://app.example.com", "https://admin.example.com"]
    allow_credentials = true
  }

  assert {
    condition     = aws_apigatewayv2_api.this.cors_configuration[0].allow_credentials
    error_message = "API Gateway chooses from the list by itself here."
  }
}

run "an_origin_with_a_slash_at_its_end_is_refused" {
  command = plan

  variables {
    allowed_origins = ["https://app.example.com/"]
  }

  expect_failures = [var.allowed_origins]
}

run "a_ttl_over_an_hour_is_refused" {
  command = plan

  variables {
    result_ttl_seconds = 3601
  }

  expect_failures = [var.result_ttl_seconds]
}

run "a_ttl_of_an_hour_is_the_longest" {
  command = plan

  variables {
    result_ttl_seconds = 3600
  }

  assert {
    condition     = aws_apigatewayv2_authorizer.this.authorizer_result_ttl_in_seconds == 3600
    error_message = "An hour is allowed."
  }
}

# With one of the two limits missing the other counts as 0, and every call is refused.
run "both_limits_of_the_throttle_are_set" {
  command = plan

  assert {
    condition     = aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit == 100 && aws_apigatewayv2_stage.this.default_route_settings[0].throttling_burst_limit == 200
    error_message = "Rate and burst go together."
  }
}

run "only_this_api_may_call_the_two_functions" {
  command = plan

  assert {
    condition     = aws_lambda_permission.authorizer.source_arn == "arn:aws:execute-api:eu-west-1:111122223333:abc123/authorizers/auth01"
    error_message = "The authorizer answers to this authorizer of this API."
  }

  assert {
    condition     = aws_lambda_permission.api.source_arn == "arn:aws:execute-api:eu-west-1:111122223333:abc123/$default/*"
    error_message = "The API's function answers to this stage."
  }
}

run "the_access_log_names_the_caller_and_holds_no_header" {
  command = plan

  assert {
    condition = alltrue([for name in ["extendedRequestId", "principalId", "clientId", "authStatus", "authError"] :
    can(jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format)[name])])
    error_message = "The access log tells who called and what the authorizer said."
  }

  assert {
    condition     = !can(regex("header|querystring|userAgent", aws_apigatewayv2_stage.this.access_log_settings[0].format))
    error_message = "The access log holds nothing that a token could be in."
  }
}
