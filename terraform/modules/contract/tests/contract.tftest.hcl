# What both kinds of API read from the contract. A mistake here would leave a route open.

variables {
  json = file("../../tests/contract.json")
}

run "access_comes_from_the_rule_and_never_from_security" {
  command = plan

  assert {
    condition = { for route, operation in output.operations : route => operation.access } == {
      "GET /health"                     = "public"
      "GET /me"                         = "token"
      "GET /users/{username}"           = "token"
      "POST /users/{username}/sign-out" = "token"
      "GET /reports"                    = "iam"
    }
    error_message = "An operation is missing, or its access is not that of x-authorizer-rule."
  }

  assert {
    condition     = output.operations["POST /users/{username}/sign-out"].path == "/users/{username}/sign-out" && output.operations["POST /users/{username}/sign-out"].verb == "POST"
    error_message = "Integrations and routes are made from path and method."
  }

  assert {
    condition     = output.verbs["/users/{username}"] == ["GET"] && output.scopes == tolist(["api/users.read"]) && output.groups == tolist(["admins", "owners"])
    error_message = "The names of scopes and groups are those that the build listed."
  }

  assert {
    condition     = !output.per_route && output.version == "1.0.0" && output.digest == filesha256("../../tests/contract.json") && output.connect == "token" && output.implicit_denials == tolist([])
    error_message = "The digest is that of the bytes."
  }
}

run "security_that_contradicts_the_rule_has_no_effect" {
  command = plan

  variables {
    json = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/a" = { get = { security = [], "x-authorizer-rule" = { access = "token" } } } } })
  }

  assert {
    condition     = output.operations["GET /a"].access == "token"
    error_message = "There is one reading of security, and it is not here."
  }
}

run "any_method_and_extensions_are_carried" {
  command = plan

  variables {
    json = jsonencode({
      openapi = "3.0.3", "x-authorizer" = { caching = "route" }, "x-amazon-apigateway-api-key-source" = "HEADER"
      paths   = { "/a" = { "x-amazon-apigateway-any-method" = { "x-authorizer-rule" = { access = "token", api_key = true, any_of = [{}] }, "x-amazon-apigateway-request-validator" = "all" } } }
    })
  }

  assert {
    condition     = output.operations["ANY /a"].api_key && output.operations["ANY /a"].extensions == { "x-amazon-apigateway-request-validator" = "all" } && output.extensions == { "x-amazon-apigateway-api-key-source" = "HEADER" } && output.per_route
    error_message = "What API Gateway acts on must reach it."
  }
}

run "a_rule_over_claims_is_an_implicit_denial" {
  command = plan

  variables {
    json = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/c/{id}" = { get = { "x-authorizer-rule" = { access = "token", any_of = [{ owners = [{ claim = "sub" }] }] } } } } })
  }

  assert {
    condition     = output.implicit_denials == tolist(["GET /c/{id}"])
    error_message = "A resource policy could open this route."
  }
}

run "an_operation_without_a_rule_is_refused" {
  command = plan

  variables {
    json = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/a" = { get = { security = [] } } } })
  }

  expect_failures = [output.operations]
}

run "an_unknown_access_is_refused" {
  command = plan

  variables {
    json = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/a" = { get = { "x-authorizer-rule" = { access = "maybe" } } } } })
  }

  expect_failures = [output.operations]
}

run "an_unknown_method_is_refused" {
  command = plan

  variables {
    json = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = { "/a" = { trace = { "x-authorizer-rule" = { access = "token" } } } } })
  }

  expect_failures = [output.operations]
}

run "a_contract_without_operations_is_refused" {
  command = plan

  variables {
    json = jsonencode({ openapi = "3.0.3", "x-authorizer" = { caching = "stage" }, paths = {} })
  }

  expect_failures = [output.operations]
}

run "an_openapi_document_in_yaml_is_refused" {
  command = plan

  variables {
    json = "openapi: 3.1.0\npaths: {}\n"
  }

  expect_failures = [var.json]
}

run "an_openapi_document_that_was_not_compiled_is_refused" {
  command = plan

  variables {
    json = jsonencode({ openapi = "3.0.3", paths = { "/a" = { get = { security = [] } } } })
  }

  expect_failures = [var.json]
}

run "a_path_in_place_of_the_text_is_refused" {
  command = plan

  variables {
    json = "dist/contract.json"
  }

  expect_failures = [var.json]
}
