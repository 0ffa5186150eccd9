mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  build_path    = "../../modules/build/tests/dist"
  function_name = "orders"
  issuer        = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
  client_ids    = ["4p9exampleclientid7abcd1234"]
}

run "simple_results_plan_with_the_route_in_the_cache_key" {
  command = plan

  assert {
    condition     = output.api_url == "https://def456.execute-api.eu-west-1.amazonaws.com" && module.authorizer.environment["HTTP_RESPONSE"] == "simple"
    error_message = "The function and the API agree on the form of the result."
  }
}
