mock_provider "aws" {
  source = "../../tests/mocks"

  mock_data "aws_api_gateway_rest_api" {
    defaults = { id = "abc123", execution_arn = "arn:aws:execute-api:eu-west-1:111122223333:abc123" }
  }
  mock_resource "aws_api_gateway_authorizer" {
    defaults        = { id = "auth01" }
    override_during = plan
  }
}

variables {
  build_path    = "../../modules/build/tests/dist"
  rest_api_name = "orders"
  issuer        = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
  client_ids    = ["4p9exampleclientid7abcd1234"]
}

run "the_authorizer_is_added_to_the_api_and_nothing_else_changes" {
  command = plan

  assert {
    condition     = aws_api_gateway_authorizer.this.rest_api_id == "abc123" && aws_api_gateway_authorizer.this.authorizer_result_ttl_in_seconds == 300 && output.authorizer_id == "auth01"
    error_message = "The authorizer belongs to the named API."
  }

  assert {
    condition     = aws_lambda_permission.this.source_arn == "arn:aws:execute-api:eu-west-1:111122223333:abc123/authorizers/auth01" && aws_lambda_permission.this.function_name == "orders-authorizer"
    error_message = "Only this authorizer may call the function."
  }
}
