mock_provider "aws" {
  source = "../../tests/mocks"
}

run "the_modules_fit_together" {
  command = plan

  assert {
    condition     = output.api_url == "https://abc123.execute-api.eu-west-1.amazonaws.com/prod" && output.region == "eu-west-1"
    error_message = "The address of the API is the stage's."
  }

  assert {
    condition     = module.authorizer.environment["ISSUERS"] == module.user_pool.issuer && module.authorizer.revocations_table == "user-directory-authorizer-revocations"
    error_message = "The authorizer trusts this pool and asks the table of ended sessions."
  }
}
