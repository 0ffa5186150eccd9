# Browsers hide an answer that does not name their origin, and call every refusal a "CORS error". So refusals carry the
# headers too, and a preflight is answered without a token.

mock_provider "aws" {}

variables {
  name                     = "example"
  openapi                  = file("tests/contract.yaml")
  api_function_name        = "example-api"
  api_invoke_arn           = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/api/invocations"
  authorizer_function_name = "example-authorizer"
  authorizer_invoke_arn    = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/authorizer/invocations"
  allowed_origins          = ["https://app.example.com"]
}

run "refusals_and_faults_name_the_origin_and_a_401_asks_for_a_bearer_token" {
  command = plan

  assert {
    condition = { for type, response in jsondecode(output.document)["x-amazon-apigateway-gateway-responses"] : type => response.responseParameters } == {
      DEFAULT_4XX = {
        "gatewayresponse.header.Access-Control-Allow-Origin"   = "'https://app.example.com'"
        "gatewayresponse.header.Access-Control-Expose-Headers" = "'WWW-Authenticate,x-amzn-ErrorType,x-amzn-RequestId'"
      }
      DEFAULT_5XX = {
        "gatewayresponse.header.Access-Control-Allow-Origin"   = "'https://app.example.com'"
        "gatewayresponse.header.Access-Control-Expose-Headers" = "'WWW-Authenticate,x-amzn-ErrorType,x-amzn-RequestId'"
      }
      UNAUTHORIZED = {
        "gatewayresponse.header.Access-Control-Allow-Origin"   = "'https://app.example.com'"
        "gatewayresponse.header.Access-Control-Expose-Headers" = "'WWW-Authenticate,x-amzn-ErrorType,x-amzn-RequestId'"
        "gatewayresponse.header.WWW-Authenticate"              = "'Bearer'"
      }
    }
    error_message = "A script cannot read a refusal that does not name its origin."
  }
}

run "every_path_answers_a_preflight_without_the_authorizer" {
  command = plan

  assert {
    condition = alltrue([
      for path, item in jsondecode(output.document).paths :
      item.options["x-amazon-apigateway-integration"].type == "mock" && !can(item.options.security)
    ])
    error_message = "A browser sends no token with a preflight."
  }

  assert {
    condition = jsondecode(output.document).paths["/users/{username}/sign-out"].options["x-amazon-apigateway-integration"].responses.default.responseParameters == {
      "method.response.header.Access-Control-Allow-Origin"  = "'https://app.example.com'"
      "method.response.header.Access-Control-Allow-Methods" = "'POST'"
      "method.response.header.Access-Control-Allow-Headers" = "'Authorization,Content-Type'"
      "method.response.header.Access-Control-Max-Age"       = "'600'"
      "method.response.header.Vary"                         = "'Origin'"
    }
    error_message = "A preflight allows the path's own methods and the Authorization header, by name."
  }
}

run "one_of_several_origins_is_answered_by_its_own_name_and_a_stranger_by_another_s" {
  command = plan

  variables {
    allowed_origins = ["https://app.example.com", "http://localhost:8080"]
  }

  assert {
    condition = strcontains(
      jsondecode(output.document).paths["/me"].options["x-amazon-apigateway-integration"].responses.default.responseTemplates["application/json"],
      "#if($origin == \"http://localhost:8080\")#set($context.responseOverride.header.Access-Control-Allow-Origin = \"http://localhost:8080\")#end",
    )
    error_message = "The second origin gets its own name."
  }

  assert {
    condition     = jsondecode(output.document)["x-amazon-apigateway-gateway-responses"].DEFAULT_4XX.responseParameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"
    error_message = "A gateway response cannot choose from a list."
  }
}

run "without_origins_there_is_no_preflight_and_no_origin_is_named" {
  command = plan

  variables {
    allowed_origins = []
  }

  assert {
    condition     = !strcontains(output.document, "Access-Control") && !strcontains(output.document, "\"options\"")
    error_message = "No page may call an API that names no origin."
  }

  assert {
    condition     = strcontains(output.document, "gatewayresponse.header.WWW-Authenticate")
    error_message = "A 401 asks for a bearer token all the same."
  }
}

run "an_options_of_the_contract_s_own_is_left_to_the_function" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, paths: {/a: {options: {security: [{cognito: []}]}}}}"
  }

  assert {
    condition     = jsondecode(output.document).paths["/a"].options["x-amazon-apigateway-integration"].type == "aws_proxy" && can(jsondecode(output.document).paths["/a"].options.security)
    error_message = "What the contract describes is not replaced."
  }
}

run "an_origin_with_a_slash_at_its_end_is_refused" {
  command = plan

  variables {
    allowed_origins = ["https://app.example.com/"]
  }

  expect_failures = [var.allowed_origins]
}

run "an_origin_with_a_path_is_refused" {
  command = plan

  variables {
    allowed_origins = ["https://app.example.com/app"]
  }

  expect_failures = [var.allowed_origins]
}

run "an_origin_that_would_end_the_text_around_it_is_refused" {
  command = plan

  variables {
    allowed_origins = ["https://app.example.com'"]
  }

  expect_failures = [var.allowed_origins]
}

run "an_origin_without_its_scheme_is_refused" {
  command = plan

  variables {
    allowed_origins = ["app.example.com"]
  }

  expect_failures = [var.allowed_origins]
}

run "every_origin_and_one_of_them_is_refused" {
  command = plan

  variables {
    allowed_origins = ["*", "https://app.example.com"]
  }

  expect_failures = [var.allowed_origins]
}

run "every_origin_with_credentials_is_refused" {
  command = plan

  variables {
    allowed_origins   = ["*"]
    allow_credentials = true
  }

  expect_failures = [var.allow_credentials]
}

run "every_origin_without_credentials_is_allowed" {
  command = plan

  variables {
    allowed_origins = ["*"]
  }

  assert {
    condition     = jsondecode(output.document).paths["/me"].options["x-amazon-apigateway-integration"].responses.default.responseParameters["method.response.header.Access-Control-Allow-Origin"] == "'*'"
    error_message = "The star itself is the answer."
  }
}

run "credentials_with_one_origin_are_allowed_on_every_answer" {
  command = plan

  variables {
    allow_credentials = true
  }

  assert {
    condition = (
      jsondecode(output.document)["x-amazon-apigateway-gateway-responses"].DEFAULT_5XX.responseParameters["gatewayresponse.header.Access-Control-Allow-Credentials"] == "'true'"
      && jsondecode(output.document).paths["/me"].options["x-amazon-apigateway-integration"].responses.default.responseParameters["method.response.header.Access-Control-Allow-Credentials"] == "'true'"
    )
    error_message = "Both the preflight and the refusals allow credentials."
  }
}

run "credentials_with_several_origins_are_refused" {
  command = plan

  variables {
    allowed_origins   = ["https://app.example.com", "https://admin.example.com"]
    allow_credentials = true
  }

  expect_failures = [var.allow_credentials]
}

run "a_star_in_place_of_the_headers_is_refused" {
  command = plan

  variables {
    allowed_headers = ["*"]
  }

  expect_failures = [var.allowed_headers]
}
