# A browser hides a response that does not name its page's origin, and calls every refusal a "CORS error". So refusals carry the
# headers too, and a preflight request is answered without a token.

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

run "refusals_and_errors_name_the_origin_and_a_401_asks_for_a_bearer_token" {
  command = plan

  assert {
    condition = { for type, response in jsondecode(output.document)["x-amazon-apigateway-gateway-responses"] : type => response.responseParameters } == {
      ACCESS_DENIED = {
        "gatewayresponse.header.Access-Control-Allow-Origin"   = "'https://app.example.com'"
        "gatewayresponse.header.Access-Control-Expose-Headers" = "'WWW-Authenticate,x-amzn-ErrorType,x-amzn-RequestId'"
      }
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
        "gatewayresponse.header.WWW-Authenticate"              = "'Bearer error=\"invalid_token\"'"
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

run "each_of_several_origins_gets_its_own_name" {
  command = plan

  variables {
    cors = { allowed_origins = ["https://app.example.com", "http://localhost:8080"] }
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

run "without_origins_there_is_no_cors" {
  command = plan

  variables {
    cors = { allowed_origins = [] }
  }

  assert {
    condition     = !strcontains(output.document, "Access-Control") && !strcontains(output.document, "\"options\"")
    error_message = "No page of another origin may call the API."
  }

  assert {
    condition     = strcontains(output.document, "gatewayresponse.header.WWW-Authenticate")
    error_message = "A 401 still asks for a bearer token."
  }
}

run "an_options_operation_of_the_contract_is_passed_to_the_function" {
  command = plan

  variables {
    contract = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/a" = { options = { "x-authorizer-rule" = { access = "token" } } } } })
  }

  assert {
    condition     = jsondecode(output.document).paths["/a"].options["x-amazon-apigateway-integration"].type == "aws_proxy" && can(jsondecode(output.document).paths["/a"].options.security)
    error_message = "An operation of the contract must not be replaced."
  }
}

run "every_origin_without_credentials_is_allowed" {
  command = plan

  variables {
    cors = { allowed_origins = ["*"] }
  }

  assert {
    condition     = jsondecode(output.document).paths["/me"].options["x-amazon-apigateway-integration"].responses.default.responseParameters["method.response.header.Access-Control-Allow-Origin"] == "'*'"
    error_message = "Every origin may read the response."
  }
}

run "credentials_with_one_origin_are_allowed_on_every_response" {
  command = plan

  variables {
    cors = { allowed_origins = ["https://app.example.com"], allow_credentials = true }
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
    cors = { allowed_origins = ["https://app.example.com", "https://admin.example.com"], allow_credentials = true }
  }

  expect_failures = [var.cors]
}
