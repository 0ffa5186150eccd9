# What is refused at plan.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  build_path = "modules/build/tests/dist"
}

run "a_result_may_live_as_long_as_an_access_token" {
  command = plan

  variables {
    access_token_minutes = 5
    result_ttl_seconds   = 300
  }

  assert {
    condition     = length(module.rest_api) == 1
    error_message = "Five minutes and 300 seconds are the same."
  }
}

run "a_ttl_of_an_hour_is_the_longest" {
  command = plan

  variables {
    result_ttl_seconds = 3600
  }

  assert {
    condition     = length(module.rest_api) == 1
    error_message = "An hour is allowed."
  }
}

run "a_group_that_the_existing_pool_lacks_is_refused" {
  command = plan

  variables {
    existing_user_pool_id = "eu-west-1_Existing1"
    client_ids            = ["2aexampleclientid"]
  }

  override_data {
    target = data.aws_cognito_user_groups.existing
    values = { groups = [{ group_name = "admins" }] }
  }

  expect_failures = [data.aws_cognito_user_groups.existing]
}

run "a_scope_that_no_client_of_the_existing_pool_can_get_is_refused" {
  command = plan

  variables {
    existing_user_pool_id = "eu-west-1_Existing1"
    client_ids            = ["2aexampleclientid"]
  }

  override_data {
    target = data.aws_cognito_user_pool_client.existing
    values = { allowed_oauth_scopes = ["openid"] }
  }

  expect_failures = [output.user_pool_id]
}

run "what_a_trigger_adds_to_tokens_need_not_exist_in_the_pool" {
  command = plan

  variables {
    existing_user_pool_id      = "eu-west-1_Existing1"
    client_ids                 = ["2aexampleclientid"]
    existing_user_pool_checked = false
  }

  assert {
    condition     = length(data.aws_cognito_user_groups.existing) == 0 && length(data.aws_cognito_user_pool_client.existing) == 0
    error_message = "Nothing of the pool is read."
  }
}

run "what_only_a_rest_api_has_is_refused_for_an_http_api" {
  command = plan

  variables {
    api_type          = "http"
    gateway_responses = { THROTTLED = { status_code = "429" } }
    usage_plans       = { partners = { api_keys = ["acme"] } }
    vpc_endpoint_ids  = ["vpce-1"]
    web_acl_arn       = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/b"

    stage_name             = "live"
    manage_account_logging = true
  }

  expect_failures = [var.gateway_responses, var.usage_plans, var.vpc_endpoint_ids, var.web_acl_arn, var.stage_name, var.manage_account_logging]
}

run "what_only_a_new_pool_has_is_refused_with_an_existing_one" {
  command = plan

  variables {
    existing_user_pool_id = "eu-west-1_Existing1"
    client_ids            = ["2aexampleclientid"]
    scopes                = { "api/users.write" = "Change the users" }
    groups                = { auditors = "Read everything" }
    machine_client_scopes = ["api/users.read"]
    domain_prefix         = "login-example"
    callback_urls         = ["https://app.example.com/"]
    logout_urls           = ["https://app.example.com/"]
    self_sign_up          = true

    # its managed login is for a site, and there is none
    existing_login_url = "https://login.example.com"
  }

  expect_failures = [var.scopes, var.groups, var.machine_client_scopes, var.domain_prefix, var.callback_urls, var.logout_urls, var.self_sign_up, var.site_enabled]
}

run "settings_of_a_site_are_refused_without_one" {
  command = plan

  variables {
    site_domain_name     = "app.example.com"
    site_certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
  }

  expect_failures = [var.site_domain_name, var.site_certificate_arn]
}

run "managed_login_of_an_existing_pool_needs_that_pool" {
  command = plan

  variables {
    existing_login_url = "https://login.example.com"
  }

  expect_failures = [var.existing_login_url]
}

# Each variable below is refused. They share runs, since each run loads the provider again, which takes most of the time.

run "refused_1" {
  command = plan

  variables {
    # a result that outlives the access token is refused
    access_token_minutes = 5
    result_ttl_seconds   = 301

    # a pool of another region is refused
    existing_user_pool_id = "us-east-1_AbCdEf123"
    client_ids            = ["2aexampleclientid"]

    # every origin is refused
    cors = { allowed_origins = ["*"] }

    # simple results for a rest api are refused
    http_response = "simple"

    # an unknown runtime is refused
    lambda_runtime = "go1.x"

    # a name with an upper case letter is refused
    name = "Users"

    # an alarm topic that is no arn is refused
    alarm_topic_arn = "on-call@example.com"
  }

  expect_failures = [var.result_ttl_seconds, var.existing_user_pool_id, var.cors, var.http_response, var.lambda_runtime, var.name, var.alarm_topic_arn]
}

run "refused_2" {
  command = plan

  variables {
    # a ttl of 3601 is refused
    access_token_minutes = 120
    result_ttl_seconds   = 3601

    # the arn of a pool is refused
    existing_user_pool_id = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEf123"
    client_ids            = ["2aexampleclientid"]

    # an unknown type of api is refused
    api_type = "websocket"
  }

  expect_failures = [var.result_ttl_seconds, var.existing_user_pool_id, var.api_type]
}

run "refused_3" {
  command = plan

  variables {
    # an existing pool without clients is refused
    existing_user_pool_id = "eu-west-1_AbCdEf123"

    # a site in front of a private api is refused
    site_enabled     = true
    vpc_endpoint_ids = ["vpce-1"]
  }

  expect_failures = [var.client_ids, var.site_enabled]
}

run "refused_4" {
  command = plan

  variables {
    # a site in front of an api with mutual tls is refused
    site_enabled                 = true
    disable_execute_api_endpoint = true
    domain = {
      name            = "api.example.com"
      certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1"
      mutual_tls      = { truststore_uri = "s3://bucket/truststore.pem" }
    }
  }

  expect_failures = [var.site_enabled]
}
