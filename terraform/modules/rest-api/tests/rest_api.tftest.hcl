# What API Gateway imports is read back here as it is sent: an operation without its authorizer is an open target that
# no diff shows.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
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

run "every_operation_carries_the_authorizer_unless_the_contract_says_public" {
  command = plan

  assert {
    condition = {
      for route in flatten([for path, item in jsondecode(output.document).paths : [for verb, operation in item : "${verb} ${path}" if verb != "options"]]) :
      route => try(jsondecode(output.document).paths[split(" ", route)[1]][split(" ", route)[0]].security, null)
      } == {
      "get /health"                     = null
      "get /me"                         = [{ authorizer = [] }]
      "get /users/{username}"           = [{ authorizer = [] }]
      "post /users/{username}/sign-out" = [{ authorizer = [] }]
    }
    error_message = "An operation is missing, or has not the authorizer that the contract asks for."
  }

  assert {
    condition     = aws_api_gateway_rest_api.this.body == output.document && aws_api_gateway_rest_api.this.put_rest_api_mode == "overwrite"
    error_message = "What is tested here is what is sent, and what is not in it goes away."
  }
}

# The contract that is deployed, whatever a team has made of it.
run "every_operation_of_the_deployed_contract_carries_the_authorizer_unless_public" {
  command = plan

  variables {
    openapi         = file("../../../functions/api/openapi.yaml")
    allowed_origins = []
  }

  assert {
    condition = {
      for route, operation in module.contract.operations :
      route => try(jsondecode(output.document).paths[operation.path][operation.verb].security == [{ authorizer = [] }], false)
    } == { for route, operation in module.contract.operations : route => !operation.public }
    error_message = "An operation has not the authorizer that the contract asks for."
  }

  assert {
    condition     = length(flatten([for item in values(jsondecode(output.document).paths) : keys(item)])) == length(module.contract.operations)
    error_message = "What is deployed is the contract's operations, no more and no fewer."
  }
}

run "the_document_is_one_that_api_gateway_reads" {
  command = plan

  assert {
    condition     = jsondecode(output.document).openapi == "3.0.1"
    error_message = "API Gateway imports OpenAPI 3.0, and the contract is 3.1."
  }

  assert {
    condition     = !strcontains(output.document, "$ref")
    error_message = "Nothing of the contract's schemas belongs here."
  }

  assert {
    condition = jsondecode(output.document).paths["/users/{username}/sign-out"].post["x-amazon-apigateway-integration"] == {
      type       = "aws_proxy", passthroughBehavior = "when_no_match"
      httpMethod = "POST", uri = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/api/invocations"
    }
    error_message = "Every operation is answered by the function."
  }

  assert {
    condition     = jsondecode(output.document).paths["/users/{username}"].get.parameters == [{ name = "username", in = "path", required = true, schema = { type = "string" } }]
    error_message = "A path's parameters are declared."
  }
}

run "a_decision_is_reused_for_five_minutes_and_kept_by_the_token_alone" {
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
    error_message = "The authorizer is not the one that was agreed."
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
    error_message = "API Gateway knows the expression for TOKEN only."
  }
}

run "data_trace_logging_is_off_and_the_access_log_names_the_caller" {
  command = plan

  assert {
    condition     = !aws_api_gateway_method_settings.this.settings[0].data_trace_enabled && aws_api_gateway_method_settings.this.settings[0].logging_level == "OFF" && aws_api_gateway_method_settings.this.method_path == "*/*"
    error_message = "Data trace logging writes tokens into a log."
  }

  assert {
    condition = alltrue([for name in ["extendedRequestId", "principalId", "authStatus", "authError", "errorType"] :
    can(jsondecode(aws_api_gateway_stage.this.access_log_settings[0].format)[name])])
    error_message = "The access log tells who called and what the authorizer said."
  }

  assert {
    condition     = !can(regex("header|querystring|messageString|userAgent", aws_api_gateway_stage.this.access_log_settings[0].format))
    error_message = "The access log holds nothing that a token could be in."
  }

  assert {
    condition     = aws_api_gateway_method_settings.this.settings[0].throttling_rate_limit == 100 && aws_api_gateway_method_settings.this.settings[0].throttling_burst_limit == 200
    error_message = "The stage is throttled."
  }
}

