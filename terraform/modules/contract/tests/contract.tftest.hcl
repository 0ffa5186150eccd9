# What the two kinds of API read out of the contract. A mistake here would leave a route open, so each way of
# writing security is a run of its own.

# For the contract that is deployed, told in another way: nothing in it is public that does not say so.
run "of_the_deployed_contract_nothing_is_public_that_does_not_say_so" {
  command = plan

  variables {
    openapi = file("../../../functions/api/openapi.yaml")
  }

  assert {
    condition = [for route, operation in output.operations : route if operation.public] == flatten([
      for path, item in yamldecode(var.openapi).paths : [
        for verb, operation in item : "${upper(verb)} ${path}" if contains(["get", "put", "post", "delete", "options", "head", "patch"], verb) && jsonencode(try(operation.security, null)) == "[]"
      ]
    ]) || jsonencode(try(yamldecode(var.openapi).security, null)) == "[]"
    error_message = "An operation is public without security: [] of its own."
  }

  assert {
    condition     = length(output.operations) > 0
    error_message = "The contract has operations."
  }
}

run "an_operation_keeps_its_path_and_its_verb" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, info: {title: t, version: 1.0.0}, paths: {'/users/{name}/sign-out': {post: {security: [{cognito: []}]}}}}"
  }

  assert {
    condition     = output.operations["POST /users/{name}/sign-out"] == { path = "/users/{name}/sign-out", verb = "post", public = false }
    error_message = "Integrations and routes are made from path and verb."
  }

  assert {
    condition     = !output.per_route && output.version == "1.0.0"
    error_message = "A contract is one for the whole stage unless it says otherwise."
  }
}

run "an_operation_without_security_takes_that_of_the_document" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, security: [{cognito: []}], paths: {/a: {get: {}, put: {security: []}}, /b: {delete: null}}}"
  }

  assert {
    condition     = [for route, operation in output.operations : route if operation.public] == ["PUT /a"]
    error_message = "GET /a and DELETE /b take the document's security."
  }

  assert {
    condition     = output.verbs == { "/a" = ["GET", "PUT"], "/b" = ["DELETE"] }
    error_message = "Every verb of a path is listed."
  }
}

run "a_document_whose_security_is_empty_is_public_where_operations_say_nothing" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, security: [], paths: {/a: {get: {}, put: {security: [{cognito: []}]}}}}"
  }

  assert {
    condition     = output.operations["GET /a"].public && !output.operations["PUT /a"].public
    error_message = "The operation's own security goes before the document's."
  }
}

# In OpenAPI an empty requirement means that a caller may stay unknown. API Gateway cannot ask half.
run "an_empty_requirement_is_not_public" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, paths: {/a: {get: {security: [{}]}, put: {security: [{}, {cognito: []}]}}}}"
  }

  assert {
    condition     = !output.operations["GET /a"].public && !output.operations["PUT /a"].public
    error_message = "Only an empty list makes an operation public."
  }
}

run "an_operation_that_nothing_is_said_about_is_refused" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, paths: {/a: {get: {}, put: {security: []}}}}"
  }

  expect_failures = [output.operations]
}

run "a_security_of_null_is_refused" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, security: [{cognito: []}], paths: {/a: {get: {security: null}}}}"
  }

  expect_failures = [output.operations]
}

run "a_security_that_is_an_empty_object_is_refused_and_not_public" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, paths: {/a: {get: {security: {}}}}}"
  }

  expect_failures = [output.operations]
}

run "a_contract_without_operations_is_refused" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, security: [{cognito: []}], paths: {/a: {summary: nothing}}}"
  }

  expect_failures = [output.operations]
}

run "a_verb_that_api_gateway_has_not_is_refused" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, security: [{cognito: []}], paths: {/a: {get: {}, trace: {}}}}"
  }

  expect_failures = [output.operations]
}

run "a_path_that_is_a_reference_is_refused" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, security: [{cognito: []}], paths: {/a: {get: {}}, /b: {$ref: other.yaml}}}"
  }

  expect_failures = [output.operations]
}

run "a_route_for_any_method_is_refused" {
  command = plan

  variables {
    openapi = "{openapi: 3.1.0, security: [{cognito: []}], paths: {/a: {get: {}, x-amazon-apigateway-any-method: {}}}}"
  }

  expect_failures = [output.operations]
}

run "a_contract_may_be_json_and_may_bind_answers_to_their_route" {
  command = plan

  variables {
    openapi = jsonencode({ openapi = "3.0.3", "x-authorizer-caching" = "route", paths = { "/a" = { get = { security = [] } } } })
  }

  assert {
    condition     = output.per_route && output.operations["GET /a"].public && output.version == "0"
    error_message = "JSON is read like YAML."
  }
}

run "a_path_in_place_of_a_document_is_refused" {
  command = plan

  variables {
    openapi = "functions/api/openapi.yaml"
  }

  expect_failures = [var.openapi]
}

run "text_that_is_not_yaml_is_refused" {
  command = plan

  variables {
    openapi = "openapi: [3"
  }

  expect_failures = [var.openapi]
}
