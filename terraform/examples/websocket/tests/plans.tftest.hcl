mock_provider "aws" {
  source = "../../tests/mocks"

  mock_data "aws_lambda_function" {
    defaults = { role = "arn:aws:iam::111122223333:role/service-role/orders-live" }
  }
}

variables {
  build_path    = "../../modules/build/tests/dist"
  function_name = "orders-live"
  issuer        = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
  client_ids    = ["4p9exampleclientid7abcd1234"]
}

run "the_function_may_close_connections_of_this_api_only" {
  command = plan

  assert {
    condition = (
      aws_iam_role_policy.close.role == "orders-live"
      && jsondecode(aws_iam_role_policy.close.policy).Statement[0].Resource == "arn:aws:execute-api:eu-west-1:111122223333:def456/prod/DELETE/@connections/*"
    )
    error_message = "The role of the function may close connections, and nothing else."
  }

  assert {
    condition     = output.url == "wss://def456.execute-api.eu-west-1.amazonaws.com/prod" && output.management_url == "https://def456.execute-api.eu-west-1.amazonaws.com/prod"
    error_message = "Clients and the function each have an address."
  }
}
