# The names of the settings are a contract with the function, which does not start if one is wrong. An alarm on a metric
# that nobody sends stays silent. So both are pinned here.

mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name       = "example"
  zip_path   = "versions.tf" # any file serves as a zip: a plan reads its checksum only
  issuers    = ["https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"]
  client_ids = ["4p9exampleclientid7abcd1234", "7k2exampleclientid9efgh5678"]
}

run "omitted_settings_use_the_function_s_defaults" {
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
    error_message = "LEEWAY, JWKS and REVOCATIONS_TABLE are set only if they are given."
  }

  assert {
    condition     = output.revocations_table == null && length(aws_dynamodb_table.revocations) == 0
    error_message = "There is no table by default."
  }
}

run "every_setting_reaches_the_function_under_its_name" {
  command = plan

  variables {
    audiences              = ["https://api.example.com", "orders"]
    token_use              = "access,id"
    leeway_seconds         = 60
    http_response          = "simple"
    expire_cached_policies = false
    revocation_enabled     = true
    contract_digest        = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    groups_claims          = ["cognito:groups", "custom:groups"]
    context_claims         = ["custom:tenant_id", "plan"]
    jwks                   = "{\"keys\": [ {\"kid\": \"a\", \"kty\": \"RSA\", \"n\": \"AQAB\", \"e\": \"AQAB\"} ]}"
  }

  assert {
    condition = output.environment == tomap({
      ISSUERS                = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
      CLIENT_IDS             = "4p9exampleclientid7abcd1234,7k2exampleclientid9efgh5678"
      AUDIENCES              = "https://api.example.com,orders"
      GROUPS_CLAIMS          = "cognito:groups,custom:groups"
      CONTEXT_CLAIMS         = "custom:tenant_id,plan"
      TOKEN_USE              = "access,id"
      LEEWAY                 = "60s"
      JWKS                   = "{\"keys\":[{\"e\":\"AQAB\",\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"AQAB\"}]}"
      HTTP_RESPONSE          = "simple"
      EXPIRE_CACHED_POLICIES = "false"
      REVOCATIONS_TABLE      = "example-revocations"
      CONTRACT_DIGEST        = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      LOG_LEVEL              = "info"
      GOMAXPROCS             = "1"
    })
    error_message = "A setting is missing, or its name is not the one that the function reads."
  }
}

run "revoked_sessions_are_found_by_their_key_and_expire" {
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
      && aws_dynamodb_table.revocations[0].point_in_time_recovery[0].enabled
      && aws_dynamodb_table.revocations[0].deletion_protection_enabled
    )
    error_message = "The key of the table is id (S), its entries expire at expires_at, and it is protected from loss."
  }

  assert {
    condition = [for statement in jsondecode(output.role_policy).Statement : statement if !contains(["Log", "Trace"], statement.Sid)] == [{
      Sid = "ReadRevocations", Effect = "Allow", Action = ["dynamodb:BatchGetItem"], Resource = ["arn:aws:dynamodb:eu-west-1:111122223333:table/example"]
    }]
    error_message = "The authorizer may read items of this table, and nothing else."
  }
}

run "without_a_table_the_authorizer_may_log_and_trace_only" {
  command = plan

  assert {
    condition     = [for statement in jsondecode(output.role_policy).Statement : statement.Sid] == ["Log", "Trace"]
    error_message = "Verifying a token needs no permission."
  }
}

run "alarms_use_the_metrics_that_the_function_sends_and_not_raw_errors" {
  command = plan

  assert {
    condition = { for name, alarm in output.alarms : name => "${alarm.namespace} ${alarm.metric_name} ${jsonencode(alarm.dimensions)}" } == {
      faults             = "CognitoAuthorizer Faults {\"Function\":\"example\"}"
      key-fetch-failures = "CognitoAuthorizer KeyFetchFailures {\"Function\":\"example\"}"
      latency            = "CognitoAuthorizer Duration {\"Function\":\"example\"}"
      throttles          = "AWS/Lambda Throttles {\"FunctionName\":\"example\"}"
    }
    error_message = "A 401 counts as an error of the function, so AWS/Lambda Errors is no signal."
  }
}

run "a_leeway_of_zero_is_passed_on" {
  command = plan

  variables {
    leeway_seconds = 0
  }

  assert {
    condition     = output.environment["LEEWAY"] == "0s"
    error_message = "0 must not be dropped: unset has another meaning."
  }
}

run "with_one_issuer_the_key_set_may_be_listed_under_it" {
  command = plan

  variables {
    jwks = "{\"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123\":{\"keys\":[{\"kid\":\"a\"}]}}"
  }

  assert {
    condition     = strcontains(output.environment["JWKS"], "eu-west-1_AbCdEf123")
    error_message = "The function accepts both forms."
  }
}

