mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  build_path = "../../modules/build/tests/dist"
}

run "the_modules_fit_together" {
  command = plan

  assert {
    condition     = output.api_url == "https://abc123.execute-api.eu-west-1.amazonaws.com/prod"
    error_message = "The URL of the API is that of its stage."
  }

  assert {
    condition     = module.authorizer.environment["ISSUERS"] == module.user_pool.issuer && module.authorizer.revocations_table == "user-directory-authorizer-revocations"
    error_message = "The authorizer accepts tokens of this pool and reads the table of revoked sessions."
  }
}
