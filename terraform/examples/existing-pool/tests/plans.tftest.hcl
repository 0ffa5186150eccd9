mock_provider "aws" {
  source = "../../tests/mocks"

  mock_data "aws_cognito_user_pool" {
    defaults = { arn = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Existing1" }
  }
}

variables {
  build_path   = "../../modules/build/tests/dist"
  user_pool_id = "eu-west-1_Existing1"
  client_ids   = ["2aexampleclientid"]
}

run "the_pool_is_accepted_and_not_created" {
  command = plan

  assert {
    condition     = module.authorizer.environment["ISSUERS"] == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Existing1"
    error_message = "The issuer is the pool's."
  }

  assert {
    condition     = strcontains(module.api.role_policy, "\"Resource\":[\"arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Existing1\"]")
    error_message = "The API may use this pool."
  }

  assert {
    condition     = output.api_url == "https://abc123.execute-api.eu-west-1.amazonaws.com/prod"
    error_message = "The URL of the API is that of its stage."
  }
}
