# The same guarantees as for a REST API, and the one risk that only an HTTP API has: a yes for one route that is used for all.

mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name                     = "example"
  contract                 = file("../../tests/contract.json")
  api_function_name        = "example-api"
  api_invoke_arn           = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/api/invocations"
  authorizer_function_name = "example-authorizer"
  authorizer_invoke_arn    = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/authorizer/invocations"
  cors                     = { allowed_origins = ["https://app.example.com"] }
}

run "every_route_that_needs_a_token_has_the_authorizer" {
  command = plan

  assert {
    condition = { for key, route in aws_apigatewayv2_route.this : route.route_key => "${route.authorization_type} ${coalesce(route.authorizer_id, "-")}" } == {
      "GET /health"                     = "NONE -"
      "GET /me"                         = "CUSTOM auth01"
      "GET /reports"                    = "AWS_IAM -"
      "GET /users/{username}"           = "CUSTOM auth01"
      "POST /users/{username}/sign-out" = "CUSTOM auth01"
    }
    error_message = "A route is missing, or does not have the authorizer that the contract asks for."
  }
}

run "the_authorizer_returns_a_policy_in_format_2_that_is_cached_for_five_minutes" {
  command = plan

  assert {
    condition = (
      aws_apigatewayv2_authorizer.this.authorizer_type == "REQUEST"
      && aws_apigatewayv2_authorizer.this.authorizer_payload_format_version == "2.0"
      && !aws_apigatewayv2_authorizer.this.enable_simple_responses
      && aws_apigatewayv2_authorizer.this.identity_sources == toset(["$request.header.Authorization"])
      && aws_apigatewayv2_authorizer.this.authorizer_result_ttl_in_seconds == 300
    )
    error_message = "The authorizer is not the expected one."
  }

  assert {
    condition     = aws_apigatewayv2_integration.this.payload_format_version == "2.0" && aws_apigatewayv2_integration.this.integration_method == "POST"
    error_message = "The function gets events in format 2.0."
  }
}

run "simple_results_cached_without_the_route_are_refused" {
  command = plan

  variables {
    http_response = "simple"
  }

  expect_failures = [aws_apigatewayv2_authorizer.this]
}

run "simple_results_cached_by_the_route_are_accepted" {
  command = plan

  variables {
    http_response    = "simple"
    identity_sources = ["$request.header.Authorization", "$context.routeKey"]
  }

  assert {
    condition     = aws_apigatewayv2_authorizer.this.enable_simple_responses
    error_message = "API Gateway must know the form of the result."
  }
}

# A cache can be turned on later, and nothing here would notice.
run "simple_results_without_the_route_are_refused_even_without_a_cache" {
  command = plan

  variables {
    http_response      = "simple"
    result_ttl_seconds = 0
  }

  expect_failures = [aws_apigatewayv2_authorizer.this]
}

run "a_per_route_contract_is_refused_without_the_route_in_the_cache_key" {
  command = plan

  variables {
    contract = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "route" }, paths = { "/a" = { get = { "x-authorizer-rule" = { access = "token" } } } } })
  }

  expect_failures = [aws_apigatewayv2_authorizer.this]
}

run "a_per_route_contract_is_accepted_with_the_route_in_the_cache_key" {
  command = plan

  variables {
    contract         = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "route" }, paths = { "/a" = { get = { "x-authorizer-rule" = { access = "token" } } } } })
    identity_sources = ["$request.header.Authorization", "$context.routeKey"]
  }

  assert {
    condition     = length(aws_apigatewayv2_route.this) == 1
    error_message = "The contract has one route."
  }
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
    cors = {}
  }

  assert {
    condition     = length(aws_apigatewayv2_api.this.cors_configuration) == 0
    error_message = "No page of another origin may call the API."
  }
}

run "credentials_with_named_origins_are_allowed" {
  command = plan

  variables {
    cors = { allowed_origins = ["https://app.example.com", "https://admin.example.com"], allow_credentials = true }
  }

  assert {
    condition     = aws_apigatewayv2_api.this.cors_configuration[0].allow_credentials
    error_message = "An HTTP API chooses from the list by itself."
  }
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

# If one of the two limits is missing, it counts as 0 and every call is refused.
run "both_throttling_limits_are_set" {
  command = plan

  assert {
    condition     = aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit == 100 && aws_apigatewayv2_stage.this.default_route_settings[0].throttling_burst_limit == 200
    error_message = "Rate and burst go together."
  }
}

run "only_this_api_may_call_the_two_functions" {
  command = plan

  assert {
    condition     = aws_lambda_permission.authorizer.source_arn == "arn:aws:execute-api:eu-west-1:111122223333:def456/authorizers/auth01"
    error_message = "Only this authorizer of this API may call the function."
  }

  assert {
    condition     = aws_lambda_permission.api.source_arn == "arn:aws:execute-api:eu-west-1:111122223333:def456/$default/*"
    error_message = "Only this stage may call the function."
  }
}

run "the_access_log_names_the_caller_and_contains_no_header" {
  command = plan

  assert {
    condition = alltrue([for name in ["extendedRequestId", "principalId", "clientId", "groups", "scopes", "tokenExpiresAt", "decisionId", "authStatus", "authError", "authRequestId"] :
    can(jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format)[name])])
    error_message = "The access log must name the caller and the result of the authorizer."
  }

  assert {
    condition     = !can(regex("header|querystring|userAgent", aws_apigatewayv2_stage.this.access_log_settings[0].format))
    error_message = "The access log must contain nothing that can hold a token."
  }
}

