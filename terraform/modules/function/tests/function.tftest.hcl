# The cost of a wrong value here: a function without its zip, a role with too many permissions, a log kept forever, an
# alarm that never fires.

mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name     = "example"
  zip_path = "versions.tf" # any file serves as a zip: a plan reads its checksum only
}

run "defaults_are_the_current_runtime_on_arm_and_a_log_with_an_end" {
  command = plan

  assert {
    condition     = aws_lambda_function.this.runtime == "provided.al2023" && aws_lambda_function.this.architectures == tolist(["arm64"])
    error_message = "The default must be provided.al2023 on arm64."
  }

  assert {
    condition     = aws_lambda_function.this.source_code_hash == filebase64sha256("versions.tf")
    error_message = "A new zip must reach the function."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this[0].name == "/aws/lambda/example" && aws_cloudwatch_log_group.this[0].retention_in_days == 30
    error_message = "The log group must be created here, and must not keep lines forever."
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables == tomap({ LOG_LEVEL = "info", GOMAXPROCS = "1" })
    error_message = "Only the log level and GOMAXPROCS are set by default."
  }

  assert {
    condition     = aws_iam_role.this[0].name == "example-eu-west-1"
    error_message = "IAM is global: the role's name must carry the region."
  }
}

run "a_function_with_more_than_one_vcpu_uses_all_of_them" {
  command = plan

  variables {
    memory_mb = 1770
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables == tomap({ LOG_LEVEL = "info" })
    error_message = "Above 1,769 MB a function has more than one vCPU."
  }
}

run "the_invoke_arn_is_known_before_the_function_exists" {
  command = plan

  assert {
    condition     = output.invoke_arn == "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:111122223333:function:example/invocations"
    error_message = "API Gateway calls a function by this ARN."
  }
}

run "the_role_may_write_its_log_and_traces_only" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.this[0].policy).Statement == [
      {
        Sid      = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource = ["arn:aws:logs:eu-west-1:111122223333:log-group:example:*"]
      },
      { Sid = "Trace", Effect = "Allow", Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource = ["*"] },
    ]
    error_message = "The role has a permission beyond its log and traces."
  }
}

run "without_tracing_no_resource_is_a_wildcard" {
  command = plan

  variables {
    tracing = false
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.this[0].policy, "\"*\"") && aws_lambda_function.this.tracing_config[0].mode == "PassThrough"
    error_message = "Without tracing no statement may name every resource."
  }
}

run "a_statement_is_added_unchanged" {
  command = plan

  variables {
    policy_statements = [{ sid = "Read", actions = ["dynamodb:GetItem"], resources = ["arn:aws:dynamodb:eu-west-1:111122223333:table/t"] }]
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this[0].policy).Statement[2] == {
      Sid = "Read", Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = ["arn:aws:dynamodb:eu-west-1:111122223333:table/t"]
    }
    error_message = "A statement keeps its actions and resources."
  }
}

run "a_zip_in_s3_is_deployed_by_its_version_and_may_be_signed" {
  command = plan

  variables {
    zip_path                = null
    zip_s3                  = { bucket = "artifacts", key = "authorizer.zip", version = "v1" }
    code_signing_config_arn = "arn:aws:lambda:eu-west-1:111122223333:code-signing-config:csc-0123456789abcdef0"
  }

  assert {
    condition = (
      aws_lambda_function.this.s3_bucket == "artifacts" && aws_lambda_function.this.s3_key == "authorizer.zip" && aws_lambda_function.this.s3_object_version == "v1"
      && aws_lambda_function.this.filename == null && aws_lambda_function.this.code_signing_config_arn == var.code_signing_config_arn
    )
    error_message = "The zip comes from S3."
  }
}

run "a_function_in_a_vpc_may_attach_to_it" {
  command = plan

  variables {
    vpc_config = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = aws_lambda_function.this.vpc_config[0].subnet_ids == toset(["subnet-1"]) && strcontains(aws_iam_role_policy.this[0].policy, "ec2:CreateNetworkInterface")
    error_message = "Without these permissions Lambda refuses to create the function."
  }
}

