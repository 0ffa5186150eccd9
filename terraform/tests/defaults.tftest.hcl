# The system with its default settings, and what each setting changes.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  build_path = "modules/build/tests/dist"
}

run "the_default_is_a_rest_api_with_a_new_pool" {
  command = plan

  assert {
    condition     = length(module.rest_api) == 1 && length(module.http_api) == 0 && length(module.user_pool) == 1
    error_message = "By default there is one REST API and one pool."
  }

  assert {
    condition = module.authorizer.environment == tomap({
      ISSUERS                = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
      CLIENT_IDS             = "4p9exampleclientid7abcd1234"
      CONTRACT_DIGEST        = filesha256("modules/build/tests/dist/contract.json")
      TOKEN_USE              = "access"
      HTTP_RESPONSE          = "policy"
      EXPIRE_CACHED_POLICIES = "true"
      LOG_LEVEL              = "info"
      GOMAXPROCS             = "1"
    })
    error_message = "The authorizer accepts access tokens of this pool's client only, and only routes of this contract."
  }
}

run "the_outputs_are_what_the_tools_read" {
  command = plan

  assert {
    condition = (
      output.api_url == "https://abc123.execute-api.eu-west-1.amazonaws.com/prod"
      && output.region == "eu-west-1"
      && output.user_pool_id == "eu-west-1_AbCdEf123"
      && output.web_client_id == "4p9exampleclientid7abcd1234"
      && output.machine_client_id == null
      && output.api_id == "abc123" && output.stage_name == "prod" && output.execution_arn == "arn:aws:execute-api:eu-west-1:111122223333:abc123"
      && output.stage_arn == "arn:aws:apigateway:eu-west-1::/restapis/abc123/stages/prod"
      && output.authorizer_name == "cognito-authorizer-authorizer" && output.api_function_name == "cognito-authorizer-api" && output.version == "v1.0.0"
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
    error_message = "The domain is derived from account, region and name."
  }
}

run "the_api_gets_its_pool_and_its_origins" {
  command = plan

  variables {
    cors      = { allowed_origins = ["https://app.example.com", "http://localhost:8080"] }
    log_level = "debug"
  }

  assert {
    condition = module.api.environment == tomap({
      USER_POOL_ID    = "eu-west-1_AbCdEf123"
      ALLOWED_ORIGINS = "https://app.example.com,http://localhost:8080"
      LOG_LEVEL       = "debug"
      GOMAXPROCS      = "1"
    })
    error_message = "The names are those that the function reads."
  }
}

run "an_http_api_takes_the_place_of_the_rest_api" {
  command = plan

  variables {
    api_type = "http"
  }

  assert {
    condition     = length(module.rest_api) == 0 && length(module.http_api) == 1 && output.api_url == "https://def456.execute-api.eu-west-1.amazonaws.com"
    error_message = "There is one API, of the type in api_type."
  }
}

# The root adds the route to the cache key, so http_response is the only setting.
run "simple_results_need_no_further_setting" {
  command = plan

  variables {
    api_type      = "http"
    http_response = "simple"
  }

  assert {
    condition     = module.authorizer.environment["HTTP_RESPONSE"] == "simple"
    error_message = "The function and API Gateway agree on the form of the result."
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
    error_message = "No second pool is created."
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
    error_message = "Issuers are passed on unchanged."
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

run "revoked_sessions_are_looked_up_if_enabled" {
  command = plan

  variables {
    revocation_enabled = true
  }

  assert {
    condition = module.authorizer.environment["REVOCATIONS_TABLE"] == "cognito-authorizer-authorizer-revocations" && output.revocations_table == module.authorizer.environment["REVOCATIONS_TABLE"] && (
      module.api.environment["REVOCATIONS_TABLE"] == output.revocations_table && module.api.environment["ISSUERS"] == output.issuer
    )
    error_message = "The authorizer reads the table, and the API writes to it."
  }
}

run "another_name_makes_another_system" {
  command = plan

  variables {
    name = "second"
  }

  assert {
    condition     = module.authorizer.log_group == "/aws/lambda/second-authorizer" && aws_cloudwatch_dashboard.this.dashboard_name == "second-eu-west-1"
    error_message = "Every name begins with it."
  }
}

run "the_dashboard_shows_this_api_and_its_authorizer" {
  command = plan

  assert {
    condition = alltrue([for text in ["CognitoAuthorizer", "Faults", "KeyFetchFailures", "KeyAge", "ColdStarts", "cognito-authorizer-authorizer", "5XXError"] :
    strcontains(aws_cloudwatch_dashboard.this.dashboard_body, text)])
    error_message = "A metric is missing from the dashboard."
  }

  assert {
    condition = alltrue([for text in ["docs/runbook.md", "stats count() as calls by route, rule", "keys not fetched", "by client, verified, reason", "#logsV2:logs-insights"] :
    strcontains(aws_cloudwatch_dashboard.this.dashboard_body, text)])
    error_message = "The dashboard links to the runbook and to the saved queries."
  }

  assert {
    condition     = strcontains(output.operator_environment, "export USER_POOL_ID=") && strcontains(output.operator_environment, "export REVOCATIONS_TABLE=''")
    error_message = "An operator's environment names what revoke and flush need."
  }
}

run "the_deprecated_runtime_plans_with_a_warning" {
  command = plan

  variables {
    lambda_runtime = "provided.al2"
  }

  expect_failures = [check.runtime_is_supported]
}

run "the_pool_has_what_the_contract_names" {
  command = plan

  variables {
    scopes                = { "api/users.write" = "Change the users" }
    groups                = { owners = "May act on other users", auditors = "Read everything" }
    machine_client_scopes = ["api/users.read"]
  }

  assert {
    condition     = module.user_pool[0].scopes == toset(["api/users.read", "api/users.write"]) && module.user_pool[0].groups == toset(["admins", "auditors", "owners"])
    error_message = "Scopes and groups of the contract are created, and those in the settings in addition."
  }

  assert {
    condition     = output.machine_client_id == "4p9exampleclientid7abcd1234" && strcontains(module.authorizer.environment["CLIENT_IDS"], ",")
    error_message = "The client for programs is accepted too."
  }

  assert {
    condition     = issensitive(output.machine_client_secret)
    error_message = "A plan must not print the secret."
  }
}

run "the_functions_get_what_an_organisation_requires" {
  command = plan

  variables {
    vpc_config                      = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
    jwks                            = "{\"keys\":[{\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}"
    kms_key_arn                     = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    revocation_enabled              = true
    authorizer_reserved_concurrency = 50
    api_reserved_concurrency        = 20
    authorizer_alias                = { name = "live", provisioned_concurrency = 2 }
  }

  assert {
    condition     = alltrue([for policy in [module.authorizer.role_policy, module.api.role_policy] : strcontains(policy, "AttachToVPC") && strcontains(policy, "DecryptEnvironment")])
    error_message = "Both functions run in the VPC and decrypt their environment."
  }

  assert {
    condition     = module.authorizer.qualifier == "live" && endswith(module.authorizer.invoke_arn, ":function:cognito-authorizer-authorizer:live/invocations")
    error_message = "API Gateway calls the alias."
  }
}

run "the_command_that_flushes_cached_results_is_that_of_the_api" {
  command = plan

  assert {
    condition     = output.flush_command == "aws apigateway flush-stage-authorizers-cache --region eu-west-1 --rest-api-id abc123 --stage-name prod"
    error_message = "A REST API has a stage with a name."
  }
}

run "an_http_api_can_flush_too" {
  command = plan

  variables {
    api_type = "http"
  }

  assert {
    condition     = output.flush_command == "aws apigatewayv2 reset-authorizers-cache --region eu-west-1 --api-id def456 --stage-name '$default'"
    error_message = "The shell must not expand $default."
  }
}

run "another_region_is_another_system" {
  command = plan

  override_data {
    target = data.aws_service.cognito
    values = { region = "us-east-1" }
  }

  assert {
    condition     = aws_cloudwatch_dashboard.this.dashboard_name == "cognito-authorizer-us-east-1"
    error_message = "Dashboards are global, so their names contain the region."
  }
}
