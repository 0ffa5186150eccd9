# What a wrong value here would cost: a function without its zip, a role that may do too much, a log kept for ever,
# an alarm that never fires.

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
}

variables {
  name     = "example"
  zip_path = "versions.tf" # any file stands in for a zip: nothing is uploaded
}

run "defaults_are_the_current_runtime_on_arm_with_a_log_that_ends" {
  command = plan

  assert {
    condition     = aws_lambda_function.this.runtime == "provided.al2023" && aws_lambda_function.this.architectures == tolist(["arm64"])
    error_message = "The default is provided.al2023 on arm64."
  }

  assert {
    condition     = aws_lambda_function.this.source_code_hash == filebase64sha256("versions.tf")
    error_message = "A new zip must reach the function."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/lambda/example" && aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "The log group is made here, and it does not keep lines for ever."
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables == tomap({ LOG_LEVEL = "info", GOMAXPROCS = "1" })
    error_message = "Without settings there are the log level, and the one processor that Go is to count on."
  }
}

run "a_function_with_a_whole_processor_or_more_uses_what_it_has" {
  command = plan

  variables {
    memory_mb = 1770
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables == tomap({ LOG_LEVEL = "info" })
    error_message = "Above 1,769 MB there is more than one processor."
  }
}

run "its_address_is_known_before_it_is_there" {
  command = plan

  assert {
    condition     = output.invoke_arn == "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:111122223333:function:example/invocations"
    error_message = "API Gateway calls a function by this address."
  }
}

run "the_role_may_write_its_own_log_and_traces_and_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      {
        Sid      = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource = ["arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/example:*"]
      },
      { Sid = "Trace", Effect = "Allow", Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource = ["*"] },
    ]
    error_message = "The role has another permission than those for its log and traces."
  }
}

run "the_only_resource_that_is_a_star_goes_when_tracing_goes" {
  command = plan

  variables {
    tracing = false
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.this.policy, "\"*\"") && aws_lambda_function.this.tracing_config[0].mode == "PassThrough"
    error_message = "Without tracing no statement may name every resource."
  }
}

run "a_statement_is_added_as_it_is_given" {
  command = plan

  variables {
    policy_statements = [{ sid = "Read", actions = ["dynamodb:GetItem"], resources = ["arn:aws:dynamodb:eu-west-1:111122223333:table/t"] }]
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement[2] == {
      Sid = "Read", Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = ["arn:aws:dynamodb:eu-west-1:111122223333:table/t"]
    }
    error_message = "A statement keeps its actions and its resources."
  }
}

run "an_action_with_a_star_is_refused" {
  command = plan

  variables {
    policy_statements = [{ sid = "All", actions = ["dynamodb:Get*"], resources = ["arn:aws:dynamodb:eu-west-1:111122223333:table/t"] }]
  }

  expect_failures = [var.policy_statements]
}

run "a_resource_that_is_a_star_is_refused" {
  command = plan

  variables {
    policy_statements = [{ sid = "All", actions = ["dynamodb:GetItem"], resources = ["*"] }]
  }

  expect_failures = [var.policy_statements]
}

run "a_zip_that_is_not_there_is_refused" {
  command = plan

  variables {
    zip_path = "nowhere.zip"
  }

  expect_failures = [var.zip_path]
}

# A metric in embedded format has no level, so Lambda takes it for INFO: a filter at WARN would drop it.
run "metrics_pass_the_filter_of_lambda_at_every_level" {
  command = plan

  variables {
    log_level = "error"
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].application_log_level == "INFO" && aws_lambda_function.this.environment[0].variables["LOG_LEVEL"] == "error"
    error_message = "The function filters by LOG_LEVEL; Lambda must let INFO through."
  }
}

run "debug_lines_pass_the_filter_of_lambda" {
  command = plan

  variables {
    log_level = "debug"
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].application_log_level == "DEBUG"
    error_message = "Lambda would drop what log_level asks for."
  }
}

run "settings_of_4096_bytes_fit" {
  command = plan

  variables {
    environment = { JWKS = format("%04068d", 0) } # with JWKS, GOMAXPROCS and 1, LOG_LEVEL and info: 4096
  }

  assert {
    condition     = length(aws_lambda_function.this.environment[0].variables["JWKS"]) == 4068
    error_message = "The limit itself is allowed."
  }
}

run "settings_of_4097_bytes_are_refused" {
  command = plan

  variables {
    environment = { JWKS = format("%04069d", 0) }
  }

  expect_failures = [aws_lambda_function.this]
}

run "alarms_reach_the_topic_when_they_begin_and_when_they_end" {
  command = plan

  variables {
    alarm_topic_arn = "arn:aws:sns:eu-west-1:111122223333:on-call"
    alarms = {
      slow = { description = "slow", namespace = "Own", metric_name = "Duration", dimension = "Function", threshold = 5, percentile = "p99", periods = 3 }
      bad  = { description = "bad", namespace = "Own", metric_name = "Faults", dimension = "Function", threshold = 1 }
    }
  }

  assert {
    condition = alltrue([
      for alarm in concat([aws_cloudwatch_metric_alarm.throttles], values(aws_cloudwatch_metric_alarm.custom)) :
      alarm.alarm_actions == toset(["arn:aws:sns:eu-west-1:111122223333:on-call"]) && alarm.ok_actions == alarm.alarm_actions
    ])
    error_message = "An alarm that nobody hears of is none."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.custom["bad"].statistic == "Sum" && aws_cloudwatch_metric_alarm.custom["bad"].dimensions == tomap({ Function = "example" })
    error_message = "A count is summed, for this function."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.custom["slow"].extended_statistic == "p99" && aws_cloudwatch_metric_alarm.custom["slow"].statistic == null && aws_cloudwatch_metric_alarm.custom["slow"].datapoints_to_alarm == 3
    error_message = "A time is judged by its percentile."
  }
}

run "without_a_topic_the_alarms_stand_all_the_same" {
  command = plan

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.throttles.alarm_actions) == 0 && aws_cloudwatch_metric_alarm.throttles.metric_name == "Throttles"
    error_message = "The alarm on throttles is always there."
  }
}

run "an_unknown_runtime_is_refused" {
  command = plan

  variables {
    runtime = "go1.x"
  }

  expect_failures = [var.runtime]
}

run "go_s_name_of_a_processor_is_refused" {
  command = plan

  variables {
    architecture = "amd64"
  }

  expect_failures = [var.architecture]
}

run "a_retention_that_cloudwatch_has_not_is_refused" {
  command = plan

  variables {
    log_retention_days = 31
  }

  expect_failures = [var.log_retention_days]
}

run "a_concurrency_of_zero_is_refused" {
  command = plan

  variables {
    reserved_concurrency = 0
  }

  expect_failures = [var.reserved_concurrency]
}

run "a_timeout_longer_than_api_gateway_waits_is_refused" {
  command = plan

  variables {
    timeout_seconds = 30
  }

  expect_failures = [var.timeout_seconds]
}