run "own_keys_encrypt_environment_and_log" {
  command = plan

  variables {
    kms_key_arn     = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    log_kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  assert {
    condition     = aws_lambda_function.this.kms_key_arn == var.kms_key_arn && aws_cloudwatch_log_group.this[0].kms_key_id == var.log_kms_key_arn
    error_message = "Both must be encrypted by the keys that were given."
  }

  assert {
    condition     = [for statement in jsondecode(output.role_policy).Statement : statement.Resource if statement.Sid == "DecryptEnvironment"] == [[var.kms_key_arn]]
    error_message = "The function must be able to decrypt its environment, with this key only."
  }
}

run "an_alias_is_what_api_gateway_calls" {
  command = plan

  variables {
    alias = { name = "live", provisioned_concurrency = 2, shift = { version = "7", weight = 0.1 } }
  }

  assert {
    condition     = endswith(output.invoke_arn, ":function:example:live/invocations") && output.qualifier == "live" && aws_lambda_function.this.publish
    error_message = "API Gateway calls the alias, which points to a published version."
  }

  assert {
    condition = (
      aws_lambda_provisioned_concurrency_config.this[0].qualifier == "live" && aws_lambda_provisioned_concurrency_config.this[0].provisioned_concurrent_executions == 2
      && aws_lambda_alias.this[0].routing_config[0].additional_version_weights == tomap({ "7" = 0.1 })
    )
    error_message = "A tenth of the calls goes to version 7."
  }
}

run "an_alias_may_stay_on_an_older_version" {
  command = plan

  variables {
    alias = { name = "live", version = "6" }
  }

  assert {
    condition     = aws_lambda_alias.this[0].function_version == "6" && length(aws_lambda_provisioned_concurrency_config.this) == 0
    error_message = "A rollback is the number of an older version."
  }
}

run "an_existing_role_is_used_and_its_permissions_are_an_output" {
  command = plan

  variables {
    role_arn = "arn:aws:iam::111122223333:role/orders"
  }

  assert {
    condition     = length(aws_iam_role.this) == 0 && length(aws_iam_role_policy.this) == 0 && aws_lambda_function.this.role == var.role_arn && can(jsondecode(output.role_policy).Statement)
    error_message = "No role is created."
  }
}

run "a_role_has_the_path_and_the_boundary_that_were_given" {
  command = plan

  variables {
    role_path                = "/applications/"
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
  }

  assert {
    condition     = aws_iam_role.this[0].path == "/applications/" && aws_iam_role.this[0].permissions_boundary == "arn:aws:iam::111122223333:policy/boundary"
    error_message = "An account may require both."
  }
}

run "a_role_name_that_is_too_long_is_refused" {
  command = plan

  variables {
    name = "a-name-of-fifty-five-characters-leaves-no-place-for-it"
  }

  assert {
    condition     = length(aws_iam_role.this[0].name) == 64
    error_message = "64 characters are allowed."
  }
}

run "a_role_name_of_65_characters_is_refused" {
  command = plan

  variables {
    name = "a-name-of-fifty-five-characters-leaves-no-place-for-it2"
  }

  expect_failures = [aws_iam_role.this]
}

run "an_existing_log_group_is_used" {
  command = plan

  variables {
    log_group_name = "/organisation/orders"
  }

  assert {
    condition = (
      length(aws_cloudwatch_log_group.this) == 0 && aws_lambda_function.this.logging_config[0].log_group == "/organisation/orders"
      && strcontains(output.role_policy, "arn:aws:logs:eu-west-1:111122223333:log-group:/organisation/orders:*")
    )
    error_message = "The function writes to the log group that was given."
  }
}

# A metric in embedded format has no level, so Lambda treats it as INFO: a filter at WARN would drop it.
run "metrics_pass_the_log_filter_of_lambda_at_every_level" {
  command = plan

  variables {
    log_level = "error"
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].application_log_level == "INFO" && aws_lambda_function.this.environment[0].variables["LOG_LEVEL"] == "error"
    error_message = "The function filters by LOG_LEVEL; Lambda must let INFO through."
  }
}

run "debug_lines_pass_the_log_filter_of_lambda" {
  command = plan

  variables {
    log_level = "debug"
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].application_log_level == "DEBUG"
    error_message = "Lambda would drop what log_level asks for."
  }
}

run "an_environment_of_4096_bytes_fits" {
  command = plan

  variables {
    environment = { JWKS = format("%04068d", 0) } # with JWKS, GOMAXPROCS and 1, LOG_LEVEL and info: 4096
  }

  assert {
    condition     = length(aws_lambda_function.this.environment[0].variables["JWKS"]) == 4068
    error_message = "The limit itself is allowed."
  }
}

run "an_environment_of_4097_bytes_is_refused" {
  command = plan

  variables {
    environment = { JWKS = format("%04069d", 0) }
  }

  expect_failures = [aws_lambda_function.this]
}

