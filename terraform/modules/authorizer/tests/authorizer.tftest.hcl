# The names of the settings are a contract with the function, which stops at start when one is wrong; and an alarm on
# a metric that nobody sends stays silent. So both are pinned here.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults        = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/example" }
    override_during = plan
  }
  mock_resource "aws_dynamodb_table" {
    defaults        = { arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/example-revocations" }
    override_during = plan
  }
}

variables {
  name       = "example"
  zip_path   = "versions.tf" # any file stands in for a zip: nothing is uploaded
  issuers    = ["https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"]
  client_ids = ["4p9exampleclientid7abcd1234", "7k2exampleclientid9efgh5678"]
}

run "settings_left_out_are_left_to_the_function" {
  command = plan

  assert {
    condition = output.environment == tomap({
      ISSUERS                = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
      CLIENT_IDS             = "4p9exampleclientid7abcd1234,7k2exampleclientid9efgh5678"
      TOKEN_USE              = "access"
      HTTP_RESPONSE          = "policy"
      EXPIRE_CACHED_POLICIES = "true"
      LOG_LEVEL              = "info"
      GOMAXPROCS             = "1"
    })
    error_message = "LEEWAY, JWKS and REVOCATIONS_TABLE are set only when asked for."
  }

  assert {
    condition     = output.revocations_table == null && length(aws_dynamodb_table.revocations) == 0
    error_message = "No table unless asked for."
  }
}

run "every_setting_reaches_the_function_under_its_name" {
  command = plan

  variables {
    token_use              = "access,id"
    leeway_seconds         = 60
    http_response          = "simple"
    expire_cached_policies = false
    revocation_enabled     = true
    jwks                   = "{\"keys\": [ {\"kid\": \"a\", \"kty\": \"RSA\", \"n\": \"AQAB\", \"e\": \"AQAB\"} ]}"
  }

  assert {
    condition = output.environment == tomap({
      ISSUERS                = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
      CLIENT_IDS             = "4p9exampleclientid7abcd1234,7k2exampleclientid9efgh5678"
      TOKEN_USE              = "access,id"
      LEEWAY                 = "60s"
      JWKS                   = "{\"keys\":[{\"e\":\"AQAB\",\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"AQAB\"}]}"
      HTTP_RESPONSE          = "simple"
      EXPIRE_CACHED_POLICIES = "false"
      REVOCATIONS_TABLE      = "example-revocations"
      LOG_LEVEL              = "info"
      GOMAXPROCS             = "1"
    })
    error_message = "A setting is missing, or has another name than the function reads."
  }
}

run "the_table_of_ended_sessions_is_read_by_its_key_and_clears_itself" {
  command = plan

  variables {
    revocation_enabled = true
  }

  assert {
    condition = (
      aws_dynamodb_table.revocations[0].hash_key == "id"
      && one(aws_dynamodb_table.revocations[0].attribute).type == "S"
      && aws_dynamodb_table.revocations[0].ttl[0].attribute_name == "expires_at"
      && aws_dynamodb_table.revocations[0].ttl[0].enabled
    )
    error_message = "The table's key is id (S), and its entries expire at expires_at."
  }

  assert {
    condition = [for statement in jsondecode(output.role_policy).Statement : statement if !contains(["Log", "Trace"], statement.Sid)] == [{
      Sid = "ReadRevocations", Effect = "Allow", Action = ["dynamodb:BatchGetItem"], Resource = ["arn:aws:dynamodb:eu-west-1:111122223333:table/example-revocations"]
    }]
    error_message = "The authorizer may read items of this one table, and nothing else."
  }
}

run "without_the_table_the_authorizer_may_do_nothing_but_log_and_trace" {
  command = plan

  assert {
    condition     = [for statement in jsondecode(output.role_policy).Statement : statement.Sid] == ["Log", "Trace"]
    error_message = "Judging a token needs no permission."
  }
}

