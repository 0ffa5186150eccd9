# The system as it comes, and what each setting changes in it.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  lambda_runtime = "provided.al2023"
}

run "the_default_is_a_rest_api_with_a_pool_of_its_own" {
  command = plan

  assert {
    condition     = length(module.rest_api) == 1 && length(module.http_api) == 0 && length(module.user_pool) == 1
    error_message = "By default there is one REST API and one pool."
  }

  assert {
    condition = module.authorizer.environment == tomap({
      ISSUERS                = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
      CLIENT_IDS             = "4p9exampleclientid7abcd1234,4p9exampleclientid7abcd1234"
      TOKEN_USE              = "access"
      HTTP_RESPONSE          = "policy"
      EXPIRE_CACHED_POLICIES = "true"
      LOG_LEVEL              = "info"
      GOMAXPROCS             = "1"
    })
    error_message = "The authorizer accepts access tokens of this pool's two clients, and nothing else."
  }
}

run "the_outputs_are_what_the_command_lines_read" {
  command = plan

  assert {
    condition = (
      output.api_url == "https://abc123.execute-api.eu-west-1.amazonaws.com/prod"
      && output.region == "eu-west-1"
      && output.user_pool_id == "eu-west-1_AbCdEf123"
      && output.web_client_id == "4p9exampleclientid7abcd1234"
      && output.machine_client_id == "4p9exampleclientid7abcd1234"
      && output.issuer == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
      && output.jwks_url == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/.well-known/jwks.json"
    )
    error_message = "An output has another value than the deployed system."
  }

  assert {
    condition     = output.curl_command == "go run ./scripts/cognito-authorizer token login NAME --output curl --url https://abc123.execute-api.eu-west-1.amazonaws.com/prod/me | sh"
    error_message = "The command calls this API."
  }

  assert {
    condition     = can(regex("^https://login-[0-9a-f]{12}\\.auth\\.eu-west-1\\.amazoncognito\\.com/oauth2/token$", output.token_url))
    error_message = "The domain is made up from account, region and name."
  }

  assert {
    condition     = issensitive(output.machine_client_secret)
    error_message = "A plan must not print the secret."
  }
}

run "the_api_gets_its_pool_and_its_origins" {
  command = plan

  variables {
    allowed_origins = ["https://app.example.com", "http://localhost:8080"]
    log_level       = "debug"
  }

  assert {
    condition = module.api.environment == tomap({
      USER_POOL_ID    = "eu-west-1_AbCdEf123"
      ALLOWED_ORIGINS = "https://app.example.com,http://localhost:8080"
      LOG_LEVEL       = "debug"
      GOMAXPROCS      = "1"
    })
    error_message = "A setting is missing, or has another name than the function reads."
  }
}

run "an_http_api_takes_the_place_of_the_rest_api" {
  command = plan

  variables {
    api_type = "http"
  }

  assert {
    condition     = length(module.rest_api) == 0 && length(module.http_api) == 1 && output.api_url == "https://def456.execute-api.eu-west-1.amazonaws.com"
    error_message = "There is one API, of the kind that was asked for."
  }
}

# The root puts the route among the sources, so that asking for simple answers is enough.
run "simple_answers_plan_without_further_settings" {
  command = plan

  variables {
    api_type      = "http"
    http_response = "simple"
  }

  assert {
    condition     = module.authorizer.environment["HTTP_RESPONSE"] == "simple"
    error_message = "The function and API Gateway agree on the form of the answer."
  }
}

run "an_existing_pool_is_used_as_it_is" {
  command = plan

  variables {
    existing_user_pool_id = "eu-west-1_Existing1"
    client_ids            = ["2aexampleclientid"]
  }

  assert {
    condition     = length(module.user_pool) == 0 && output.user_pool_id == "eu-west-1_Existing1" && output.web_client_id == "2aexampleclientid" && output.token_url == null
    error_message = "No second pool is made."
  }

  assert {
    condition = (
      module.authorizer.environment["ISSUERS"] == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Existing1"
      && module.authorizer.environment["CLIENT_IDS"] == "2aexampleclientid"
    )
    error_message = "The authorizer accepts the tokens of that pool."
  }
}

run "both_issuers_are_accepted_during_a_change" {
  command = plan

  variables {
    existing_user_pool_id = "us-east-1_Primary01"
    client_ids            = ["2aexampleclientid"]
    issuers               = ["https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_Primary01", "https://issuer-cognito-idp.us-east-1.amazonaws.com/us-east-1_Primary01"]
  }

  assert {
    condition     = module.authorizer.environment["ISSUERS"] == "https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_Primary01,https://issuer-cognito-idp.us-east-1.amazonaws.com/us-east-1_Primary01"
    error_message = "A replica's issuers are taken as they are given."
  }
}

run "a_seeded_key_set_reaches_the_authorizer" {
  command = plan

  variables {
    jwks = "{\"keys\":[{\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}"
  }

  assert {
    condition     = jsondecode(module.authorizer.environment["JWKS"]).keys[0].kid == "a"
    error_message = "The key set is a setting of the authorizer."
  }
}

run "ended_sessions_are_looked_up_when_asked_for" {
  command = plan

  variables {
    revocation_enabled = true
  }

  assert {
    condition     = module.authorizer.environment["REVOCATIONS_TABLE"] == "cognito-authorizer-authorizer-revocations" && output.revocations_table == module.authorizer.environment["REVOCATIONS_TABLE"]
    error_message = "The authorizer knows the table."
  }
}

run "another_name_makes_another_system" {
  command = plan

  variables {
    name = "second"
  }

  assert {
    condition     = module.authorizer.log_group == "/aws/lambda/second-authorizer" && aws_cloudwatch_dashboard.this.dashboard_name == "second-eu-west-1"
    error_message = "Everything is named after it."
  }
}

run "the_dashboard_shows_this_api_and_its_authorizer" {
  command = plan

  assert {
    condition = alltrue([for text in ["CognitoAuthorizer", "Faults", "KeyFetchFailures", "KeyAge", "ColdStarts", "cognito-authorizer-authorizer", "5XXError"] :
    strcontains(aws_cloudwatch_dashboard.this.dashboard_body, text)])
    error_message = "A metric is missing from the dashboard."
  }
}

run "the_deprecated_runtime_plans_and_says_so_in_words" {
  command = plan

  variables {
    lambda_runtime = "provided.al2"
  }

  expect_failures = [check.runtime_is_supported]
}

run "the_owner_s_choice_of_runtime_is_the_default" {
  command = plan

  variables {
    lambda_runtime = null
  }

  expect_failures = [check.runtime_is_supported]
}