run "alarms_notify_the_topic_when_they_start_and_end" {
  command = plan

  variables {
    alarm_topic_arn = "arn:aws:sns:eu-west-1:111122223333:on-call"
    alarms = {
      slow   = { description = "slow", namespace = "Own", metric_name = "Duration", dimension = "Function", threshold = 5, percentile = "p99", periods = 3 }
      errors = { description = "errors", namespace = "Own", metric_name = "Faults", dimension = "Function", threshold = 1 }
    }
  }

  assert {
    condition = alltrue([
      for alarm in concat([aws_cloudwatch_metric_alarm.throttles], values(aws_cloudwatch_metric_alarm.custom)) :
      alarm.alarm_actions == toset(["arn:aws:sns:eu-west-1:111122223333:on-call"]) && alarm.ok_actions == alarm.alarm_actions
    ])
    error_message = "Every alarm must notify the topic."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.custom["errors"].statistic == "Sum" && aws_cloudwatch_metric_alarm.custom["errors"].dimensions == tomap({ Function = "example" })
    error_message = "A count is summed, for this function."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.custom["slow"].extended_statistic == "p99" && aws_cloudwatch_metric_alarm.custom["slow"].statistic == null && aws_cloudwatch_metric_alarm.custom["slow"].datapoints_to_alarm == 3
    error_message = "A duration is compared by its percentile."
  }
}

run "alarms_exist_without_a_topic" {
  command = plan

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.throttles.alarm_actions) == 0 && aws_cloudwatch_metric_alarm.throttles.metric_name == "Throttles"
    error_message = "The alarm on throttles must always exist."
  }
}

# Each variable below is refused. They share runs, since each run loads the provider again, which takes most of the time.

run "refused_1" {
  command = plan

  variables {
    # an action with a wildcard is refused
    policy_statements = [{ sid = "All", actions = ["dynamodb:Get*"], resources = ["arn:aws:dynamodb:eu-west-1:111122223333:table/t"] }]

    # a missing zip is refused
    zip_path = "nowhere.zip"

    # code signing without a zip in s3 is refused
    code_signing_config_arn = "arn:aws:lambda:eu-west-1:111122223333:code-signing-config:csc-0123456789abcdef0"

    # a vpc without a security group is refused
    vpc_config = { subnet_ids = ["subnet-1"], security_group_ids = [] }

    # an alias as key is refused
    kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:alias/lambda"

    # latest in an alias is refused
    alias = { name = "live", version = "$LATEST" }

    # an existing role with a boundary is refused
    role_arn                 = "arn:aws:iam::111122223333:role/orders"
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"

    # a key for an existing log group is refused
    log_group_name  = "/organisation/orders"
    log_kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

    # an unknown runtime is refused
    runtime = "go1.x"

    # the name amd64 is refused
    architecture = "amd64"

    # a retention that cloudwatch does not allow is refused
    log_retention_days = 31

    # a timeout longer than api gateway waits is refused
    timeout_seconds = 30
  }

  expect_failures = [var.policy_statements, var.zip_path, var.code_signing_config_arn, var.vpc_config, var.kms_key_arn, var.alias, var.role_arn, var.log_kms_key_arn, var.runtime, var.architecture, var.log_retention_days, var.timeout_seconds]
}

run "refused_2" {
  command = plan

  variables {
    # a wildcard as resource is refused
    policy_statements = [{ sid = "All", actions = ["dynamodb:GetItem"], resources = ["*"] }]

    # no zip at all is refused
    zip_path = null

    # a shift of all calls is refused
    alias = { name = "live", shift = { version = "7", weight = 1 } }
  }

  expect_failures = [var.policy_statements, var.zip_path, var.alias]
}

run "refused_3" {
  command = plan

  variables {
    # a zip from two places is refused
    zip_s3 = { bucket = "artifacts", key = "authorizer.zip", version = "v1" }

    # more provisioned than reserved concurrency is refused
    reserved_concurrency = 1
    alias                = { name = "live", provisioned_concurrency = 2 }
  }

  expect_failures = [var.zip_path, var.reserved_concurrency]
}

run "refused_4" {
  command = plan

  variables {
    # a concurrency of zero is refused
    reserved_concurrency = 0
  }

  expect_failures = [var.reserved_concurrency]
}

run "refused_5" {
  command = plan

  variables {
    # a shift to the version that the alias points to is refused
    alias = { name = "live", version = "7", shift = { version = "7", weight = 0.1 } }
  }

  expect_failures = [var.alias]
}