run "alarms_stand_on_the_metrics_that_the_function_sends_and_not_on_raw_errors" {
  command = plan

  assert {
    condition = { for name, alarm in output.alarms : name => "${alarm.namespace} ${alarm.metric_name} ${jsonencode(alarm.dimensions)}" } == {
      faults             = "CognitoAuthorizer Faults {\"Function\":\"example\"}"
      key-fetch-failures = "CognitoAuthorizer KeyFetchFailures {\"Function\":\"example\"}"
      latency            = "CognitoAuthorizer Duration {\"Function\":\"example\"}"
      throttles          = "AWS/Lambda Throttles {\"FunctionName\":\"example\"}"
    }
    error_message = "A 401 counts as an error of the function, so AWS/Lambda Errors says nothing here."
  }
}

run "a_leeway_of_61_seconds_is_refused" {
  command = plan

  variables {
    leeway_seconds = 61
  }

  expect_failures = [var.leeway_seconds]
}

run "no_leeway_at_all_is_a_setting" {
  command = plan

  variables {
    leeway_seconds = 0
  }

  assert {
    condition     = output.environment["LEEWAY"] == "0s"
    error_message = "0 is not the same as unset."
  }
}

run "an_issuer_with_a_slash_at_its_end_is_refused" {
  command = plan

  variables {
    issuers = ["https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/"]
  }

  expect_failures = [var.issuers]
}

run "an_issuer_over_plain_http_is_refused" {
  command = plan

  variables {
    issuers = ["http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"]
  }

  expect_failures = [var.issuers]
}

run "no_issuer_is_refused" {
  command = plan

  variables {
    issuers = []
  }

  expect_failures = [var.issuers]
}

run "no_client_is_refused" {
  command = plan

  variables {
    client_ids = []
  }

  expect_failures = [var.client_ids]
}

run "two_clients_in_one_text_are_refused" {
  command = plan

  variables {
    client_ids = ["4p9exampleclientid7abcd1234,7k2exampleclientid9efgh5678"]
  }

  expect_failures = [var.client_ids]
}

run "an_unknown_kind_of_token_is_refused" {
  command = plan

  variables {
    token_use = "refresh"
  }

  expect_failures = [var.token_use]
}

run "a_key_set_that_is_not_one_is_refused" {
  command = plan

  variables {
    jwks = "[]"
  }

  expect_failures = [var.jwks]
}

run "an_empty_key_set_is_refused" {
  command = plan

  variables {
    jwks = "{\"keys\":[]}"
  }

  expect_failures = [var.jwks]
}

run "a_key_set_with_a_private_key_is_refused" {
  command = plan

  variables {
    jwks = "{\"keys\":[{\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"d\":\"AQAB\"}]}"
  }

  expect_failures = [var.jwks]
}

run "with_one_issuer_the_key_set_may_be_named_by_it" {
  command = plan

  variables {
    jwks = "{\"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123\":{\"keys\":[{\"kid\":\"a\"}]}}"
  }

  assert {
    condition     = strcontains(output.environment["JWKS"], "eu-west-1_AbCdEf123")
    error_message = "The function takes both forms."
  }
}

run "with_two_issuers_the_key_sets_are_named_by_issuer" {
  command = plan

  variables {
    issuers = ["https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123", "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"]
    jwks    = "{\"https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123\":{\"keys\":[{\"kid\":\"a\"}]}}"
  }

  assert {
    condition     = output.environment["ISSUERS"] == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123,https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
    error_message = "Both issuers are accepted."
  }
}

run "with_two_issuers_a_key_set_of_nobody_is_refused" {
  command = plan

  variables {
    issuers = ["https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123", "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"]
    jwks    = "{\"keys\":[{\"kid\":\"a\"}]}"
  }

  expect_failures = [var.jwks]
}

run "keys_of_an_issuer_that_is_not_accepted_are_refused" {
  command = plan

  variables {
    issuers = ["https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123", "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"]
    jwks    = "{\"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other\":{\"keys\":[{\"kid\":\"a\"}]}}"
  }

  expect_failures = [var.jwks]
}
