# What API Gateway imports is read back here as it is sent: an operation without its authorizer is public, and no diff shows it.

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

run "every_operation_that_needs_a_token_has_the_authorizer" {
  command = plan

  assert {
    condition = {
      for route in flatten([for path, item in jsondecode(output.document).paths : [for verb, operation in item : "${verb} ${path}" if verb != "options"]]) :
      route => try(jsondecode(output.document).paths[split(" ", route)[1]][split(" ", route)[0]].security, null)
      } == {
      "get /health"                     = null
      "get /me"                         = [{ authorizer = [] }]
      "get /reports"                    = [{ iam = [] }]
      "get /users/{username}"           = [{ authorizer = [] }]
      "post /users/{username}/sign-out" = [{ authorizer = [] }]
    }
    error_message = "An operation is missing, or does not have the authorizer that the contract asks for."
  }

  assert {
    condition     = aws_api_gateway_rest_api.this.body == output.document && aws_api_gateway_rest_api.this.put_rest_api_mode == "overwrite" && aws_api_gateway_rest_api.this.fail_on_warnings
    error_message = "What is tested here is what is sent, and API Gateway must not ignore a part of it."
  }
}

run "the_document_is_one_that_api_gateway_imports" {
  command = plan

  assert {
    condition     = jsondecode(output.document).openapi == "3.0.1"
    error_message = "API Gateway imports OpenAPI 3.0."
  }

  assert {
    condition     = !strcontains(output.document, "$ref")
    error_message = "Schemas of the contract do not belong here."
  }

  assert {
    condition = jsondecode(output.document).paths["/users/{username}/sign-out"].post["x-amazon-apigateway-integration"] == {
      type       = "aws_proxy", passthroughBehavior = "when_no_match"
      httpMethod = "POST", uri = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/api/invocations"
    }
    error_message = "Every operation is integrated with the function."
  }

  assert {
    condition     = jsondecode(output.document).paths["/users/{username}"].get.parameters == [{ name = "username", in = "path", required = true, schema = { type = "string" } }]
    error_message = "A path's parameters are declared."
  }
}

run "a_result_is_cached_for_five_minutes_by_the_token" {
  command = plan

  assert {
    condition = jsondecode(output.document).components.securitySchemes.authorizer == {
      type                           = "apiKey", in = "header", name = "Authorization"
      "x-amazon-apigateway-authtype" = "custom"
      "x-amazon-apigateway-authorizer" = {
        type                         = "token"
        authorizerUri                = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/authorizer/invocations"
        authorizerResultTtlInSeconds = 300
        identitySource               = "method.request.header.Authorization"
        identityValidationExpression = "^[Bb][Ee][Aa][Rr][Ee][Rr] +[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$"
      }
    }
    error_message = "The authorizer is not the expected one."
  }
}

run "a_request_authorizer_has_no_validation_expression" {
  command = plan

  variables {
    authorizer_type = "REQUEST"
  }

  assert {
    condition = jsondecode(output.document).components.securitySchemes.authorizer["x-amazon-apigateway-authorizer"] == {
      type                         = "request"
      authorizerUri                = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/authorizer/invocations"
      authorizerResultTtlInSeconds = 300
      identitySource               = "method.request.header.Authorization"
    }
    error_message = "API Gateway accepts the expression for TOKEN only."
  }
}

run "data_trace_logging_is_off_and_the_access_log_names_the_caller" {
  command = plan

  assert {
    condition     = !aws_api_gateway_method_settings.this.settings[0].data_trace_enabled && aws_api_gateway_method_settings.this.settings[0].logging_level == "OFF" && aws_api_gateway_method_settings.this.method_path == "*/*"
    error_message = "Data trace logging writes tokens into a log."
  }

  assert {
    condition = alltrue([for name in ["extendedRequestId", "principalId", "clientId", "groups", "scopes", "tokenExpiresAt", "decisionId", "authStatus", "authError", "authRequestId", "errorType"] :
    can(jsondecode(aws_api_gateway_stage.this.access_log_settings[0].format)[name])])
    error_message = "The access log must name the caller and the result of the authorizer."
  }

  assert {
    condition     = !can(regex("header|querystring|messageString|userAgent", aws_api_gateway_stage.this.access_log_settings[0].format))
    error_message = "The access log must contain nothing that can hold a token."
  }

  assert {
    condition     = aws_api_gateway_method_settings.this.settings[0].throttling_rate_limit == 100 && aws_api_gateway_method_settings.this.settings[0].throttling_burst_limit == 200
    error_message = "The stage is throttled."
  }
}

