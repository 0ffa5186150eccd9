# A lost pool cannot be recreated: its users are lost with it. A client that allows too much is found by an attacker.

mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name          = "users"
  domain_prefix = "login-example"

  scopes                = { "api/users.read" = "Read the users", "api/users.write" = null }
  machine_client_scopes = ["api/users.read"]
  groups                = { admins = "May act on other users", owners = null }
}

run "the_pool_refuses_to_be_deleted_and_allows_no_self_sign_up" {
  command = plan

  assert {
    condition     = aws_cognito_user_pool.this.deletion_protection == "ACTIVE"
    error_message = "Deletion protection is on by default."
  }

  assert {
    condition     = aws_cognito_user_pool.this.admin_create_user_config[0].allow_admin_create_user_only
    error_message = "Nobody can create an account without an administrator by default."
  }
}

run "people_get_revocable_tokens_for_an_hour_and_no_secret" {
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
    error_message = "A browser cannot keep a secret, tokens can be revoked, and a sign-in does not reveal who has an account."
  }

  assert {
    condition     = aws_cognito_user_pool_client.web.explicit_auth_flows == toset(["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    error_message = "A password must not leave the device in clear text."
  }

  assert {
    condition     = !aws_cognito_user_pool_client.web.allowed_oauth_flows_user_pool_client
    error_message = "Without callback URLs there is no managed login."
  }
}

run "managed_login_uses_the_code_flow_and_grants_no_scope_of_the_api" {
  command = plan

  variables {
    callback_urls = ["https://app.example.com/", "http://localhost:8080/"]
  }

  assert {
    condition     = aws_cognito_user_pool_client.web.allowed_oauth_flows == toset(["code"]) && aws_cognito_user_pool_client.web.allowed_oauth_scopes == toset(["openid"])
    error_message = "A scope of the web client is granted to everybody who asks."
  }
}

run "programs_get_their_scope_and_cannot_sign_people_in" {
  command = plan

  assert {
    condition = (
      aws_cognito_user_pool_client.machine[0].allowed_oauth_flows == toset(["client_credentials"])
      && aws_cognito_user_pool_client.machine[0].allowed_oauth_scopes == toset(["api/users.read"])
      && aws_cognito_user_pool_client.machine[0].generate_secret
      && aws_cognito_user_pool_client.machine[0].explicit_auth_flows == toset(["ALLOW_REFRESH_TOKEN_AUTH"])
    )
    error_message = "The machine client supports client_credentials only."
  }
}

run "groups_and_scopes_are_created" {
  command = plan

  assert {
    condition     = keys(aws_cognito_user_group.this) == ["admins", "owners"]
    error_message = "Each group is created."
  }

  assert {
    condition     = aws_cognito_resource_server.this["api"].identifier == "api" && toset([for scope in aws_cognito_resource_server.this["api"].scope : scope.scope_name]) == toset(["users.read", "users.write"])
    error_message = "The scopes api/users.read and api/users.write belong to the resource server api."
  }
}

run "urls_are_exact" {
  command = plan

  assert {
    condition     = output.issuer == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123" && output.jwks_url == "${output.issuer}/.well-known/jwks.json"
    error_message = "The issuer is https and the endpoint, without a slash at the end."
  }

  assert {
    condition     = output.token_url == "https://login-example.auth.eu-west-1.amazoncognito.com/oauth2/token"
    error_message = "The token endpoint is on the domain of managed login."
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

run "a_resource_server_may_be_a_url" {
  command = plan

  variables {
    scopes                = { "https://api.example.com/orders/orders.read" = null }
    machine_client_scopes = ["https://api.example.com/orders/orders.read"]
  }

  assert {
    condition     = keys(aws_cognito_resource_server.this) == ["https://api.example.com/orders"] && one(aws_cognito_resource_server.this["https://api.example.com/orders"].scope).scope_description == "https://api.example.com/orders/orders.read"
    error_message = "The part after the last slash is the name of the scope."
  }
}

run "without_scopes_there_is_no_machine_client" {
  command = plan

  variables {
    machine_client_scopes = []
    domain_prefix         = null
  }

  assert {
    condition     = length(aws_cognito_user_pool_client.machine) == 0 && output.token_url == null && output.machine_client_id == null
    error_message = "A client for programs is billed, so it exists only if it is asked for."
  }
}

run "triggers_may_be_called_by_this_pool_only" {
  command = plan

  variables {
    triggers = { pre_token_generation = "arn:aws:lambda:eu-west-1:111122223333:function:claims" }
  }

  assert {
    condition = (
      aws_cognito_user_pool.this.lambda_config[0].pre_token_generation_config[0].lambda_version == "V2_0"
      && keys(aws_lambda_permission.trigger) == ["pre_token_generation"]
      && aws_lambda_permission.trigger["pre_token_generation"].source_arn == aws_cognito_user_pool.this.arn
    )
    error_message = "Without the permission every sign-in fails."
  }
}

run "an_organisation_s_settings_reach_the_pool" {
  command = plan

  variables {
    tier                  = "PLUS"
    threat_protection     = "ENFORCED"
    managed_login_version = 2
    callback_urls         = ["https://app.example.com/", "myapp://signed-in"]
    ses                   = { identity_arn = "arn:aws:ses:eu-west-1:111122223333:identity/example.com", from = "Example <no-reply@example.com>" }
    identity_providers    = { Corp = { type = "OIDC", details = { client_id = "x", authorize_scopes = "openid", oidc_issuer = "https://idp.example.com", attributes_request_method = "GET" } } }
  }

  assert {
    condition = (
      aws_cognito_user_pool.this.user_pool_add_ons[0].advanced_security_mode == "ENFORCED"
      && aws_cognito_user_pool.this.email_configuration[0].email_sending_account == "DEVELOPER"
      && aws_cognito_user_pool_domain.this[0].managed_login_version == 2
      && aws_cognito_user_pool_client.web.supported_identity_providers == toset(["COGNITO", "Corp"])
    )
    error_message = "Tier, threat protection, mail, managed login and identity providers are set."
  }
}

# Each variable below is refused. They share runs, since each run loads the provider again, which takes most of the time.

run "refused_1" {
  command = plan

  variables {
    # a machine client without a domain is refused
    domain_prefix = null

    # an access token of four minutes is refused
    access_token_minutes = 4

    # a callback over plain http is refused
    callback_urls = ["http://app.example.com/"]

    # a group with a space is refused
    groups = { "site admins" = "The API gets groups joined by a space" }

    # a trigger for access tokens in the tier lite is refused
    tier     = "LITE"
    triggers = { pre_token_generation = "arn:aws:lambda:eu-west-1:111122223333:function:claims" }

    # threat protection without the tier plus is refused
    threat_protection = "ENFORCED"
  }

  expect_failures = [var.machine_client_scopes, var.access_token_minutes, var.callback_urls, var.groups, var.triggers, var.threat_protection]
}

run "refused_2" {
  command = plan

  variables {
    # an access token of more than a day is refused
    access_token_minutes = 1441

    # a domain with a word that cognito refuses is refused
    domain_prefix = "my-cognito-login"

    # a callback to a host that begins like localhost is refused
    callback_urls = ["http://localhost.example.com/"]

    # a scope without a resource server is refused
    scopes                = { "users.read" = null }
    machine_client_scopes = ["users.read"]

    # managed login 2 in the tier lite is refused
    tier                  = "LITE"
    managed_login_version = 2
  }

  expect_failures = [var.access_token_minutes, var.domain_prefix, var.callback_urls, var.scopes, var.managed_login_version]
}

run "refused_3" {
  command = plan

  variables {
    # a domain with a capital letter is refused
    domain_prefix = "Login"
  }

  expect_failures = [var.domain_prefix]
}

run "refused_4" {
  command = plan

  variables {
    # a machine scope that does not exist is refused
    machine_client_scopes = ["users.read"]

    # an identity provider without managed login is refused
    identity_providers = { Corp = { type = "SAML", details = { MetadataURL = "https://idp.example.com/metadata" } } }
  }

  expect_failures = [var.machine_client_scopes, var.identity_providers]
}
