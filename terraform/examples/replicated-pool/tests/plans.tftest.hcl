mock_provider "aws" {
  source = "../../tests/mocks"
}

mock_provider "aws" {
  alias  = "replica"
  source = "../../tests/mocks"
}

override_data {
  target = module.replica.data.aws_service.cognito
  values = { region = "us-east-1" }
}

override_data {
  target = module.replica.module.authorizer.module.function.data.aws_service.lambda
  values = { region = "us-east-1" }
}

variables {
  build_path     = "../../modules/build/tests/dist"
  user_pool_id   = "eu-west-1_AbCdEf123"
  primary_region = "eu-west-1"
  replica_region = "us-east-1"
  client_ids     = ["4p9exampleclientid7abcd1234"]
}

run "both_regions_accept_a_token_of_either" {
  command = plan

  assert {
    condition = alltrue([for issuers in [module.primary.issuers, module.replica.issuers] :
      issuers == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123,https://cognito-idp.us-east-1.amazonaws.com/eu-west-1_AbCdEf123"
    ])
    error_message = "In the original form the replica's tokens name the replica's region."
  }

  assert {
    condition     = strcontains(module.primary.api_role_policy, ":eu-west-1:111122223333:userpool/eu-west-1_AbCdEf123") && strcontains(module.replica.api_role_policy, ":us-east-1:111122223333:userpool/eu-west-1_AbCdEf123")
    error_message = "Each API uses the pool in its own region."
  }

  assert {
    condition     = strcontains(module.primary.invoke_arn, ":lambda:eu-west-1:") && strcontains(module.replica.invoke_arn, ":lambda:us-east-1:")
    error_message = "Each region has its own authorizer."
  }
}

run "the_updated_form_keeps_the_region_of_the_primary" {
  command = plan

  variables {
    issuer_forms = ["UPDATED"]
  }

  assert {
    condition     = module.replica.issuers == "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
    error_message = "In the updated form all tokens name the primary's region."
  }
}

run "both_forms_are_accepted_while_the_pool_is_switched" {
  command = plan

  variables {
    issuer_forms = ["ORIGINAL", "UPDATED"]
  }

  assert {
    condition     = length(split(",", module.primary.issuers)) == 3 && module.primary.issuers == module.replica.issuers
    error_message = "Tokens of the old form stay valid until they expire."
  }
}

run "what_is_no_replica_is_refused" {
  command = plan

  variables {
    primary_region = "us-east-1"
    replica_region = "us-east-1"
    issuer_forms   = ["NEW"]
  }

  expect_failures = [var.user_pool_id, var.replica_region, var.issuer_forms]
}