run "every_change_of_the_document_makes_a_deployment" {
  command = plan

  assert {
    condition     = aws_api_gateway_deployment.this.triggers == tomap({ body = sha256(output.document) })
    error_message = "Operations, the authorizer, preflight and gateway responses are all in the document."
  }
}

run "only_this_api_may_call_the_two_functions" {
  command = plan

  override_resource {
    target          = aws_api_gateway_rest_api.this
    values          = { id = "abc123", execution_arn = "arn:aws:execute-api:eu-west-1:111122223333:abc123" }
    override_during = plan
  }

  assert {
    condition     = output.origin == { host = "abc123.execute-api.eu-west-1.amazonaws.com", path = "/prod" }
    error_message = "A CDN reaches the API at its host, under its stage."
  }

  assert {
    condition     = aws_lambda_permission.authorizer.source_arn == "arn:aws:execute-api:eu-west-1:111122223333:abc123/authorizers/*" && aws_lambda_permission.authorizer.function_name == "example-authorizer"
    error_message = "Only authorizers of this API may call the function."
  }

  assert {
    condition     = aws_lambda_permission.api.source_arn == "arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/*" && aws_lambda_permission.api.function_name == "example-api"
    error_message = "Only this stage may call the function."
  }
}

run "a_ttl_of_an_hour_is_the_longest" {
  command = plan

  variables {
    result_ttl_seconds = 3600
  }

  assert {
    condition     = strcontains(output.document, "\"authorizerResultTtlInSeconds\":3600")
    error_message = "An hour is allowed."
  }
}

run "a_ttl_of_zero_is_sent" {
  command = plan

  variables {
    result_ttl_seconds = 0
  }

  assert {
    condition     = strcontains(output.document, "\"authorizerResultTtlInSeconds\":0,")
    error_message = "Without it API Gateway would use 300."
  }
}

run "a_per_route_contract_is_refused_with_a_token_authorizer" {
  command = plan

  variables {
    contract = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "route" }, paths = { "/a" = { get = { "x-authorizer-rule" = { access = "token" } } } } })
  }

  expect_failures = [aws_api_gateway_rest_api.this]
}

run "a_per_route_contract_needs_method_and_path_in_the_cache_key" {
  command = plan

  variables {
    contract         = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "route" }, paths = { "/a" = { get = { "x-authorizer-rule" = { access = "token" } } } } })
    authorizer_type  = "REQUEST"
    identity_sources = ["method.request.header.Authorization", "context.resourcePath"]
  }

  expect_failures = [aws_api_gateway_rest_api.this]
}

run "a_per_route_contract_is_accepted_with_the_route_in_the_cache_key" {
  command = plan

  variables {
    contract         = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "route" }, paths = { "/a" = { get = { "x-authorizer-rule" = { access = "token" } } } } })
    authorizer_type  = "REQUEST"
    identity_sources = ["method.request.header.Authorization", "context.httpMethod", "context.resourcePath"]
  }

  assert {
    condition     = strcontains(output.document, "\"identitySource\":\"method.request.header.Authorization, context.httpMethod, context.resourcePath\"")
    error_message = "A result is cached by token, method and path."
  }
}

run "a_per_route_contract_is_accepted_without_a_cache" {
  command = plan

  variables {
    contract           = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "route" }, paths = { "/a" = { get = { "x-authorizer-rule" = { access = "token" } } } } })
    result_ttl_seconds = 0
  }

  assert {
    condition     = strcontains(output.document, "\"type\":\"token\"")
    error_message = "Without a cache no result is reused."
  }
}

run "a_greedy_parameter_is_declared_without_its_plus" {
  command = plan

  variables {
    contract = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/files/{owner}/{name+}" = { get = { "x-authorizer-rule" = { access = "token" } } } } })
  }

  assert {
    condition     = [for parameter in jsondecode(output.document).paths["/files/{owner}/{name+}"].get.parameters : parameter.name] == ["owner", "name"]
    error_message = "The parameter of {name+} is named name."
  }
}