run "a_domain_with_mutual_tls_is_the_only_way_in" {
  command = plan

  variables {
    domain                       = { name = "api.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/a", mutual_tls = { truststore_uri = "s3://truststore/ca.pem" } }
    disable_execute_api_endpoint = true
  }

  assert {
    condition = (
      aws_apigatewayv2_domain_name.this[0].mutual_tls_authentication[0].truststore_uri == "s3://truststore/ca.pem" && aws_apigatewayv2_api.this.disable_execute_api_endpoint
      && output.url == "https://api.example.com" && output.origin == { host = "api.example.com", path = "" }
    )
    error_message = "Callers use the domain, and must present a certificate there."
  }
}

run "an_operation_that_needs_an_api_key_is_refused" {
  command = plan

  variables {
    contract = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/a" = { get = { "x-authorizer-rule" = { access = "token", api_key = true } } } } })
  }

  expect_failures = [aws_apigatewayv2_api.this]
}

run "an_extension_without_effect_is_refused" {
  command = plan

  variables {
    contract = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/a" = { get = { "x-authorizer-rule" = { access = "token" }, "x-amazon-apigateway-request-validator" = "all" } } } })
  }

  expect_failures = [aws_apigatewayv2_api.this]
}

run "a_route_for_any_method_has_the_authorizer" {
  command = plan

  variables {
    contract = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/{proxy+}" = { "x-amazon-apigateway-any-method" = { "x-authorizer-rule" = { access = "token" } } } } })
  }

  assert {
    condition     = aws_apigatewayv2_route.this["ANY /{proxy+}"].authorization_type == "CUSTOM" && aws_apigatewayv2_api.this.cors_configuration[0].allow_methods == toset(["*"])
    error_message = "ANY covers every method."
  }
}

# Each variable below is refused. They share runs, since each run loads the provider again, which takes most of the time.

run "refused_1" {
  command = plan

  variables {
    # a cache key without the token is refused
    identity_sources = ["$context.routeKey"]

    # a ttl over an hour is refused
    result_ttl_seconds = 3601

    # mutual tls that the default host name bypasses is refused
    domain = { name = "api.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/a", mutual_tls = { truststore_uri = "s3://truststore/ca.pem" } }
  }

  expect_failures = [var.identity_sources, var.result_ttl_seconds, var.disable_execute_api_endpoint]
}

run "refused_2" {
  command = plan

  variables {
    # the syntax of a rest api s identity source is refused
    identity_sources = ["$request.header.Authorization", "context.routeKey"]
  }

  expect_failures = [var.identity_sources]
}

run "simple_results_of_a_route_with_owners_are_refused" {
  command = plan

  variables {
    contract         = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/c/{id}" = { get = { "x-authorizer-rule" = { access = "token", any_of = [{ owners = { sub = ["id"] } }] } } } } })
    http_response    = "simple"
    identity_sources = ["$request.header.Authorization", "$context.routeKey"]
  }

  expect_failures = [aws_apigatewayv2_authorizer.this]
}

run "simple_results_of_a_route_with_owners_may_be_cached_by_path" {
  command = plan

  variables {
    contract         = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/c/{id}" = { get = { "x-authorizer-rule" = { access = "token", any_of = [{ owners = { sub = ["id"] } }] } } } } })
    http_response    = "simple-per-path"
    identity_sources = ["$request.header.Authorization", "$context.routeKey", "$context.path"]
  }

  assert {
    condition     = aws_apigatewayv2_authorizer.this.enable_simple_responses
    error_message = "With the path in the cache key a yes holds for one item."
  }
}

run "simple_results_of_a_route_with_owners_may_be_asked_for_each_time" {
  command = plan

  variables {
    contract           = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/c/{id}" = { get = { "x-authorizer-rule" = { access = "token", any_of = [{ owners = { sub = ["id"] } }] } } } } })
    http_response      = "simple-per-path"
    identity_sources   = ["$request.header.Authorization", "$context.routeKey"]
    result_ttl_seconds = 0
  }

  assert {
    condition     = aws_apigatewayv2_authorizer.this.authorizer_result_ttl_in_seconds == 0
    error_message = "Without a cache a yes is for one call."
  }
}

run "results_per_path_cached_without_the_path_are_refused" {
  command = plan

  variables {
    http_response    = "simple-per-path"
    identity_sources = ["$request.header.Authorization", "$context.routeKey"]
  }

  expect_failures = [aws_apigatewayv2_authorizer.this]
}
