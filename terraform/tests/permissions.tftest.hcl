# What the functions may do in the account, read from the policies of their roles.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  build_path         = "modules/build/tests/dist"
  revocation_enabled = true
}

run "the_api_may_call_three_actions_of_this_one_pool_and_write_to_the_revocation_table" {
  command = plan

  assert {
    condition = [for statement in jsondecode(module.api.role_policy).Statement : statement if statement.Sid == "UseUserPool"] == [{
      Sid      = "UseUserPool"
      Effect   = "Allow"
      Action   = ["cognito-idp:ListUsers", "cognito-idp:AdminGetUser", "cognito-idp:AdminUserGlobalSignOut"]
      Resource = ["arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEf123"]
    }]
    error_message = "The API's role may use this pool alone."
  }

  assert {
    condition     = [for statement in jsondecode(module.api.role_policy).Statement : statement.Action if !contains(["Log", "Trace", "UseUserPool"], statement.Sid)] == [["dynamodb:UpdateItem"]]
    error_message = "A sign-out writes to the revocation table, and nothing reads or deletes there."
  }

  assert {
    condition     = module.api.environment.REVOCATIONS_TABLE == module.authorizer.revocations_table && module.api.environment.ISSUERS == module.authorizer.environment.ISSUERS
    error_message = "The API writes to the table that the authorizer reads, for the issuers that it accepts."
  }
}

run "the_api_may_call_only_the_existing_pool" {
  command = plan

  variables {
    existing_user_pool_id = "eu-west-1_Existing1"
    client_ids            = ["2aexampleclientid"]
  }

  assert {
    condition = [for statement in jsondecode(module.api.role_policy).Statement : statement.Resource if statement.Sid == "UseUserPool"] == [
      ["arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Existing1"]
    ]
    error_message = "The API's role names that pool."
  }
}

run "the_authorizer_may_only_read_the_table_of_revoked_sessions" {
  command = plan

  assert {
    condition     = [for statement in jsondecode(module.authorizer.role_policy).Statement : statement.Action if !contains(["Log", "Trace"], statement.Sid)] == [["dynamodb:BatchGetItem"]]
    error_message = "Verifying a token needs no other permission."
  }
}

# X-Ray has no resources to name: its statement is the one exception.
run "no_role_has_a_wildcard_that_it_does_not_need" {
  command = plan

  assert {
    condition = alltrue([
      for statement in concat(jsondecode(module.api.role_policy).Statement, jsondecode(module.authorizer.role_policy).Statement) :
      !strcontains(join(" ", statement.Action), "*") && (!contains(statement.Resource, "*") || statement.Sid == "Trace")
    ])
    error_message = "No action is a wildcard, and no resource but X-Ray's."
  }
}

run "without_tracing_no_statement_names_every_resource" {
  command = plan

  variables {
    tracing = false
  }

  assert {
    condition     = !strcontains("${module.api.role_policy}${module.authorizer.role_policy}", "\"*\"")
    error_message = "No resource is a wildcard."
  }
}