run "the_account_s_log_role_is_not_touched_by_default" {
  command = plan

  assert {
    condition     = length(aws_api_gateway_account.this) == 0 && length(aws_iam_role.account) == 0
    error_message = "One role serves the whole account: another stack may have set it."
  }
}

run "the_account_s_log_role_is_set_on_request" {
  command = plan

  variables {
    manage_account_logging = true
  }

  assert {
    condition     = length(aws_api_gateway_account.this) == 1 && aws_iam_role_policy_attachment.account[0].policy_arn == "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    error_message = "API Gateway gets AWS's own policy for this, and nothing more."
  }
}

run "a_stage_name_with_a_hyphen_is_accepted" {
  command = plan

  variables {
    stage_name = "pre-prod"
  }

  assert {
    condition     = aws_api_gateway_stage.this.stage_name == "pre-prod"
    error_message = "API Gateway allows hyphens."
  }
}

run "a_route_for_any_method_and_its_extensions_are_imported" {
  command = plan

  variables {
    contract = jsonencode({
      openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, "x-amazon-apigateway-binary-media-types" = ["image/png"]
      paths   = { "/a" = { "x-amazon-apigateway-any-method" = { "x-authorizer-rule" = { access = "token" }, "x-amazon-apigateway-request-validator" = "all" } } }
    })
    binary_media_types = ["application/pdf"]
  }

  assert {
    condition = (
      jsondecode(output.document).paths["/a"]["x-amazon-apigateway-any-method"].security == [{ authorizer = [] }]
      && jsondecode(output.document).paths["/a"]["x-amazon-apigateway-any-method"]["x-amazon-apigateway-request-validator"] == "all"
      && jsondecode(output.document)["x-amazon-apigateway-binary-media-types"] == ["image/png", "application/pdf"]
    )
    error_message = "Extensions that API Gateway acts on must reach it."
  }
}

run "an_own_gateway_response_replaces_ours_and_keeps_cors" {
  command = plan

  variables {
    gateway_responses = {
      ACCESS_DENIED = { templates = { "application/json" = "{\"message\":\"no\"}" } }
      THROTTLED     = { headers = { "Retry-After" = "1" } }
    }
  }

  assert {
    condition = (
      jsondecode(output.document)["x-amazon-apigateway-gateway-responses"].ACCESS_DENIED.responseTemplates == { "application/json" = "{\"message\":\"no\"}" }
      && jsondecode(output.document)["x-amazon-apigateway-gateway-responses"].THROTTLED.responseParameters["gatewayresponse.header.Retry-After"] == "'1'"
      && jsondecode(output.document)["x-amazon-apigateway-gateway-responses"].THROTTLED.responseParameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'https://app.example.com'"
      && jsondecode(output.document)["x-amazon-apigateway-gateway-responses"].UNAUTHORIZED.responseParameters["gatewayresponse.header.WWW-Authenticate"] == "'Bearer error=\"invalid_token\"'"
    )
    error_message = "A browser must be able to read every response."
  }
}

run "a_domain_with_mutual_tls_is_the_only_way_in" {
  command = plan

  variables {
    domain                       = { name = "api.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/a", base_path = "orders", mutual_tls = { truststore_uri = "s3://truststore/ca.pem" } }
    disable_execute_api_endpoint = true
  }

  assert {
    condition = (
      aws_api_gateway_domain_name.this[0].mutual_tls_authentication[0].truststore_uri == "s3://truststore/ca.pem"
      && aws_api_gateway_base_path_mapping.this[0].base_path == "orders"
      && aws_api_gateway_rest_api.this.disable_execute_api_endpoint
      && output.url == "https://api.example.com/orders"
      && output.origin == { host = "api.example.com", path = "/orders" }
    )
    error_message = "Callers use the domain, and must present a certificate there."
  }
}