run "with_two_issuers_the_key_sets_are_listed_by_issuer" {
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

run "the_table_s_own_key_may_be_used_by_the_authorizer" {
  command = plan

  variables {
    revocation_enabled = true
    table_kms_key_arn  = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  assert {
    condition = aws_dynamodb_table.revocations[0].server_side_encryption[0].kms_key_arn == var.table_kms_key_arn && (
      [for statement in jsondecode(output.role_policy).Statement : statement.Resource if statement.Sid == "DecryptRevocations"] == [[var.table_kms_key_arn]]
    )
    error_message = "The table is encrypted by this key, and the function may decrypt with it."
  }
}

run "an_authorizer_in_a_vpc_without_keys_is_warned_about" {
  command = plan

  variables {
    vpc_config = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  expect_failures = [check.keys_are_reachable]
}

run "an_authorizer_in_a_vpc_with_keys_plans" {
  command = plan

  variables {
    vpc_config = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
    jwks       = "{\"keys\":[{\"kid\":\"a\"}]}"
  }

  assert {
    condition     = strcontains(output.role_policy, "ec2:CreateNetworkInterface")
    error_message = "It may attach to the VPC."
  }
}

run "saved_queries_read_the_authorizer_s_log" {
  command = plan

  assert {
    condition = keys(aws_cloudwatch_query_definition.this) == ["decision", "errors", "key-fetches", "refusals-by-client", "refusals-by-reason", "refusals-by-rule"] && alltrue([
      for query in aws_cloudwatch_query_definition.this : query.log_group_names == tolist(["/aws/lambda/example"])
    ])
    error_message = "Each query reads the log group of this function."
  }
}

# Each variable below is refused. They share runs, since each run loads the provider again, which takes most of the time.

run "refused_1" {
  command = plan

  variables {
    # a leeway of 61 seconds is refused
    leeway_seconds = 61

    # an issuer with a slash at its end is refused
    issuers = ["https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/"]

    # no client is refused
    client_ids = []

    # an unknown token use is refused
    token_use = "refresh"

    # a key for no table is refused
    table_kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

    # a digest that is not one is refused
    contract_digest = "dist/contract.json"
  }

  expect_failures = [var.leeway_seconds, var.issuers, var.client_ids, var.token_use, var.table_kms_key_arn, var.contract_digest]
}

run "refused_2" {
  command = plan

  variables {
    # an issuer over plain http is refused
    issuers = ["http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"]

    # two clients in one string are refused
    client_ids = ["4p9exampleclientid7abcd1234,7k2exampleclientid9efgh5678"]

    # an audience with a comma is refused
    audiences = ["https://api.example.com,orders"]
  }

  expect_failures = [var.issuers, var.client_ids, var.audiences]
}

run "issuers_and_audiences_with_which_the_function_does_not_start_are_refused" {
  command = plan

  variables {
    issuers   = ["https://user@Cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123.json"]
    audiences = ["https://api.example.com/caf\u00e9"]
  }

  expect_failures = [var.issuers, var.audiences]
}

run "refused_3" {
  command = plan

  variables {
    # no issuer is refused
    issuers = []

    # audiences without access tokens are refused
    token_use = "id"
    audiences = ["https://api.example.com"]
  }

  expect_failures = [var.issuers, var.audiences]
}

run "refused_4" {
  command = plan

  variables {
    # an invalid key set is refused
    jwks = "[]"
  }

  expect_failures = [var.jwks]
}

run "refused_5" {
  command = plan

  variables {
    # an empty key set is refused
    jwks = "{\"keys\":[]}"
  }

  expect_failures = [var.jwks]
}

run "refused_6" {
  command = plan

  variables {
    # a key set with a private key is refused
    jwks = "{\"keys\":[{\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"d\":\"AQAB\"}]}"
  }

  expect_failures = [var.jwks]
}

run "refused_7" {
  command = plan

  variables {
    # with two issuers a key set without issuer is refused
    issuers = ["https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123", "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"]
    jwks    = "{\"keys\":[{\"kid\":\"a\"}]}"
  }

  expect_failures = [var.jwks]
}

run "refused_8" {
  command = plan

  variables {
    # keys of an unknown issuer are refused
    issuers = ["https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123", "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"]
    jwks    = "{\"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other\":{\"keys\":[{\"kid\":\"a\"}]}}"
  }

  expect_failures = [var.jwks]
}

run "clients_and_audiences_are_tied_to_their_issuer" {
  command = plan

  variables {
    issuers    = []
    client_ids = []
    issuer_clients = {
      "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123" = { clients = ["4p9exampleclientid7abcd1234"] }
      "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Partners1" = { clients = ["7k2exampleclientid9efgh5678"], audiences = ["https://api.example.com"] }
    }
    jwks = "{\"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Partners1\":{\"keys\":[{\"kid\":\"a\"}]}}"
  }

  assert {
    condition = jsondecode(output.environment["ISSUERS"]) == {
      "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123" = { clients = ["4p9exampleclientid7abcd1234"], audiences = [] }
      "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Partners1" = { clients = ["7k2exampleclientid9efgh5678"], audiences = ["https://api.example.com"] }
    } && !contains(keys(output.environment), "CLIENT_IDS") && !contains(keys(output.environment), "AUDIENCES")
    error_message = "ISSUERS is JSON, and CLIENT_IDS and AUDIENCES are not set beside it."
  }
}

run "issuers_in_two_forms_are_refused" {
  command = plan

  variables {
    issuer_clients = { "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123" = { clients = ["4p9exampleclientid7abcd1234"] } }
  }

  expect_failures = [var.issuers, var.client_ids]
}

run "an_issuer_without_clients_is_refused" {
  command = plan

  variables {
    issuers        = []
    client_ids     = []
    groups_claims  = ["a b"]
    context_claims = ["Username"]
    issuer_clients = { "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123" = { clients = [] } }
  }

  expect_failures = [var.issuer_clients, var.groups_claims, var.context_claims]
}
