# The pool is what cannot be made again: its users go with it. And a client that allows too much is found by others.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_cognito_user_pool" {
    defaults        = { id = "eu-west-1_AbCdEf123", endpoint = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123" }
    override_during = plan
  }
}

variables {
  name          = "users"
  domain_prefix = "login-example"
}

run "the_pool_cannot_be_deleted_by_accident_and_is_closed_to_strangers" {
  command = plan

  assert {
    condition     = aws_cognito_user_pool.this.deletion_protection == "ACTIVE"
    error_message = "Deletion protection is on by default."
  }

  assert {
    condition     = aws_cognito_user_pool.this.admin_create_user_config[0].allow_admin_create_user_only
    error_message = "Nobody makes an account for himself by default."
  }
}

run "people_get_tokens_for_an_hour_that_can_be_revoked_and_no_secret" {
  command = plan

  assert {
    condition = (
      aws_cognito_user_pool_client.web.access_token_validity == 60
      && aws_cognito_user_pool_client.web.token_validity_units[0].access_token == "minutes"
      && aws_cognito_user_pool_client.web.refresh_token_validity == 30
      && aws_cognito_user_pool_client.web.token_validity_units[0].refresh_token == "days"
    )
    error_message = "Lifetimes carry their units: without them 60 would be hours."
  }

  assert {
    condition = (
      !aws_cognito_user_pool_client.web.generate_secret
      && aws_cognito_user_pool_client.web.enable_token_revocation
      && aws_cognito_user_pool_client.web.prevent_user_existence_errors == "ENABLED"
    )
    error_message = "A browser keeps no secret, tokens can be revoked, and nobody learns who has an account."
  }

  assert {
    condition     = aws_cognito_user_pool_client.web.explicit_auth_flows == toset(["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    error_message = "A password does not leave the device in clear."
  }

  assert {
    condition     = !aws_cognito_user_pool_client.web.allowed_oauth_flows_user_pool_client
    error_message = "Without callback URLs there is no managed login."
  }
}

run "managed_login_uses_the_code_flow_and_gives_no_scope_of_the_api" {
  command = plan

  variables {
    callback_urls = ["https://app.example.com/", "http://localhost:8080/"]
  }

  assert {
    condition     = aws_cognito_user_pool_client.web.allowed_oauth_flows == toset(["code"]) && aws_cognito_user_pool_client.web.allowed_oauth_scopes == toset(["openid"])
    error_message = "A scope of the web client goes to everybody who asks."
  }
}

run "programs_get_their_scope_and_cannot_sign_anybody_in" {
  command = plan

  assert {
    condition = (
      aws_cognito_user_pool_client.machine[0].allowed_oauth_flows == toset(["client_credentials"])
      && aws_cognito_user_pool_client.machine[0].allowed_oauth_scopes == toset(["api/users.read"])
      && aws_cognito_user_pool_client.machine[0].generate_secret
      && aws_cognito_user_pool_client.machine[0].explicit_auth_flows == toset(["ALLOW_REFRESH_TOKEN_AUTH"])
    )
    error_message = "The machine client is for client_credentials alone."
  }
}

run "the_groups_and_scopes_of_the_contract_exist" {
  command = plan

  assert {
    condition     = keys(aws_cognito_user_group.this) == ["admins", "owners"]
    error_message = "The contract's groups are admins and owners."
  }

  assert {
    condition     = aws_cognito_resource_server.this.identifier == "api" && toset([for scope in aws_cognito_resource_server.this.scope : scope.scope_name]) == toset(["users.read", "users.write"])
    error_message = "The contract's scopes are api/users.read and api/users.write."
  }
}

run "addresses_are_the_exact_ones" {
  command = plan

  assert {
    condition     = output.issuer == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123" && output.jwks_url == "${output.issuer}/.well-known/jwks.json"
    error_message = "The issuer is https, the endpoint, and no slash at the end."
  }

  assert {
    condition     = output.token_url == "https://login-example.auth.eu-west-1.amazoncognito.com/oauth2/token"
    error_message = "The token endpoint is on the domain of managed login."
  }
}

run "without_a_domain_there_is_no_machine_client" {
  command = plan

  variables {
    domain_prefix = null
  }

  assert {
    condition     = length(aws_cognito_user_pool_client.machine) == 0 && output.token_url == null && output.machine_client_id == null
    error_message = "A machine client needs a token endpoint."
  }
}

run "an_access_token_of_five_minutes_is_the_shortest" {
  command = plan

  variables {
    access_token_minutes = 5
  }

  assert {
    condition     = aws_cognito_user_pool_client.web.access_token_validity == 5 && aws_cognito_user_pool_client.machine[0].access_token_validity == 5
    error_message = "Five minutes are allowed."
  }
}

run "an_access_token_of_four_minutes_is_refused" {
  command = plan

  variables {
    access_token_minutes = 4
  }

  expect_failures = [var.access_token_minutes]
}

run "an_access_token_of_more_than_a_day_is_refused" {
  command = plan

  variables {
    access_token_minutes = 1441
  }

  expect_failures = [var.access_token_minutes]
}

run "a_domain_with_a_word_that_cognito_refuses_is_refused_here" {
  command = plan

  variables {
    domain_prefix = "my-cognito-login"
  }

  expect_failures = [var.domain_prefix]
}

run "a_domain_with_a_capital_letter_is_refused" {
  command = plan

  variables {
    domain_prefix = "Login"
  }

  expect_failures = [var.domain_prefix]
}

run "a_scope_of_no_resource_server_is_refused" {
  command = plan

  variables {
    machine_client_scopes = ["users.read"]
  }

  expect_failures = [var.machine_client_scopes]
}

run "a_callback_over_plain_http_is_refused" {
  command = plan

  variables {
    callback_urls = ["http://app.example.com/"]
  }

  expect_failures = [var.callback_urls]
}

run "a_callback_to_a_host_that_only_begins_like_localhost_is_refused" {
  command = plan

  variables {
    callback_urls = ["http://localhost.example.com/"]
  }

  expect_failures = [var.callback_urls]
}

run "a_group_with_a_space_is_refused" {
  command = plan

  variables {
    groups = { "site admins" = "The API gets groups joined by a space" }
  }

  expect_failures = [var.groups]
}