run "a_private_api_is_reached_by_its_vpc_endpoints_only" {
  command = plan

  variables {
    endpoint_type    = "PRIVATE"
    vpc_endpoint_ids = ["vpce-1"]
  }

  assert {
    condition = (
      aws_api_gateway_rest_api.this.endpoint_configuration[0].types == tolist(["PRIVATE"])
      && [for statement in jsondecode(output.document)["x-amazon-apigateway-policy"].Statement : statement if statement.Effect == "Deny"] == [{
        Effect = "Deny", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*", Condition = { StringNotEquals = { "aws:SourceVpce" = ["vpce-1"] } }
      }]
    )
    error_message = "Everybody else is denied."
  }
}

run "an_allow_that_would_undo_implicit_denials_is_refused" {
  command = plan

  variables {
    contract         = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/c/{id}" = { get = { "x-authorizer-rule" = { access = "token", any_of = [{ owner = ["id"] }] } } } } })
    endpoint_type    = "PRIVATE"
    vpc_endpoint_ids = ["vpce-1"]
  }

  expect_failures = [aws_api_gateway_rest_api.this]
}

run "denials_in_a_resource_policy_are_accepted_with_any_rule" {
  command = plan

  variables {
    contract        = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/c/{id}" = { get = { "x-authorizer-rule" = { access = "token", any_of = [{ owner = ["id"] }] } } } } })
    resource_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*", Condition = { NotIpAddress = { "aws:SourceIp" = "192.0.2.0/24" } } }] })
  }

  assert {
    condition     = length(jsondecode(output.document)["x-amazon-apigateway-policy"].Statement) == 1
    error_message = "The policy is imported."
  }
}

run "a_web_acl_is_associated_with_the_stage" {
  command = plan

  variables {
    web_acl_arn = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/orders/a"
  }

  assert {
    condition     = aws_wafv2_web_acl_association.this[0].web_acl_arn == var.web_acl_arn
    error_message = "WAF inspects every call."
  }
}

run "an_api_key_beside_a_token_needs_a_usage_plan" {
  command = plan

  variables {
    contract    = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/a" = { get = { "x-authorizer-rule" = { access = "token", api_key = true } } } } })
    usage_plans = { gold = { api_keys = ["customer-a"], throttling_rate = 10, throttling_burst = 20, quota_limit = 1000 } }
  }

  assert {
    condition     = jsondecode(output.document).paths["/a"].get.security == [{ api_key = [], authorizer = [] }] && jsondecode(output.document).components.securitySchemes.api_key.name == "x-api-key"
    error_message = "API Gateway checks the key, and the authorizer the token."
  }

  assert {
    condition     = keys(aws_api_gateway_usage_plan_key.this) == ["customer-a"] && one(aws_api_gateway_usage_plan.this["gold"].throttle_settings).rate_limit == 10
    error_message = "The key belongs to the plan."
  }
}

run "an_operation_that_needs_a_key_without_usage_plans_is_refused" {
  command = plan

  variables {
    contract = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/a" = { get = { "x-authorizer-rule" = { access = "token", api_key = true } } } } })
  }

  expect_failures = [aws_api_gateway_rest_api.this]
}

run "usage_plans_without_an_operation_that_needs_a_key_are_refused" {
  command = plan

  variables {
    usage_plans = { gold = { api_keys = ["customer-a"] } }
  }

  expect_failures = [aws_api_gateway_rest_api.this]
}

# Each variable below is refused. They share runs, since each run loads the provider again, which takes most of the time.

run "refused_1" {
  command = plan

  variables {
    # a ttl over an hour is refused
    result_ttl_seconds = 3601

    # a cache key without the token is refused
    authorizer_type  = "REQUEST"
    identity_sources = ["context.resourcePath"]

    # a quote in a header of a gateway response is refused
    gateway_responses = { THROTTLED = { headers = { "X-Note" = "it's" } } }

    # mutual tls that the default host name bypasses is refused
    domain = { name = "api.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/a", mutual_tls = { truststore_uri = "s3://truststore/ca.pem" } }

    # a web acl of cloudfront is refused
    web_acl_arn = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/orders/a"
  }

  expect_failures = [var.result_ttl_seconds, var.identity_sources, var.gateway_responses, var.disable_execute_api_endpoint, var.web_acl_arn]
}