run "a_change_of_anything_in_the_document_makes_a_deployment" {
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
    error_message = "A CDN finds the API at its host, under its stage."
  }

  assert {
    condition     = aws_lambda_permission.authorizer.source_arn == "arn:aws:execute-api:eu-west-1:111122223333:abc123/authorizers/*" && aws_lambda_permission.authorizer.function_name == "example-authorizer"
    error_message = "The authorizer answers to authorizers of this API."
  }

  assert {
    condition     = aws_lambda_permission.api.source_arn == "arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/*" && aws_lambda_permission.api.function_name == "example-api"
    error_message = "The API's function answers to this stage."
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

run "a_ttl_over_an_hour_is_refused" {
  command = plan

  variables {
    result_ttl_seconds = 3601
  }

  expect_failures = [var.result_ttl_seconds]
}

run "a_ttl_of_zero_asks_on_every_call" {
  command = plan

  variables {
    result_ttl_seconds = 0
  }

  assert {
    condition     = strcontains(output.document, "\"authorizerResultTtlInSeconds\":0,")
    error_message = "Left out, API Gateway would take 300."
  }
}

run "a_negative_ttl_is_refused" {
  command = plan

  variables {
    result_ttl_seconds = -1
  }

  expect_failures = [var.result_ttl_seconds]
}

run "answers_kept_without_the_token_are_refused" {
  command = plan

  variables {
    authorizer_type  = "REQUEST"
    identity_sources = ["context.resourcePath"]
  }

  expect_failures = [var.identity_sources]
}

run "a_contract_bound_to_the_route_is_refused_with_a_token_authorizer" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, x-authorizer-caching: route, paths: {/a: {get: {security: [{cognito: []}]}}}}"
  }

  expect_failures = [aws_api_gateway_rest_api.this]
}

run "a_contract_bound_to_the_route_needs_both_parts_of_the_route" {
  command = plan

  variables {
    openapi          = "{openapi: 3.1.0, x-authorizer-caching: route, paths: {/a: {get: {security: [{cognito: []}]}}}}"
    authorizer_type  = "REQUEST"
    identity_sources = ["method.request.header.Authorization", "context.resourcePath"]
  }

  expect_failures = [aws_api_gateway_rest_api.this]
}

run "a_contract_bound_to_the_route_goes_with_the_route_among_the_sources" {
  command = plan

  variables {
    openapi          = "{openapi: 3.1.0, x-authorizer-caching: route, paths: {/a: {get: {security: [{cognito: []}]}}}}"
    authorizer_type  = "REQUEST"
    identity_sources = ["method.request.header.Authorization", "context.httpMethod", "context.resourcePath"]
  }

  assert {
    condition     = strcontains(output.document, "\"identitySource\":\"method.request.header.Authorization, context.httpMethod, context.resourcePath\"")
    error_message = "An answer is kept by token, method and path."
  }
}

run "a_contract_bound_to_the_route_goes_without_a_cache" {
  command = plan

  variables {
    openapi            = "{openapi: 3.1.0, x-authorizer-caching: route, paths: {/a: {get: {security: [{cognito: []}]}}}}"
    result_ttl_seconds = 0
  }

  assert {
    condition     = strcontains(output.document, "\"type\":\"token\"")
    error_message = "Without a cache nothing is replayed."
  }
}

run "a_greedy_parameter_is_declared_without_its_plus" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, paths: {'/files/{owner}/{name+}': {get: {security: [{cognito: []}]}}}}"
  }

  assert {
    condition     = [for parameter in jsondecode(output.document).paths["/files/{owner}/{name+}"].get.parameters : parameter.name] == ["owner", "name"]
    error_message = "The parameter of {name+} is called name."
  }
}

run "the_account_s_logging_is_left_alone_unless_asked_for" {
  command = plan

  assert {
    condition     = length(aws_api_gateway_account.this) == 0 && length(aws_iam_role.account) == 0
    error_message = "One role serves the whole account: another stack may have set it."
  }
}

run "the_account_s_logging_is_set_when_asked_for" {
  command = plan

  variables {
    manage_account_logging = true
  }

  assert {
    condition     = length(aws_api_gateway_account.this) == 1 && aws_iam_role_policy_attachment.account[0].policy_arn == "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    error_message = "API Gateway gets AWS's own policy for this, and no other."
  }
}
