# What is refused at plan, each with both sides of its limit.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  lambda_runtime = "provided.al2023"
}

run "an_answer_may_live_as_long_as_an_access_token" {
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

run "an_answer_that_outlives_the_access_token_is_refused" {
  command = plan

  variables {
    access_token_minutes = 5
    result_ttl_seconds   = 301
  }

  expect_failures = [var.result_ttl_seconds]
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

run "a_ttl_of_3601_is_refused" {
  command = plan

  variables {
    access_token_minutes = 120
    result_ttl_seconds   = 3601
  }

  expect_failures = [var.result_ttl_seconds]
}

run "a_pool_of_another_region_is_refused" {
  command = plan

  variables {
    existing_user_pool_id = "us-east-1_AbCdEf123"
    client_ids            = ["2aexampleclientid"]
  }

  expect_failures = [var.existing_user_pool_id]
}

run "a_pool_s_arn_in_place_of_its_id_is_refused" {
  command = plan

  variables {
    existing_user_pool_id = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEf123"
    client_ids            = ["2aexampleclientid"]
  }

  expect_failures = [var.existing_user_pool_id]
}

run "an_existing_pool_without_clients_is_refused" {
  command = plan

  variables {
    existing_user_pool_id = "eu-west-1_AbCdEf123"
  }

  expect_failures = [var.client_ids]
}

run "every_origin_is_refused" {
  command = plan

  variables {
    allowed_origins = ["*"]
  }

  expect_failures = [var.allowed_origins]
}

run "an_origin_with_a_slash_at_its_end_is_refused" {
  command = plan

  variables {
    allowed_origins = ["https://app.example.com/"]
  }

  expect_failures = [var.allowed_origins]
}

run "simple_answers_of_a_rest_api_are_refused" {
  command = plan

  variables {
    http_response = "simple"
  }

  expect_failures = [var.http_response]
}

run "an_unknown_kind_of_api_is_refused" {
  command = plan

  variables {
    api_type = "websocket"
  }

  expect_failures = [var.api_type]
}

run "an_unknown_runtime_is_refused" {
  command = plan

  variables {
    lambda_runtime = "go1.x"
  }

  expect_failures = [var.lambda_runtime]
}

run "a_contract_that_is_not_there_is_refused" {
  command = plan

  variables {
    openapi_path = "../functions/api/nowhere.yaml"
  }

  expect_failures = [var.openapi_path]
}

run "a_missing_zip_of_the_authorizer_is_refused" {
  command = plan

  variables {
    authorizer_zip = "../dist/nowhere.zip"
  }

  expect_failures = [var.authorizer_zip]
}

run "a_missing_zip_of_the_api_is_refused" {
  command = plan

  variables {
    api_zip = "../dist/nowhere.zip"
  }

  expect_failures = [var.api_zip]
}

run "a_name_with_a_capital_letter_is_refused" {
  command = plan

  variables {
    name = "Users"
  }

  expect_failures = [var.name]
}

run "something_else_than_a_topic_is_refused" {
  command = plan

  variables {
    alarm_topic_arn = "on-call@example.com"
  }

  expect_failures = [var.alarm_topic_arn]
}