run "refused_2" {
  command = plan

  variables {
    # a private api without endpoints is refused
    endpoint_type = "PRIVATE"

    # a negative ttl is refused
    result_ttl_seconds = -1

    # further cache keys of a token authorizer are refused
    identity_sources = ["method.request.header.Authorization", "context.httpMethod"]

    # an api without any host name is refused
    disable_execute_api_endpoint = true
  }

  expect_failures = [var.vpc_endpoint_ids, var.result_ttl_seconds, var.identity_sources, var.disable_execute_api_endpoint]
}

run "refused_3" {
  command = plan

  variables {
    # a private api with a public domain is refused
    endpoint_type    = "PRIVATE"
    vpc_endpoint_ids = ["vpce-1"]
    domain           = { name = "api.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/a" }
  }

  expect_failures = [var.domain]
}

run "gateway_responses_of_the_document_are_kept_and_carry_the_headers_of_cors" {
  command = plan

  variables {
    contract = jsonencode(merge(jsondecode(file("../../tests/contract.json")), {
      "x-amazon-apigateway-gateway-responses" = {
        ACCESS_DENIED = { statusCode = "404", responseTemplates = { "application/json" = "{}" }, responseParameters = { "gatewayresponse.header.X-Own" = "'1'" } }
        THROTTLED     = { responseTemplates = { "application/json" = "{\"message\":\"later\"}" } }
      }
    }))
    cors              = { allowed_origins = ["https://app.example.com"] }
    gateway_responses = { THROTTLED = { status_code = "503" } }
  }

  assert {
    condition = jsondecode(output.document)["x-amazon-apigateway-gateway-responses"].ACCESS_DENIED == {
      statusCode        = "404"
      responseTemplates = { "application/json" = "{}" }
      responseParameters = {
        "gatewayresponse.header.Access-Control-Allow-Origin"   = "'https://app.example.com'"
        "gatewayresponse.header.Access-Control-Expose-Headers" = "'WWW-Authenticate,x-amzn-ErrorType,x-amzn-RequestId'"
        "gatewayresponse.header.X-Own"                         = "'1'"
      }
    }
    error_message = "the document's response is lost, or lacks the headers"
  }

  assert {
    condition = (
      jsondecode(output.document)["x-amazon-apigateway-gateway-responses"].THROTTLED.statusCode == "503"
      && jsondecode(output.document)["x-amazon-apigateway-gateway-responses"].THROTTLED.responseTemplates == { "application/json" = "{\"message\":\"later\"}" }
      && can(jsondecode(output.document)["x-amazon-apigateway-gateway-responses"].UNAUTHORIZED)
    )
    error_message = "the setting and the document are not joined"
  }
}

run "a_401_names_the_metadata_and_the_metadata_the_authorization_server" {
  command = plan

  variables {
    protected_resource = {
      resource              = "https://abc123.execute-api.eu-west-1.amazonaws.com/prod"
      authorization_servers = ["https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"]
    }
  }

  assert {
    condition     = jsondecode(output.document)["x-amazon-apigateway-gateway-responses"].UNAUTHORIZED.responseParameters["gatewayresponse.header.WWW-Authenticate"] == "'Bearer error=\"invalid_token\", resource_metadata=\"https://abc123.execute-api.eu-west-1.amazonaws.com/prod/.well-known/oauth-protected-resource\"'"
    error_message = "The header names the metadata by its whole URL, below the stage."
  }

  assert {
    condition = (
      !can(jsondecode(output.document).paths["/.well-known/oauth-protected-resource"].get.security)
      && jsondecode(jsondecode(output.document).paths["/.well-known/oauth-protected-resource"].get["x-amazon-apigateway-integration"].responses.default.responseTemplates["application/json"]).resource == "https://abc123.execute-api.eu-west-1.amazonaws.com/prod"
      && jsondecode(jsondecode(output.document).paths["/.well-known/oauth-protected-resource"].get["x-amazon-apigateway-integration"].responses.default.responseTemplates["application/json"]).authorization_servers == ["https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"]
    )
    error_message = "The metadata is public, and names the API and its user pool."
  }
}

run "a_resource_with_a_slash_at_its_end_is_refused" {
  command = plan

  variables {
    protected_resource = { resource = "https://api.example.com/", authorization_servers = [] }
  }

  expect_failures = [var.protected_resource]
}
